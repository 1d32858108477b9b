import { expect, test } from 'vitest';
import { leftoverIpvs } from '../../../checks/kube-proxy/leftoverIpvs.ts';
import {
  aMissing,
  aSnapshot,
  codesOf,
  findingsOf,
  type NodeChanges,
  type SnapshotChanges,
} from '../../support/aSnapshot.ts';
import { standardCases } from '../../support/standardCases.ts';

const link = { name: 'kube-ipvs0', up: false, addresses: ['10.96.0.1', '10.96.0.10'] };
const server = (address: string, port = 443) => ({ protocol: 'TCP', address, port, destinations: 1 }) as const;
const on = (n2: NodeChanges): SnapshotChanges => ({ nodes: { n2 } });

test.each<[string, SnapshotChanges, string[]]>([
  ['healthy', {}, []],
  ['the link', on({ interfaces: [link] }), ['KPR3005 n2']],
  ['virtual servers of Services', on({ ipvs: [server('10.96.0.1')] }), ['KPR3005 n2']],
  ['virtual servers of others', on({ ipvs: [server('192.0.2.10')] }), []],
  ['one of others on a Service’s address and another port', on({ ipvs: [server('10.96.0.1', 6443)] }), []],
  ['sets of kube-proxy', on({ ipsets: ['KUBE-CLUSTER-IP', 'KUBE-6-CLUSTER-IP'] }), ['KPR3005 n2']],
  [
    'sets of kube-router and of Cilium',
    on({ ipsets: ['KUBE-SRC-ABCDEF', 'KUBE-DST-ABCDEF', 'cilium_node_set_v4'] }),
    [],
  ],
  ['sets not read', on({ ipsets: aMissing('absent') }), ['unknown n2 absent']],
  ['sets not read, but the link is there', on({ ipsets: aMissing('absent'), interfaces: [link] }), ['KPR3005 n2']],
  ['while kube-proxy runs', on({ interfaces: [link], proxyHealth: { kind: 'kubeProxy', httpStatus: 200 } }), []],
  [
    'in k3s, where that cannot be told',
    { distribution: 'k3s', ...on({ interfaces: [link], proxyHealth: aMissing('notCollected') }) },
    ['unknown n2 notCollected'],
  ],
])('%s', (_, changes, expected) => {
  expect(codesOf(leftoverIpvs, aSnapshot(changes))).toEqual(expected);
});

test.each<[string, NodeChanges, object]>([
  [
    'link',
    { interfaces: [link], ipvs: [server('10.96.0.1'), server('192.0.2.10')], ipsets: ['KUBE-IPVS-IPS'] },
    {
      variant: 'dummyLink',
      severity: 'error',
      params: { addresses: '2 addresses', servers: '1 virtual server', sets: '1 ipset' },
    },
  ],
  [
    'servers',
    { ipvs: [server('10.96.0.1'), server('192.0.2.10')] },
    { variant: 'virtualServers', severity: 'error', params: { servers: '1 virtual server' } },
  ],
  [
    'sets alone',
    { ipsets: ['KUBE-LOOP-BACK'] },
    { variant: 'ipsets', severity: 'warning', params: { sets: '1 ipset' } },
  ],
])('what is said of it: %s', (_, n2, expected) => {
  expect(findingsOf(leftoverIpvs, aSnapshot({ nodes: { n2 } }))).toMatchObject([expected]);
});

const off = { status: { kpr: { mode: 'False' } } };

standardCases(leftoverIpvs, {
  requiredUnseen: ['cluster daemonSets', 'cluster systemPods'],
  faulty: {
    KPR3005: {
      dummyLink: on({ interfaces: [link] }),
      virtualServers: on({ ipvs: [server('10.96.0.1')] }),
      ipsets: on({ ipsets: ['KUBE-LOOP-BACK'] }),
    },
  },
  notApplicable: { facts: { ciliumConfig: new Map() }, nodes: { n1: off, n2: off } },
  hostile: (text) => on({ interfaces: [{ ...link, addresses: [text] }], ipsets: ['KUBE-LOOP-BACK', text] }),
});
