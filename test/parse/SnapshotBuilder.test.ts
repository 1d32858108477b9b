import { describe, expect, test } from 'vitest';
import { answersOf } from '../../src/knowledge/nodeCommands.ts';
import { isKnown, missing } from '../../src/model/Fact.ts';
import type { Pod } from '../../src/model/kubernetes.ts';
import {
  type DocumentName,
  documentNames,
  type RawDocument,
  type RawDocuments,
  type RawNode,
} from '../../src/model/raw.ts';
import { SnapshotBuilder, type SnapshotOptions } from '../../src/parse/SnapshotBuilder.ts';
import { aNode, anAgentPod, healthyFacts } from '../support/healthy.ts';

const notAsked = missing('notCollected', 'not asked');
type Changes = Partial<Record<DocumentName, RawDocument>>;
const documents = (names: readonly string[], changes: Changes = {}): RawDocuments => {
  const facts: Readonly<Record<string, unknown>> = { ...healthyFacts(names), ciliumConfig: notAsked };
  const read = Object.fromEntries(documentNames.map((name) => [name, facts[name] ?? notAsked]));
  return { ...(read as RawDocuments), ...changes };
};
const list = (value: readonly unknown[]): RawDocument => ({ value, source: 'kubectl get it' });
const builder = (changes: Partial<SnapshotOptions> = {}): SnapshotBuilder =>
  new SnapshotBuilder({
    origin: { kind: 'sysdump', file: 'dump.zip' },
    takenAt: '2026-11-21T10:00:00Z',
    selectedNodes: undefined,
    ciliumNamespace: undefined,
    ...changes,
  });
const answered = (name: string, kernel = '6.18.3'): RawNode => ({
  name,
  answers: { kernel: { text: `${kernel}\n`, stderr: '', exitCode: 0, command: 'uname -r' } },
});

test('a cluster: nodes by name, n2 before n10, whatever the order in which they answer', () => {
  const build = builder();
  build.documents(documents(['n10', 'n2', 'n1']));
  build.node(answered('n10'));
  build.node(answered('n1', '5.10.0'));
  build.node(answered('n2'));
  const snapshot = build.build();
  expect(snapshot).toMatchObject({
    origin: { kind: 'sysdump', file: 'dump.zip' },
    takenAt: '2026-11-21T10:00:00Z',
    distribution: 'kubeadm',
    cilium: { namespace: 'kube-system', agentDaemonSets: ['cilium'], operatorDeployment: 'cilium-operator' },
    malformed: [],
  });
  expect(snapshot.nodes.map(({ name }) => name)).toEqual(['n1', 'n2', 'n10']);
  expect(snapshot.nodes.map(({ coverage }) => coverage.kind)).toEqual(['covered', 'covered', 'covered']);
  expect(snapshot.nodes[0]?.facts.kernel).toEqual({ value: '5.10.0', source: 'uname -r' });
  expect(snapshot.nodes[0]?.agent).toEqual({
    namespace: 'kube-system',
    name: 'cilium-n1',
    container: 'cilium-agent',
    startedAt: expect.any(String),
    restarts: 0,
    lastEnd: undefined,
    ready: true,
  });
});

const factsOf = (changes: Changes, options: Partial<SnapshotOptions> = {}) => {
  const build = builder(options);
  build.documents(documents(['n1', 'n2'], changes));
  build.node(answered('n1'));
  const node = build.build().nodes.find(({ name }) => name === 'n2');
  const facts = Object.values(node?.facts ?? {}) as readonly unknown[];
  expect(facts).toHaveLength(Object.keys(answersOf).length);
  expect(new Set(facts.map((fact) => JSON.stringify(fact))).size).toBe(1);
  return { coverage: node?.coverage.kind, agent: node?.agent?.name, fact: facts[0] };
};

describe('a node that did not answer', () => {
  test.each([
    ['there is an agent', {}, 'covered', 'cilium-n2', missing('notCollected', 'nothing was read of this node')],
    [
      'there is no agent',
      { systemPods: list([anAgentPod('n1')]) },
      'covered',
      undefined,
      missing('absent', 'there is no agent pod on this node'),
    ],
    [
      'nobody knows whether there is one',
      { systemPods: missing('forbidden', 'pods is forbidden') },
      'covered',
      undefined,
      missing('forbidden', 'the agent pods could not be listed: pods is forbidden'),
    ],
    [
      'there is to be none',
      {
        nodes: list([
          aNode('n1'),
          aNode('n2', { metadata: { name: 'n2', labels: { 'kubernetes.io/os': 'windows' } } }),
        ]),
        systemPods: list([anAgentPod('n1')]),
      },
      'excluded',
      undefined,
      missing('notCollected', 'not examined: a Windows node: Cilium runs on Linux'),
    ],
  ])('%s', (_, changes: Changes, coverage, agent, fact) => {
    expect(factsOf(changes)).toEqual({ coverage, agent, fact });
  });

  test('the user left it out', () => {
    expect(factsOf({}, { selectedNodes: new Set(['n1']) })).toEqual({
      coverage: 'notSelected',
      agent: 'cilium-n2',
      fact: missing('notCollected', 'left out by --node'),
    });
  });
});

test('an agent where the selectors want none is looked at', () => {
  const build = builder();
  build.documents(
    documents(['n1'], {
      nodes: list([aNode('n1', { metadata: { name: 'n1', labels: { 'kubernetes.io/os': 'other' } } })]),
    }),
  );
  expect(build.build().nodes[0]?.coverage).toEqual({ kind: 'covered' });
});

test('nodes of which only answers or agents are known are there, too', () => {
  const build = builder();
  build.documents(documents(['n1'], { nodes: missing('forbidden', 'nodes is forbidden') }));
  build.node(answered('n3'));
  const { nodes } = build.build();
  expect(nodes.map(({ name, coverage }) => `${name} ${coverage.kind}`)).toEqual(['n1 covered', 'n3 covered']);
});

test('a rolling update: the pod that runs is the agent', () => {
  const old: Pod = anAgentPod('n1');
  const pending = {
    ...anAgentPod('n1', { phase: 'Pending', containerStatuses: [], conditions: [] }),
    metadata: { ...old.metadata, name: 'cilium-new' },
  };
  for (const systemPods of [
    [old, pending],
    [pending, old],
  ]) {
    const build = builder();
    build.documents(documents(['n1'], { systemPods: list(systemPods) }));
    expect(build.build().nodes[0]?.agent).toMatchObject({ name: 'cilium-n1', ready: true });
  }
});

test('the kube-proxy pod of the node names its rules', () => {
  const kubeProxy: Pod = {
    metadata: { name: 'kube-proxy-abc', namespace: 'kube-system' },
    spec: { nodeName: 'n1', containers: [{ name: 'kube-proxy' }] },
    status: { phase: 'Running' },
  };
  const build = builder();
  build.documents(documents(['n1'], { systemPods: list([anAgentPod('n1'), kubeProxy]) }));
  build.node({ name: 'n1', answers: { proxyIptables: { text: '', stderr: '', exitCode: 0, command: 'x' } } });
  const rules = build.build().nodes[0]?.facts.proxyRules;
  expect(rules && isKnown(rules) ? rules.value.pod : rules).toBe('kube-proxy-abc');
});

test('objects of a wrong shape are named', () => {
  const build = builder();
  build.documents(
    documents(['n1'], { services: list([{ metadata: { name: 'ok' } }, { metadata: { name: 'x' }, spec: 5 }]) }),
  );
  expect(build.build().malformed).toEqual([expect.objectContaining({ document: 'services', object: 'x' })]);
});

describe('refusals', () => {
  test('no documents', () => {
    expect(() => builder().build()).toThrow('Nothing was read');
  });

  test('no such node', () => {
    expect(() => builder({ selectedNodes: new Set(['n1', 'n7']) }).documents(documents(['n1', 'n2']))).toThrow(
      'There is no node n7',
    );
  });

  test('no Cilium', () => {
    expect(() => builder().documents(documents(['n1'], { daemonSets: list([]) }))).toThrow('no Cilium in this cluster');
  });

  test('DaemonSets that may not be listed: agents are found by their pods, or not at all', () => {
    const daemonSets = missing('forbidden', 'daemonsets is forbidden');
    const build = builder();
    build.documents(documents(['n1'], { daemonSets }));
    expect(build.build().cilium).toMatchObject({ namespace: 'kube-system', agentDaemonSets: ['cilium'] });
    expect(() => builder().documents(documents(['n1'], { daemonSets, systemPods: list([]) }))).toThrow(
      'daemonsets is forbidden',
    );
  });
});

describe('a node whose kube-proxy alone was asked', () => {
  const rules: RawNode = {
    name: 'n2',
    answers: {
      proxyIptables: { text: '*nat\nCOMMIT\n', stderr: '', exitCode: 0, command: 'iptables-save -c' },
    },
  };
  const built = (changes: Changes) => {
    const build = builder();
    build.documents(documents(['n1', 'n2'], { systemPods: list([anAgentPod('n1')]), ...changes }));
    build.node(answered('n1'));
    build.node(rules);
    const node = build.build().nodes.find(({ name }) => name === 'n2');
    if (node === undefined) throw new Error('no n2');
    return node;
  };

  test('is as missing its agent as before', () => {
    const { coverage, facts } = built({});
    expect(coverage.kind).toBe('covered');
    expect(facts.status).toEqual(missing('absent', 'there is no agent pod on this node'));
    expect(isKnown(facts.proxyRules)).toBe(true);
  });

  test('is not covered where no agent is to run', () => {
    const windows = { ...aNode('n2'), metadata: { name: 'n2', labels: { 'kubernetes.io/os': 'windows' } } };
    const { coverage, facts } = built({ nodes: list([aNode('n1'), windows]) });
    expect(coverage.kind).toBe('excluded');
    expect(facts.status).toMatchObject({ missing: 'notCollected' });
  });
});

test('CiliumNodeConfigs of other namespaces than Cilium’s count for no agent', () => {
  const configs = ['default', 'kube-system'].map((namespace) => ({ metadata: { namespace, name: 'edge' }, spec: {} }));
  const build = builder();
  build.documents(documents(['n1'], { ciliumNodeConfigs: list(configs) }));
  const { facts, cilium } = build.build();
  expect(facts.ciliumNodeConfigs).toMatchObject({ value: [{ metadata: { namespace: 'kube-system' } }] });
  expect(cilium.strayNodeConfigs).toEqual(['default/edge']);
});

test.each(['--all', '-lkubernetes.io/os=linux', '../n1', 'N1', ''])(
  'answers of a node named %j are refused',
  (name) => {
    const build = builder();
    build.documents(documents(['n1']));
    expect(() => build.node(answered(name))).toThrow('is no name that Kubernetes gives a node');
  },
);
