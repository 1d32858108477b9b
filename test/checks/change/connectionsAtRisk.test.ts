import { expect, test } from 'vitest';
import { connectionsAtRisk } from '../../../checks/change/connectionsAtRisk.ts';
import type { Change } from '../../../src/model/Intent.ts';
import type { Missing } from '../../../src/model/Fact.ts';
import type { Pod, Service } from '../../../src/model/kubernetes.ts';
import type { UdpTranslations } from '../../../src/model/UdpTranslation.ts';
import { aMissing, aSnapshot, codesOf, findingsOf, type SnapshotChanges } from '../../support/aSnapshot.ts';
import { anIntent } from '../../support/anIntent.ts';
import { standardCases } from '../../support/standardCases.ts';

const proxyOn = (nodeName: string): Pod => ({
  metadata: { name: `kube-proxy-${nodeName}`, namespace: 'kube-system' },
  spec: { nodeName, containers: [{ name: 'kube-proxy', command: ['/usr/local/bin/kube-proxy'] }] },
  status: { phase: 'Running' },
});
const service = (name: string, address: string, protocol: string, nodePort?: number): Service => ({
  metadata: { name, namespace: 'shop' },
  spec: { clusterIP: address, ports: [{ port: 80, protocol, ...(nodePort !== undefined && { nodePort }) }] },
});
const services = (name: string) => [service(name, '10.96.1.1', 'TCP', 30_080), service('dns', '10.96.1.2', 'UDP')];

const tcp = (...byDestination: readonly (readonly [string, number, number])[]): UdpTranslations => ({
  entries: [],
  left: 0,
  tcp: {
    all: 9,
    byDestination: byDestination.map(([address, port, connections]) => ({
      destination: { address, port },
      connections,
    })),
  },
});
const udp: UdpTranslations = {
  entries: [
    {
      client: '10.244.1.9:4000',
      destination: { address: '10.96.1.2', port: 80 },
      backend: { address: '10.244.1.82', port: 80 },
      replied: true,
      secondsLeft: 100,
    },
  ],
  left: 0,
};

const beside = (conntrack: UdpTranslations | Missing, change: Change = 'enable', name = 'cart'): SnapshotChanges => ({
  intent: anIntent(change),
  facts: { systemPods: [proxyOn('n1'), proxyOn('n2')], services: services(name) },
  nodes: { n1: { conntrack }, n2: { conntrack: { entries: [], left: 0 } } },
});

test.each<[string, SnapshotChanges, string[]]>([
  ['by its address', beside(tcp(['10.96.1.1', 80, 3])), ['KPR8002 n1']],
  ['by its NodePort', beside(tcp(['172.30.0.11', 30_080, 3])), ['KPR8002 n1']],
  ['of UDP', beside(udp, 'remove-kube-proxy'), ['KPR8002 n1']],
  ['to what is no Service', beside(tcp(['10.96.9.9', 80, 3])), []],
  ['of a capture that did not count', beside({ entries: [], left: 0 }), []],
  ['not read', beside(aMissing('timeout')), ['unknown n1 timeout']],
  ['back to kube-proxy', beside(udp, 'rollback'), ['skipped: connections stay with what translates them']],
])('a connection %s', (_, changes, expected) => {
  expect(codesOf(connectionsAtRisk, aSnapshot(changes))).toEqual(expected);
});

test('a kernel that shows none leaves nothing to count', () => {
  const { nodes, ...more } = beside(aMissing('absent'));
  const hidden = { n1: { conntrack: aMissing('absent') }, n2: { conntrack: aMissing('absent') } };
  expect(nodes).toBeDefined();
  expect(codesOf(connectionsAtRisk, aSnapshot({ ...more, nodes: hidden }))).toEqual([
    'skipped: kube-proxy runs where connections are to be seen on no node',
  ]);
});

test('Services are told with how many each has', () => {
  const changes = beside(tcp(['10.96.1.1', 80, 3], ['172.30.0.11', 30_080, 2]));
  expect(findingsOf(connectionsAtRisk, aSnapshot(changes)).map(({ params }) => params)).toEqual([
    { tcp: '5 TCP connections', udp: '0 UDP flows', services: 'shop/cart (5)' },
  ]);
});

standardCases(connectionsAtRisk, {
  healthy: beside({ entries: [], left: 0 }),
  faulty: { KPR8002: { open: beside(tcp(['10.96.1.1', 80, 3])) } },
  notApplicable: {},
  hostile: (text) => beside(tcp(['10.96.1.1', 80, 3]), 'enable', text),
});
