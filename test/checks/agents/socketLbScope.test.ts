import { expect, test } from 'vitest';
import { socketLbScope } from '../../../checks/agents/socketLbScope.ts';
import type { Pod } from '../../../src/model/kubernetes.ts';
import { aMissing, aSnapshot, codesOf, type NodeChanges, type SnapshotChanges } from '../../support/aSnapshot.ts';
import { standardCases } from '../../support/standardCases.ts';

const pod = (spec: Pod['spec'], labels: Record<string, string> = {}): Pod => ({
  metadata: { name: 'cart-1', namespace: 'shop', labels },
  spec: { nodeName: 'n2', ...spec },
  status: { phase: 'Running' },
});
const having = (...pods: Pod[]): SnapshotChanges => ({ facts: { pods } });
const sidecar = (name: string): Pod => pod({ containers: [{ name: 'app' }, { name }] });
const hostOnly: NodeChanges = { status: { kpr: { socketLbHostNamespaceOnly: true } } };
const off: NodeChanges = { status: { kpr: { socketLb: false } } };
const mesh = having(sidecar('istio-proxy'));
const guest = having(pod({ runtimeClassName: 'kata-qemu' }));
const ambient: SnapshotChanges = {
  facts: { daemonSets: [{ metadata: { name: 'ztunnel', namespace: 'istio-system' } }] },
};

test.each<[string, SnapshotChanges, string[]]>([
  ['pods of no mesh', having(pod({ containers: [{ name: 'app' }] })), []],
  ['a sidecar', mesh, ['KPR1016 n2']],
  ['a sidecar that is an init container', having(pod({ initContainers: [{ name: 'linkerd-proxy' }] })), ['KPR1016 n2']],
  ['ambient mode', ambient, ['KPR1016 n1,n2']],
  ['a guest', guest, ['KPR1016 n2']],
  ['a virtual machine', having(pod({}, { 'kubevirt.io': 'virt-launcher' })), ['KPR1016 n2']],
  ['another RuntimeClass', having(pod({ runtimeClassName: 'nvidia' })), []],
  ['on the host network', having(pod({ hostNetwork: true, containers: [{ name: 'istio-proxy' }] })), []],
  ['where the scope is the host’s namespace', { ...mesh, nodes: { n2: hostOnly } }, []],
  [
    'and on all nodes',
    { ...mesh, nodes: { n1: hostOnly, n2: off } },
    ['skipped: socket load balancing does not reach into pods on any node'],
  ],
  [
    'not told',
    { ...mesh, nodes: { n1: { status: aMissing('timeout') }, n2: { status: aMissing('timeout') } } },
    ['unknown timeout'],
  ],
])('%s', (_, changes, expected) => {
  expect(codesOf(socketLbScope, aSnapshot(changes))).toEqual(expected);
});

standardCases(socketLbScope, {
  faulty: { KPR1016: { mesh, guest } },
  notApplicable: { nodes: { n1: off, n2: off } },
  hostile: (text) => having(pod({ runtimeClassName: `kata${text}` })),
});
