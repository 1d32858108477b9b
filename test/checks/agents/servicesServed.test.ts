import { expect, test } from 'vitest';
import { servicesServed } from '../../../checks/agents/servicesServed.ts';
import { known } from '../../../src/model/Fact.ts';
import type { IptablesDump } from '../../../src/model/NodeFacts.ts';
import {
  aMissing,
  aSnapshot,
  codesOf,
  findingsOf,
  type NodeChanges,
  type SnapshotChanges,
} from '../../support/aSnapshot.ts';
import type { DaemonSet, Pod, PodTemplate } from '../../../src/model/kubernetes.ts';
import type { Distribution } from '../../../src/model/Snapshot.ts';
import { aNode, anAgentPod, ciliumConfig } from '../../support/healthy.ts';
import { reportOn, stepCommandsOf } from '../../support/reportOn.ts';
import { noNode, standardCases } from '../../support/standardCases.ts';

const off = { status: { kpr: { mode: 'False', nodePort: undefined, socketLb: false } } } as const;
const withSocketLb = { status: { kpr: { mode: 'False', nodePort: undefined, socketLb: true } } } as const;
const both = (n: NodeChanges): SnapshotChanges => ({ nodes: { n1: { ...off, ...n }, n2: { ...off, ...n } } });
const rules: readonly IptablesDump[] = [
  {
    backend: 'nft',
    family: 'ipv4',
    tables: known(
      [
        {
          name: 'nat',
          chains: [
            {
              name: 'KUBE-SERVICES',
              policy: undefined,
              rules: [{ line: '-A KUBE-SERVICES -j X', packets: 0, bytes: 0, target: 'X', comment: undefined }],
            },
          ],
        },
      ],
      'iptables-nft-save',
    ),
  },
];
const kubeProxyPod = (node: string) => {
  const pod = anAgentPod(node);
  return {
    ...pod,
    metadata: { name: `kube-proxy-${node}`, namespace: 'kube-system' },
    spec: { nodeName: node, containers: [{ name: 'kube-proxy', image: 'registry.k8s.io/kube-proxy:v1.36.3' }] },
  };
};

test.each<[string, SnapshotChanges, string[]]>([
  ['replacement on', {}, []],
  ['off, no kube-proxy', { nodes: { n2: off } }, ['KPR1004 n2']],
  ['off everywhere, no kube-proxy', both({}), ['KPR1004 n1,n2']],
  ['off, kube-proxy pod on both', { ...both({}), facts: { systemPods: [kubeProxyPod('n1'), kubeProxyPod('n2')] } }, []],
  ['off, kube-proxy pod on one', { ...both({}), facts: { systemPods: [kubeProxyPod('n1')] } }, ['KPR1004 n2']],
  [
    'off, embedded kube-proxy answers',
    { ...both({ proxyHealth: { kind: 'kubeProxy', httpStatus: 200 } }), distribution: 'k3s' },
    [],
  ],
  ['off, an old kube-proxy answers', both({ proxyHealth: { kind: 'cilium', httpStatus: 200 } }), []],
  ['off, k3s, nobody answers', { ...both({}), distribution: 'k3s' }, ['KPR1004 n1,n2']],
  [
    'off, k3s, not asked',
    { ...both({ proxyHealth: aMissing('notCollected') }), distribution: 'k3s' },
    ['unknown n1 notCollected', 'unknown n2 notCollected'],
  ],
  [
    'off, not asked, but no rules',
    { nodes: { n2: { ...off, proxyHealth: aMissing('notCollected') } } },
    ['KPR1004 n2'],
  ],
  [
    'off, not asked, rules there',
    { nodes: { n2: { ...off, proxyHealth: aMissing('notCollected'), iptables: rules } } },
    ['unknown n2 notCollected'],
  ],
  ['partial replacement (up to 1.15)', { nodes: { n2: { status: { kpr: { mode: 'Partial' } } } } }, []],
  ['status not read', { nodes: { n2: { status: aMissing('timeout') } } }, ['unknown n2 timeout']],
  ['pods not read', { facts: { systemPods: aMissing('forbidden') } }, ['unknown forbidden']],
])('%s', (_, changes, expected) => {
  expect(codesOf(servicesServed, aSnapshot(changes))).toEqual(expected);
});

test('rules that a kube-proxy left serve nobody for long', () => {
  expect(findingsOf(servicesServed, aSnapshot({ nodes: { n2: { ...off, iptables: rules } } }))[0]?.variant).toBe(
    'stale',
  );
});

const nodeConfig = {
  ciliumNodeConfigs: [
    {
      metadata: { name: 'legacy', namespace: 'kube-system' },
      spec: {
        nodeSelector: { matchLabels: { 'kubernetes.io/hostname': 'n2' } },
        defaults: { 'kube-proxy-replacement': 'false' },
      },
    },
  ],
};
const outside = {
  coverage: { kind: 'excluded', why: 'outside the node selector agent=yes of the DaemonSet cilium' },
  agent: undefined,
} as const;
const tainted = aNode('n2', { spec: { taints: [{ key: 'node.cilium.io/agent-not-ready', effect: 'NoSchedule' }] } });
const plainPod = (podIP: string): Pod => ({
  metadata: { name: 'httpd-1', namespace: 'default' },
  spec: { nodeName: 'n2', containers: [] },
  status: { phase: 'Running', podIP },
});
const agentsWith = (spec: NonNullable<PodTemplate['spec']>): readonly DaemonSet[] => [
  { metadata: { name: 'cilium', namespace: 'kube-system' }, spec: { template: { spec } } },
];
const labelled = agentsWith({ containers: [], nodeSelector: { agent: 'yes' } });
const abandoned = (changes: SnapshotChanges['facts']): SnapshotChanges => ({
  nodes: { n2: outside },
  facts: { nodes: [aNode('n1'), tainted], daemonSets: labelled, ...changes },
});

test.each<[string, SnapshotChanges, string[]]>([
  ['the operator marks it', abandoned({}), ['KPR1004 n2']],
  [
    'it has pods of its network',
    abandoned({ nodes: [aNode('n1'), aNode('n2')], pods: [plainPod('10.244.2.7')] }),
    ['KPR1004 n2'],
  ],
  [
    'its pods are in the host’s network',
    abandoned({ nodes: [aNode('n1'), aNode('n2')], pods: [plainPod('172.30.0.12')] }),
    [],
  ],
  ['nothing shows that anybody uses it', abandoned({ nodes: [aNode('n1'), aNode('n2')], pods: [] }), []],
  ['it has kube-proxy', abandoned({ systemPods: [kubeProxyPod('n2')] }), []],
  [
    'k3s may run kube-proxy there',
    { ...abandoned({ nodes: [aNode('n1'), aNode('n2')], pods: [plainPod('10.244.2.7')] }), distribution: 'k3s' },
    [],
  ],
  ['nodes not read', { ...abandoned({}), facts: { nodes: aMissing('forbidden') } }, []],
])('a node that the agents’ DaemonSet leaves out: %s', (_, changes, expected) => {
  expect(codesOf(servicesServed, aSnapshot(changes))).toEqual(expected);
});

test('the remedy names what turns it off, and the label that is wanting', () => {
  const exempted = { nodes: { n2: off }, facts: nodeConfig };
  const [one] = findingsOf(servicesServed, aSnapshot(exempted));
  expect([one?.variant, one?.params]).toEqual(['exempted', { config: 'kube-system/legacy' }]);
  expect(findingsOf(servicesServed, aSnapshot(abandoned({})))[0]?.params['wanted']).toBe('agent=yes');
});

const distributions: Readonly<Record<Distribution, RegExp | undefined>> = {
  kubeadm: /^kubeadm init/,
  kind: /^kubeadm init/,
  rke2: /try-restart rke2-server/,
  k3s: /try-restart k3s/,
  eks: /aws eks/,
  aks: /az aks/,
  openshift: /deployKubeProxy/,
  talos: /talosctl/,
  gke: undefined,
  microk8s: undefined,
  k0s: undefined,
  other: undefined,
};

test.each(Object.entries(distributions) as [Distribution, RegExp | undefined][])(
  'kube-proxy comes back by the means of %s',
  (distribution, command) => {
    const config = new Map([...ciliumConfig, ['kube-proxy-replacement', 'false']]);
    const snapshot = aSnapshot({
      distribution,
      facts: { ciliumConfig: config },
      nodes: { n2: { ...off, proxyHealth: { kind: 'nobody' }, iptables: rules } },
    });
    const [one] = reportOn(snapshot, [servicesServed]).findings;
    expect(one?.variant).toBe('stale');
    const commands = one === undefined ? [] : stepCommandsOf(one);
    expect(commands.filter((text) => command?.test(text) === true)).toHaveLength(command === undefined ? 0 : 1);
    expect(one?.remedy.steps.length).toBeLessThanOrEqual(2);
    expect(one?.alternatives?.[0]?.steps).toHaveLength(1);
  },
);

standardCases(servicesServed, {
  faulty: {
    KPR1004: {
      nobody: { nodes: { n2: off } },
      onlyInside: { nodes: { n2: withSocketLb } },
      stale: { nodes: { n2: { ...off, iptables: rules } } },
      exempted: { nodes: { n2: off }, facts: nodeConfig },
      noAgent: abandoned({}),
      noAgentAffinity: abandoned({ daemonSets: agentsWith({ containers: [] }) }),
    },
  },
  notApplicable: noNode,
  hostile: { never: 'it shows the mode alone, and judges none but those that agents have' },
});
