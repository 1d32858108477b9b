import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { accessGranted } from '../../../checks/examination/accessGranted.ts';
import { answersUnderstood } from '../../../checks/examination/answersUnderstood.ts';
import { nodesRead } from '../../../checks/examination/nodesRead.ts';
import { versionKnown } from '../../../checks/examination/versionKnown.ts';
import { ciliumMinor } from '../../../src/knowledge/ciliumVersion.ts';
import { nodeFactNames } from '../../../src/knowledge/nodeCommands.ts';
import { answerNames } from '../../../src/model/raw.ts';
import {
  allMissing,
  aMissing,
  aSnapshot,
  codesOf,
  findingsOf,
  type NodeChanges,
  resultOf,
  type SnapshotChanges,
} from '../../support/aSnapshot.ts';
import { outlineOf } from '../../../src/report/outline/outlineOf.ts';
import { reportOf } from '../../support/readRecording.ts';
import { noNode, standardCases } from '../../support/standardCases.ts';

describe('access-granted', () => {
  test.each<[string, SnapshotChanges, string[]]>([
    ['healthy', {}, []],
    ['a collection', { facts: { services: aMissing('forbidden') } }, ['error collection list services']],
    [
      'of a group',
      { facts: { endpointSlices: aMissing('forbidden') } },
      ['error collection list endpointslices.discovery.k8s.io'],
    ],
    ['one object', { facts: { ciliumConfig: aMissing('forbidden') } }, ['error object cilium-config configmaps']],
    [
      'one that matters less',
      { facts: { clusterInfo: aMissing('forbidden') } },
      ['warning object cluster-info configmaps'],
    ],
    ['missing for another reason', { facts: { services: aMissing('timeout') } }, []],
  ])('%s', (_, changes, expected) => {
    const found = findingsOf(accessGranted, aSnapshot(changes));
    expect(
      found.map(({ severity, variant, params }) =>
        [severity, variant, params['verb'] ?? params['object'], params['resource']].join(' '),
      ),
    ).toEqual(expected);
  });

  test('exec is one finding for all nodes', () => {
    const forbidden = allMissing('forbidden');
    expect(findingsOf(accessGranted, aSnapshot({ nodes: { n1: forbidden, n2: forbidden } }))).toMatchObject([
      { code: 'KPR9001', variant: 'exec', nodes: ['n1', 'n2'] },
    ]);
    expect(codesOf(accessGranted, aSnapshot({ nodes: { n2: { proxyRules: aMissing('forbidden') } } }))).toEqual([
      'KPR9001 n2',
    ]);
    expect(
      codesOf(accessGranted, aSnapshot({ nodes: { n2: { coverage: { kind: 'notSelected' }, ...forbidden } } })),
    ).toEqual([]);
  });

  test('what nodes were not asked for because a list is forbidden is no matter of exec', () => {
    const refused = aMissing('forbidden', 'GET /apis/discovery.k8s.io/v1/endpointslices: 403');
    const snapshot = aSnapshot({ facts: { endpointSlices: refused }, nodes: { n1: { reachProbe: refused } } });
    expect(findingsOf(accessGranted, snapshot).map(({ variant }) => variant)).toEqual(['collection']);
  });

  test('who may not list pods is not told about exec', () => {
    const forbidden = allMissing('forbidden');
    const snapshot = aSnapshot({
      facts: { systemPods: aMissing('forbidden') },
      nodes: { n1: forbidden, n2: forbidden },
    });
    expect(findingsOf(accessGranted, snapshot).map(({ variant, params }) => [variant, params['resource']])).toEqual([
      ['collection', 'pods'],
    ]);
  });

  test('the rule to add is spelt out', () => {
    expect(
      findingsOf(
        accessGranted,
        aSnapshot({ facts: { endpointSlices: aMissing('forbidden', 'endpointslices is forbidden: User "eve"') } }),
      )[0],
    ).toMatchObject({
      params: { verb: 'list', resource: 'endpointslices.discovery.k8s.io', role: 'kubectl-kpr-endpointslices' },
      evidence: [{ lines: ['endpointslices is forbidden: User "eve"'] }],
    });
  });

  test('lists are one rule, for whom the API server refused; it is made by somebody who may', () => {
    const refused = aMissing('forbidden', 'services is forbidden: User "o\'eve x" cannot list resource "services"');
    const snapshot = aSnapshot({
      facts: { services: refused, endpointSlices: refused, ciliumNodes: refused },
      nodes: { n1: allMissing('forbidden') },
      origin: {
        kind: 'live',
        context: 'prod',
        server: 'https://10.0.0.1',
        kubectl: "kubectl --context=prod '--as=o'\\''eve x' --as-group=ops",
      },
    });
    const report = reportOf(snapshot, 'doctor');
    expect(outlineOf(report).headline.text).toContain('checks need; you may not run commands in agent pods on n1');
    const [lists, exec] = report.findings.filter(({ code }) => code === 'KPR9001');
    expect(lists?.severity).toBe('error');
    expect(lists?.remedy.steps.map(({ text, commands }) => [text, commands[0]?.command])).toEqual([
      [
        'Let an administrator make a role that allows it',
        'echo \'{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRole","metadata":{"name":"kubectl-kpr-lists"},"rules":[{"apiGroups":[""],"resources":["services"],"verbs":["get","list"]},{"apiGroups":["discovery.k8s.io"],"resources":["endpointslices"],"verbs":["get","list"]},{"apiGroups":["cilium.io"],"resources":["ciliumnodes"],"verbs":["get","list"]}]}\' | kubectl --context=prod apply -f -',
      ],
      [
        "And give it to o'eve x",
        "kubectl --context=prod create clusterrolebinding kubectl-kpr-lists --clusterrole=kubectl-kpr-lists --user='o'\\''eve x'",
      ],
    ]);
    expect(lists?.remedy.check).toContain("'--as=o'\\''eve x' --as-group=ops auth can-i list services");
    expect(lists?.remedy.undo).toMatch(/^kubectl --context=prod delete/);
    // An authorizer that does not say whom it refused.
    expect(exec?.remedy.steps[1]?.commands[0]?.command).toMatch(/--user=USER$/);
  });
});

describe('answers-understood', () => {
  test.each<[string, SnapshotChanges, string[]]>([
    ['healthy', {}, []],
    ['a document', { facts: { nodes: aMissing('unparsed') } }, ['KPR9003']],
    [
      'an object',
      { malformed: [{ document: 'services', object: 'shop/cart', why: 'spec.ports: expected an array' }] },
      ['KPR9003'],
    ],
    [
      'objects that are wrong in one way, whichever place and value it is',
      {
        malformed: [1, 2, 3, 4].map((at) => ({
          document: 'services' as const,
          object: `shop/cart-${at}`,
          why: `spec.ports.${at}.port: Invalid type: Expected number but received "${at}"`,
        })),
      },
      ['KPR9003'],
    ],
    [
      'objects of which each is wrong in a way of its own',
      {
        malformed: Array.from({ length: 1000 }, (_, at) => ({
          document: 'services' as const,
          object: `shop/cart-${at}`,
          why: `metadata.labels.l${at}: Invalid type: Expected string`,
        })),
      },
      Array.from({ length: 11 }, () => 'KPR9003'),
    ],
    ['an answer on one node', { nodes: { n2: { status: aMissing('unparsed') } } }, ['KPR9003 n2']],
    [
      'the same on two',
      { nodes: { n1: { metrics: aMissing('unparsed', 'a') }, n2: { metrics: aMissing('unparsed', 'b') } } },
      ['KPR9003 n1,n2'],
    ],
    [
      'two answers of a node',
      { nodes: { n2: { metrics: aMissing('unparsed'), kernel: aMissing('unparsed') } } },
      ['KPR9003 n2', 'KPR9003 n2'],
    ],
    [
      'one of four dumps',
      { nodes: { n2: { iptables: [{ backend: 'legacy', family: 'ipv4', tables: aMissing('unparsed') }] } } },
      ['KPR9003 n2'],
    ],
    ['missing for another reason', { nodes: { n2: { status: aMissing('timeout') } } }, []],
    ['all of a node, which nodes-read tells', { nodes: { n2: allMissing('unparsed') } }, []],
  ])('%s', (_, changes, expected) => {
    expect(codesOf(answersUnderstood, aSnapshot(changes))).toEqual(expected);
  });

  test('a command that failed is not one that was not understood', () => {
    const metrics = aMissing('unparsed', 'cilium-dbg metrics list ended with status 1: boom');
    expect(findingsOf(answersUnderstood, aSnapshot({ nodes: { n2: { metrics } } }))[0]?.variant).toBe('failed');
    expect(
      findingsOf(answersUnderstood, aSnapshot({ nodes: { n2: { metrics: aMissing('unparsed', 'no table') } } }))[0]
        ?.variant,
    ).toBe('answer');
  });

  test('it names the command to look at', () => {
    expect(
      findingsOf(
        answersUnderstood,
        aSnapshot({ nodes: { n2: { moduleHealth: aMissing('unparsed', 'a row: x') } } }),
      )[0],
    ).toMatchObject({
      params: { command: 'cilium-dbg shell -- db/show health' },
      evidence: [{ node: 'n2', lines: ['a row: x'] }],
    });
  });

  test.each(nodeFactNames.filter((name) => name !== 'agentTable' && name !== 'proxyTable'))(
    'what it says to run for %s is a command, and not a name of this program',
    (fact) => {
      const snapshot = aSnapshot({ nodes: { n2: { [fact]: aMissing('unparsed', 'no table') } } });
      const [found] = findingsOf(answersUnderstood, snapshot);
      const command = found?.evidence[0]?.command ?? '';
      const [word = ''] = command.split(' ');
      expect<readonly string[]>([...answerNames, ...nodeFactNames]).not.toContain(word);
      expect(spawnSync('bash', ['-n', '-c', command]).status).toBe(0);
      if (found?.variant === 'answer') expect(found.params).toEqual({ command });
      else expect(found?.params).toEqual({ what: expect.stringMatching(/^(the|kube-proxy’s) /) });
    },
  );

  test('where a command was run, that one stands with the evidence', () => {
    const source = 'kubectl -n kube-system exec cilium-n2 -c cilium-agent -- ip addr';
    const snapshot = aSnapshot({ nodes: { n2: { interfaces: { ...aMissing('unparsed', 'no table'), source } } } });
    expect(findingsOf(answersUnderstood, snapshot)[0]).toMatchObject({ evidence: [{ command: source }] });
  });
});

const version = (text: string | undefined): SnapshotChanges => ({
  nodes: { n1: { status: { version: text } }, n2: { status: { version: text } } },
});

describe('version-known', () => {
  test.each<[string, SnapshotChanges, string[]]>([
    ['1.19.6', {}, []],
    ['1.16.0', version('1.16.0'), []],
    ['1.20.3', version('1.20.3'), []],
    ['1.15.19', version('1.15.19'), ['KPR9004 n1,n2']],
    ['1.21.0-dev', version('1.21.0-dev'), ['KPR9004 n1,n2']],
    ['none', version(undefined), ['unknown n1 unparsed', 'unknown n2 unparsed']],
    ['not read', { nodes: { n2: { status: aMissing('timeout') } } }, ['unknown n2 timeout']],
  ])('%s', (_, changes, expected) => {
    expect(codesOf(versionKnown, aSnapshot(changes))).toEqual(expected);
  });
  test('it is a remark', () => {
    expect(findingsOf(versionKnown, aSnapshot(version('1.21.0')))).toMatchObject([
      { severity: 'info', variant: 'newer' },
    ]);
  });
});

test.each<[string | undefined, number | undefined]>([
  ['1.19.6', 19],
  ['v1.20.0-rc.1', 20],
  ['1.21', 21],
  ['quay.io/cilium/cilium:v1.18.4@sha256:1c', 18],
  ['registry:5000/cilium:v1.18.4', 18],
  ['registry:5000/cilium:latest', undefined],
  ['', undefined],
  [undefined, undefined],
])('the minor version of %s', (text, expected) => {
  expect(ciliumMinor(text)).toBe(expected);
});

test('credentials that are not accepted are one finding, and no right that somebody is to give', () => {
  const facts = {
    services: aMissing('unauthenticated', 'GET /api/v1/services: 401'),
    pods: aMissing('unauthenticated'),
  };
  const snapshot = aSnapshot({
    facts,
    nodes: { n1: allMissing('unauthenticated'), n2: allMissing('unauthenticated') },
  });
  const found = findingsOf(accessGranted, snapshot);
  expect(found.map(({ variant }) => variant)).toEqual(['credentials']);
  expect(found[0]?.evidence[0]?.lines).toEqual(['GET /api/v1/services: 401']);
  expect(findingsOf(nodesRead, snapshot)).toEqual([]);
});

standardCases(accessGranted, {
  faulty: {
    KPR9001: {
      credentials: { nodes: { n2: allMissing('unauthenticated') } },
      collection: { facts: { services: aMissing('forbidden') } },
      object: { facts: { ciliumConfig: aMissing('forbidden') } },
      exec: { nodes: { n2: allMissing('forbidden') } },
    },
  },
  notApplicable: { never: 'every run reads something' },
  hostile: (text) => ({ facts: { services: aMissing('forbidden', text) } }),
});

test.each<[string, NodeChanges]>([
  ['a row that was not understood', { lbTable: { notUnderstood: [{ line: 'x', why: 'no address' }] } }],
  ['a node that contradicts itself', { lbTable: { doubt: 'its digest is not that of its rows' } }],
])('%s is a warning, and nothing that a gate passes', (_, n2) => {
  expect(resultOf(answersUnderstood, aSnapshot({ nodes: { n2 } }))).toMatchObject({
    findings: [{ code: 'KPR9003', severity: 'warning', nodes: ['n2'] }],
    unknowns: [{ node: 'n2', why: { missing: 'unparsed' } }],
  });
});

test('a list that was not understood is one finding, and none of the nodes that were not asked for it', () => {
  const unread = aMissing('unparsed', 'GET /api/v1/services: the server answered 410 Gone');
  const nodes = { n1: { dnsProbe: unread }, n2: { dnsProbe: unread, serversProbe: unread } };
  const snapshot = aSnapshot({ facts: { services: unread }, nodes });
  expect(findingsOf(answersUnderstood, snapshot).map(({ variant }) => variant)).toEqual(['document']);
});

standardCases(answersUnderstood, {
  faulty: {
    KPR9003: {
      answer: { nodes: { n2: { metrics: aMissing('unparsed', 'no table') } } },
      failed: { nodes: { n2: { metrics: aMissing('unparsed', 'cilium-dbg metrics list ended with status 1: boom') } } },
      elsewhere: { nodes: { n2: { dnsProbe: aMissing('unparsed', 'a line of the probe: x') } } },
      rows: { nodes: { n2: { lbTable: { notUnderstood: [{ line: 'x', why: 'no address' }] } } } },
      inLittle: { nodes: { n2: { lbTable: { doubt: 'its digest is none' } } } },
      object: { malformed: [{ document: 'services', object: 'shop/cart', why: 'spec.ports: expected an array' }] },
      objects: {
        malformed: ['shop/a', 'shop/b'].map((object) => ({ document: 'services' as const, object, why: 'x: no' })),
      },
      document: { facts: { nodes: aMissing('unparsed') } },
    },
  },
  notApplicable: { never: 'every run has answers' },
  hostile: (text) => ({
    malformed: [{ document: 'services', object: text, why: text }],
    nodes: { n2: { metrics: aMissing('unparsed', text) } },
  }),
});

standardCases(versionKnown, {
  faulty: { KPR9004: { older: version('1.15.19'), newer: version('1.21.0') } },
  notApplicable: noNode,
  hostile: (text) => version(`1.21.0-${text}`),
});
