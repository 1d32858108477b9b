import { expect, test } from 'vitest';
import { servicesByFrontend } from '../../../src/expect/lb/servicesByFrontend.ts';
import { kubeProxyServers } from '../../../src/expect/kube-proxy/kubeProxyServers.ts';
import type { TransportProtocol } from '../../../src/model/lb/address.ts';
import { known } from '../../../src/model/Fact.ts';
import { aService } from '../../support/healthy.ts';

const served = servicesByFrontend([
  aService('web', {
    clusterIP: '10.96.10.1',
    clusterIPs: ['10.96.10.1', 'fd00:0:0::a'],
    externalIPs: ['192.0.2.5'],
    ports: [
      { port: 80, nodePort: 31_080 },
      { port: 53, protocol: 'UDP' },
    ],
  }),
]);
const interfaces = [
  { name: 'eth0', up: true, addresses: ['172.30.0.11'] },
  { name: 'kube-ipvs0', up: false, addresses: ['10.96.0.99'] },
];

test.each<[string, TransportProtocol, string, number, boolean]>([
  ['a ClusterIP', 'TCP', '10.96.10.1', 80, true],
  ['another of its ports', 'TCP', '10.96.10.1', 6443, false],
  ['another protocol', 'UDP', '10.96.10.1', 80, false],
  ['UDP', 'UDP', '10.96.10.1', 53, true],
  ['an address of IPv6, written in another way', 'TCP', 'fd00::a', 80, true],
  ['an external IP', 'TCP', '192.0.2.5', 80, true],
  ['an address of the link, although the Service is gone', 'TCP', '10.96.0.99', 7, true],
  ['a node port', 'TCP', '172.30.0.11', 31_080, true],
  ['a node port on an address of nobody here', 'TCP', '172.30.0.12', 31_080, false],
  ['a port that is no node port', 'TCP', '172.30.0.11', 443, false],
  ['keepalived’s', 'TCP', '203.0.113.1', 80, false],
])('%s', (_, protocol, address, port, isOwn) => {
  const server = { protocol, address, port, destinations: 1 };
  const facts = { interfaces: known(interfaces, 'ip'), ipvs: known([server], '/proc/net/ip_vs') };
  expect(kubeProxyServers(facts, () => served)).toEqual(
    isOwn ? { own: [server], foreign: [] } : { own: [], foreign: [server] },
  );
});
