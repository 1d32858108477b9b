import { expect, test } from 'vitest';
import { harmlessRemains } from '../../../checks/kube-proxy/harmlessRemains.ts';
import { aMissing, aSnapshot, codesOf, findingsOf, type SnapshotChanges } from '../../support/aSnapshot.ts';
import { aNode } from '../../support/healthy.ts';
import { dump, filter, fixture, nat } from './iptablesDumps.ts';
import { standardCases } from '../../support/standardCases.ts';

const on = (...iptables: ReturnType<typeof dump>[]): SnapshotChanges => ({ nodes: { n2: { iptables } } });
const kubelet = (kubeletVersion: string): SnapshotChanges['facts'] => ({
  nodes: [aNode('n1'), aNode('n2', { status: { ...aNode('n2').status, nodeInfo: { kubeletVersion } } })],
});

const shared = [
  ':KUBE-MARK-MASQ - [0:0]',
  ':KUBE-POSTROUTING - [0:0]',
  '-A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING',
  '-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000',
  '-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN',
  '-A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE --random-fully',
];
const canary = dump(nat(':KUBE-PROXY-CANARY - [0:0]'));
const unlinked = dump(
  filter(':KUBE-PROXY-FIREWALL - [0:0]', '-A KUBE-PROXY-FIREWALL -d 192.0.2.7/32 -p tcp -m tcp --dport 80 -j DROP'),
);
const neededByOthers = dump(
  nat(...shared, ':CNI-DN-abc - [0:0]', '-A PREROUTING -j CNI-DN-abc', '-A CNI-DN-abc -j KUBE-MARK-MASQ'),
);

test.each<[string, SnapshotChanges, string[]]>([
  ['healthy', {}, []],
  ['the chains of the kubelet and of Cilium', on(dump(fixture('cilium-alone-1.18.txt'))), []],
  ['canary chains', on(canary), ['KPR3006 n2']],
  ['a chain to which nothing leads', on(unlinked), ['KPR3006 n2']],
  ['where kube-proxy --cleanup failed', on(dump(fixture('cleanup-failed-1.36.txt'))), ['KPR3006 n2']],
  ['the two chains for masquerading, alone', on(dump(nat(...shared))), ['KPR3006 n2']],
  ['the same where the kubelet writes them', { ...on(dump(nat(...shared))), facts: { ...kubelet('v1.26.9') } }, []],
  [
    'the same where the kubelet no longer does',
    { ...on(dump(nat(...shared))), facts: { ...kubelet('v1.27.0') } },
    ['KPR3006 n2'],
  ],
  [
    'the same where the kubelet is not known',
    { ...on(dump(nat(...shared))), facts: { nodes: aMissing('forbidden') } },
    [],
  ],
  ['the same where a CNI plugin needs them', on(neededByOthers), []],
  ['beside rules that do harm, which go first', on(dump(fixture('with-kube-proxy-1.36.txt')), canary), []],
  [
    'rules to which somebody else’s jump leads, as kube-proxy’s did: they are in effect',
    on(dump(nat(':KUBE-SERVICES - [0:0]', '-A PREROUTING -j KUBE-SERVICES', '-A KUBE-SERVICES -j RETURN'))),
    [],
  ],
  [
    'while kube-proxy runs there',
    { nodes: { n2: { iptables: [canary], proxyHealth: { kind: 'kubeProxy', httpStatus: 200 } } } },
    [],
  ],
  [
    'one backend not read, which leftover-iptables says',
    on(dump(nat()), { backend: 'legacy', family: 'ipv4', tables: aMissing('unparsed') }),
    [],
  ],
])('%s', (_, changes, expected) => {
  expect(codesOf(harmlessRemains, aSnapshot(changes))).toEqual(expected);
});

test('it is a note, and says which', () => {
  expect(findingsOf(harmlessRemains, aSnapshot(on(canary, unlinked)))).toMatchObject([
    { severity: 'info', params: { remains: '2 chains (KUBE-PROXY-CANARY, KUBE-PROXY-FIREWALL)' } },
  ]);
  const [left] = findingsOf(harmlessRemains, aSnapshot(on(dump(fixture('cleanup-failed-1.36.txt')))));
  // Not the pair that the chain of a host port leads to.
  expect(left?.params['remains']).toMatch(/^8 chains \(KUBE-NODEPORTS, KUBE-PROXY-CANARY, KUBE-SEP-/);
});

const off = { status: { kpr: { mode: 'False' } } };

standardCases(harmlessRemains, {
  requiredUnseen: ['cluster daemonSets', 'cluster systemPods'],
  faulty: { KPR3006: { chains: on(canary) } },
  notApplicable: { facts: { ciliumConfig: new Map() }, nodes: { n1: off, n2: off } },
  hostile: { never: 'it names chains whose whole names are kube-proxy’s' },
});
