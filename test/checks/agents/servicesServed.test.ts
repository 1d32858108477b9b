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
import { anAgentPod } from '../../support/healthy.ts';
import { noNode, standardCases } from '../../support/standardCases.ts';

const off = { status: { kpr: { mode: 'False', nodePort: undefined } } } as const;
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

standardCases(servicesServed, {
  requiredUnseen: ['cluster systemPods', 'cluster daemonSets'],
  faulty: {
    KPR1004: { nobody: { nodes: { n2: off } }, stale: { nodes: { n2: { ...off, iptables: rules } } } },
  },
  notApplicable: noNode,
  hostile: { never: 'it shows the mode alone, and judges none but those that agents have' },
});
