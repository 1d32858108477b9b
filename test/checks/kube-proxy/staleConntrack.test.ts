import { expect, test } from 'vitest';
import { staleConntrack } from '../../../checks/kube-proxy/staleConntrack.ts';
import { valueOf } from '../../../src/model/Fact.ts';
import type { UdpTranslation, UdpTranslations } from '../../../src/model/UdpTranslation.ts';
import { parseConntrack } from '../../../src/parse/parseConntrack.ts';
import {
  aMissing,
  aSnapshot,
  codesOf,
  findingsOf,
  type ClusterChanges,
  type NodeChanges,
  type SnapshotChanges,
} from '../../support/aSnapshot.ts';
import { aService, aSlice, healthyFacts } from '../../support/healthy.ts';
import { dump, fixture } from './iptablesDumps.ts';
import { standardCases } from '../../support/standardCases.ts';

const entry = (to: string, port: number, backend: string, changes: Partial<UdpTranslation> = {}): UdpTranslation => ({
  client: '10.244.2.41:5000',
  destination: { address: to, port },
  backend: { address: backend, port: 5353 },
  replied: true,
  secondsLeft: 100,
  ...changes,
});
const of = (...entries: UdpTranslation[]): NodeChanges => ({ conntrack: { entries, left: 0 } });

const facts: ClusterChanges = {
  services: [
    aService('syslog', {
      type: 'NodePort',
      clusterIP: '10.96.9.9',
      clusterIPs: ['10.96.9.9', 'fd00:96::9'],
      ports: [{ name: 'udp', port: 514, protocol: 'UDP', nodePort: 30_514 }],
    }),
  ],
  endpointSlices: [
    aSlice('syslog', ['10.244.2.7'], { ports: [{ name: 'udp', port: 5353, protocol: 'UDP' }] }),
    aSlice('syslog', ['10.244.2.8'], {
      ports: [{ name: 'udp', port: 5353, protocol: 'UDP' }],
      endpoints: [{ addresses: ['10.244.2.8'], conditions: { ready: false, serving: false, terminating: true } }],
    }),
  ],
};
const on = (n2: NodeChanges): SnapshotChanges => ({ facts, nodes: { n2 } });
const hidden = aMissing('absent', 'no such file');
const left = dump(fixture('with-kube-proxy-1.36.txt'));
const nowhere = 'no node’s connections (/proc/net/nf_conntrack) are to be seen, and no rules of kube-proxy are left';

test.each<[string, SnapshotChanges, string[]]>([
  ['healthy', {}, []],
  ['a client held to an address that is gone', on(of(entry('10.96.9.9', 514, '10.244.1.82'))), ['KPR3008 n2']],
  ['through IPv6', on(of(entry('fd00:96::9', 514, 'fd00:10::5'))), ['KPR3008 n2']],
  ['through a node port of this node', on(of(entry('172.30.0.12', 30_514, '10.244.1.82'))), ['KPR3008 n2']],
  ['the same port of somebody else', on(of(entry('203.0.113.4', 30_514, '10.244.1.82'))), []],
  ['a client that reaches an endpoint of today', on(of(entry('10.96.9.9', 514, '10.244.2.7'))), []],
  ['a client that reaches one which terminates', on(of(entry('10.96.9.9', 514, '10.244.2.8'))), []],
  ['what is translated for others', on(of(entry('192.0.2.1', 8472, '10.244.1.82'))), []],
  [
    'while kube-proxy runs there',
    on({ ...of(entry('10.96.9.9', 514, '10.244.1.82')), proxyHealth: { kind: 'kubeProxy', httpStatus: 200 } }),
    [],
  ],
  [
    'in k3s, where it can’t be told whether kube-proxy runs',
    {
      ...on({ ...of(entry('10.96.9.9', 514, '10.244.1.82')), proxyHealth: aMissing('notCollected') }),
      distribution: 'k3s',
    },
    ['unknown n2 notCollected'],
  ],
  ['not shown by one kernel', on({ conntrack: hidden }), []],
  [
    'not shown by any',
    { facts, nodes: { n1: { conntrack: hidden }, n2: { conntrack: hidden } } },
    [`skipped: ${nowhere}`],
  ],
  [
    'in an archive, which has none',
    { facts, nodes: { n1: { conntrack: aMissing('notCollected') }, n2: { conntrack: aMissing('notCollected') } } },
    [`skipped: ${nowhere}`],
  ],
  ['not shown where rules of kube-proxy are left', on({ conntrack: hidden, iptables: [left] }), ['unknown n2 absent']],
  [
    'not shown where nftables tables of kube-proxy are left',
    on({ conntrack: hidden, nftTables: [{ family: 'ip', chains: undefined }] }),
    ['unknown n2 absent'],
  ],
  ['no answer in time', on({ conntrack: aMissing('timeout') }), ['unknown n2 timeout']],
  ['more than could be looked through', on({ conntrack: { entries: [], left: 7 } }), ['unknown n2 notCollected']],
  [
    'more than could be looked through, and one among them is enough',
    on({ conntrack: { entries: [entry('10.96.9.9', 514, '10.244.1.82')], left: 7 } }),
    ['KPR3008 n2'],
  ],
  ['Services not read', { facts: { services: aMissing('forbidden') } }, ['unknown forbidden']],
])('%s', (_, changes, expected) => {
  expect(codesOf(staleConntrack, aSnapshot(changes))).toEqual(expected);
});

const recorded = parseConntrack(fixture('conntrack-after-kube-proxy.txt'));
const afterKubeProxy: UdpTranslations = recorded.ok ? recorded.value : { entries: [], left: 0 };

test('recorded: two clients of cluster DNS, one of which goes on to ask a pod that is gone', () => {
  const first = aSnapshot({ nodes: { n1: { conntrack: afterKubeProxy } } });
  expect(findingsOf(staleConntrack, first)).toMatchObject([
    {
      severity: 'warning',
      nodes: ['n1'],
      objects: [{ kind: 'Service', namespace: 'kube-system', name: 'kube-dns' }],
      params: {
        clients: '2 UDP clients',
        services: 'kube-system/kube-dns',
        backends: '10.244.1.82',
        deletions: 'conntrack -D -p udp --orig-dst 10.96.0.10 --orig-port-dst 53 --dst-nat 10.244.1.82',
      },
    },
  ]);
});

test('a second look tells who still sends: what is refreshed does not get older', () => {
  const aged = afterKubeProxy.entries.map((one, i) => (i === 0 ? one : { ...one, secondsLeft: one.secondsLeft - 2 }));
  const first = aSnapshot({ nodes: { n1: { conntrack: afterKubeProxy } } });
  const second = aSnapshot({ nodes: { n1: { conntrack: { entries: aged, left: 0 } } } });
  const facts = new Map(second.nodes.map((node) => [node.name, node.facts]));
  const [found] = findingsOf(staleConntrack, {
    ...first,
    secondReading: { secondsLater: 2, facts: second.facts, nodes: facts },
  });
  expect(found?.params['clients']).toBe('2 UDP clients (1 sending while looked at)');
});

test('IPv6 is deleted as such, and several nodes are one finding', () => {
  const six = of(entry('fd00:96::9', 514, 'fd00:10::5'));
  expect(findingsOf(staleConntrack, aSnapshot({ facts, nodes: { n1: six, n2: six } }))).toMatchObject([
    {
      nodes: ['n1', 'n2'],
      params: {
        clients: '2 UDP clients',
        deletions: 'conntrack -D -f ipv6 -p udp --orig-dst fd00:96::9 --orig-port-dst 514 --dst-nat fd00:10::5',
      },
    },
  ]);
});

test('the recorded cluster DNS is the one of the made-up cluster', () => {
  const dns = valueOf(healthyFacts(['n1']).services)?.find(({ metadata }) => metadata.name === 'kube-dns');
  expect(dns?.spec?.clusterIP).toBe('10.96.0.10');
});

const off = { status: { kpr: { mode: 'False' } } };

standardCases(staleConntrack, {
  requiredUnseen: ['cluster services', 'cluster endpointSlices', 'cluster daemonSets', 'cluster systemPods'],
  faulty: { KPR3008: { udp: on(of(entry('10.96.9.9', 514, '10.244.1.82'))) } },
  notApplicable: { facts: { ...facts, ciliumConfig: new Map() }, nodes: { n1: off, n2: off } },
  hostile: (text) => on(of(entry('10.96.9.9', 514, `x${text}`, { client: text }))),
});
