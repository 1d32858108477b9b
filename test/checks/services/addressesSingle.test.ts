import { expect, it } from 'vitest';
import { addressesSingle } from '../../../checks/services/addressesSingle.ts';
import type { EndpointSlice, Service } from '../../../src/model/kubernetes.ts';
import { aMissing, aSnapshot, codesOf, findingsOf, type SnapshotChanges } from '../../support/aSnapshot.ts';
import { aService, aSlice } from '../../support/healthy.ts';
import { aPod } from '../../support/lbObjects.ts';
import { parseMapsDump } from '../../support/parseMapsDump.ts';
import { balanced, shop, shopCluster, shopSlice } from '../../support/shopCluster.ts';
import { standardCases } from '../../support/standardCases.ts';

const ports = [{ name: 'http', port: 80, protocol: 'TCP' }];
const other = (spec: Service['spec'], name = 'other') =>
  aService(name, { ports, clusterIP: '10.96.10.2', clusterIPs: ['10.96.10.2'], ...spec });
const slices = [
  shopSlice(),
  aSlice('other', ['10.244.1.6'], { ports: [{ name: 'http', port: 8080, protocol: 'TCP' }] }),
];
const vip = ['192.0.2.7'];
const two = (name = 'other') => [shop({ externalIPs: vip }), other({ externalIPs: vip }, name)];
/** The map holds the row of `default/other`. */
const table = parseMapsDump(
  [
    'SVC: ID=1 ADDR=192.0.2.7:80/TCP SLOT=0 LBALG=undef AFFTimeout=0 COUNT=1 QCOUNT=0 FLAGS=ExternalIPs',
    'SVC: ID=1 ADDR=192.0.2.7:80/TCP SLOT=1 BEID=1 COUNT=0 QCOUNT=0 FLAGS=ExternalIPs',
    'BE: ID=1 ADDR=10.244.1.6:8080/TCP STATE=active',
  ].join('\n'),
);
const atNode = (port: number) =>
  shop({ externalIPs: ['172.30.0.11'], ports: [{ name: 'http', port, protocol: 'TCP' }] });
const pod = aPod('edge', [{ containerPort: 80, hostPort: 31_000 }]);
const nodePort = shop({ type: 'NodePort', ports: [{ name: 'http', port: 80, nodePort: 31_000 }] });

/** The API server is at 203.0.113.5:6443, outside of the nodes. */
function hiding(port = 6443, slice: readonly EndpointSlice[] = [], externalIP = '203.0.113.5'): SnapshotChanges {
  const server = aSlice('kubernetes', ['203.0.113.5'], {
    metadata: { name: 'kubernetes', namespace: 'default', labels: { 'kubernetes.io/service-name': 'kubernetes' } },
    ports: [{ name: 'https', port: 6443, protocol: 'TCP' }],
  });
  const taking = shop({ externalIPs: [externalIP], ports: [{ name: 'http', port, protocol: 'TCP' }] });
  return shopCluster({ services: [taking], facts: { endpointSlices: [server, ...slice] } });
}
it.each<[string, SnapshotChanges, string[]]>([
  ['its address and port', hiding(), ['KPR5004 default/shop']],
  ['another port', hiding(6444), []],
  ['another address', hiding(6443, [], '203.0.113.6'), []],
  ['and balances for such as are nodes', hiding(6443, [aSlice('shop', ['172.30.0.11'])]), []],
  [
    'and leads to it',
    hiding(6443, [aSlice('shop', ['203.0.113.5'], { ports: [{ name: 'http', port: 6443, protocol: 'TCP' }] })]),
    [],
  ],
])('a Service asks for an API server: %s', (_, changes, expected) => {
  expect(codesOf(addressesSingle, aSnapshot(changes))).toEqual(expected);
});

/** The pod is at 10.1.1.7. */
const atPod = (spec: object = {}): SnapshotChanges =>
  shopCluster({ services: [shop({ externalIPs: ['10.1.1.7'] })], slices, pods: [aPod('db', [], { spec })] });
it.each<[string, SnapshotChanges, string[]]>([
  ['on the network of pods', atPod(), ['KPR5004 default/shop,shop/db']],
  ['on the network of its node', atPod({ hostNetwork: true }), []],
])('an external IP is the address of a pod %s', (_, changes, expected) => {
  expect(codesOf(addressesSingle, aSnapshot(changes))).toEqual(expected);
});

standardCases(addressesSingle, {
  healthy: shopCluster({ services: [shop({ externalIPs: vip })], slices }),
  faulty: {
    KPR5004: {
      twoOwners: shopCluster({ services: two(), slices, n1: { lbTable: table }, n2: { lbTable: table } }),
      eitherOwner: shopCluster({
        services: two(),
        slices,
        n1: { lbTable: aMissing('timeout') },
        n2: { lbTable: aMissing('timeout') },
      }),
      nodePortRange: shopCluster({ services: [atNode(30_500)], slices }),
      hidesListener: shopCluster({ services: [atNode(10_250)], slices }),
      hidesApiServer: hiding(),
      hidesPod: atPod(),
      hostPortIsNodePort: shopCluster({ services: [nodePort], slices, pods: [pod] }),
    },
  },
  notApplicable: { facts: { services: [] } },
  hostile: (text) => shopCluster({ services: two(text), slices }),
});

it('of two Services both are named, and the one that lost says so', () => {
  const cluster = aSnapshot(shopCluster({ services: two(), slices, n1: { lbTable: table }, n2: { lbTable: table } }));
  expect(findingsOf(addressesSingle, cluster)).toMatchObject([
    { params: { loser: 'default/shop', holder: 'default/other', frontend: '192.0.2.7:80/TCP' }, nodes: [] },
  ]);
});

it.each([
  [
    'an external IP that is another Service’s ClusterIP',
    [shop(), other({ externalIPs: ['10.96.10.1'] })],
    ['KPR5004 default/other,default/shop'],
  ],
  [
    'the same address at other ports',
    [shop({ externalIPs: vip }), other({ externalIPs: vip, ports: [{ name: 'http', port: 81 }] })],
    [],
  ],
  ['a node’s address at a port that nobody uses', [atNode(8000)], []],
  ['a node’s address at a port where something listens', [atNode(9100)], ['KPR5004 n1']],
  ['a LoadBalancer address that is a node’s, where nobody listens', [balanced(shop(), '172.30.0.12')], []],
])('%s', (_, services, expected) => {
  const cluster = shopCluster({ services, slices, n1: { listeners: [{ address: '*', port: 9100 }] } });
  const said = codesOf(addressesSingle, aSnapshot(cluster));
  expect(said.map((line) => line.replace('default/shop,default/other', 'default/other,default/shop'))).toEqual(
    expected,
  );
});

it('a port at which the Service’s own endpoint listens on that node is its own', () => {
  const own = shopSlice({
    endpoints: [{ addresses: ['172.30.0.11'], nodeName: 'n1' }],
    ports: [{ name: 'http', port: 6443, protocol: 'TCP' }],
  });
  expect(codesOf(addressesSingle, aSnapshot(shopCluster({ services: [atNode(6443)], slices: [own] })))).toEqual([]);
});
