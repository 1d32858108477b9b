import { expect, it } from 'vitest';
import { frontendsBacked } from '../../../checks/services/frontendsBacked.ts';
import { topologyHonoured } from '../../../checks/services/topologyHonoured.ts';
import { aSnapshot, codesOf, findingsOf } from '../../support/aSnapshot.ts';
import { aNode, aService } from '../../support/healthy.ts';
import { onNode } from '../../support/lbObjects.ts';
import { balanced, shop, shopCluster, shopSlice } from '../../support/shopCluster.ts';
import { standardCases } from '../../support/standardCases.ts';

const zoned = (zone: string) =>
  aNode('n1', { metadata: { name: 'n1', labels: { 'topology.kubernetes.io/zone': zone } } });
const hinted = shopSlice({
  endpoints: [
    onNode('10.244.1.5', 'n2', { zone: 'b', hints: { forZones: [{ name: 'b' }] } }),
    onNode('10.244.1.6', 'n2', { zone: 'a', hints: { forZones: [{ name: 'a' }] }, conditions: { ready: false } }),
  ],
});

it.each([
  ['one of its endpoints', [onNode('10.244.1.5', 'n1'), onNode('10.96.0.10', 'n1')], ['KPR5009 default/shop']],
  ['one that takes no connections', [onNode('10.96.0.10', 'n1', { conditions: { ready: false } })], []],
  ['none of its endpoints', [onNode('10.244.1.5', 'n1')], []],
])('the ClusterIP of another Service is %s', (_, endpoints, expected) => {
  const cluster = shopCluster({ services: [shop()], slices: [shopSlice({ endpoints })] });
  expect(codesOf(frontendsBacked, aSnapshot(cluster))).toEqual(expected);
});

const nodePort = aService('other', { ports: [{ port: 80, nodePort: 31_080 }], externalIPs: ['203.0.113.7'] });
const leadingTo = (address: string, port: number, services = [shop(), nodePort]) =>
  shopCluster({
    services,
    slices: [shopSlice({ ports: [{ name: 'http', port, protocol: 'TCP' }], endpoints: [onNode(address, 'n2')] })],
  });
it.each<[string, string, number, string[]]>([
  ['a nodePort of another Service', '172.30.0.12', 31_080, ['KPR5009 default/shop']],
  ['an external address of another Service', '203.0.113.7', 80, ['KPR5009 default/shop']],
  ['another port there', '203.0.113.7', 81, []],
  ['a program of a node', '172.30.0.12', 9100, []],
])('endpoints are %s', (_, address, port, expected) => {
  expect(codesOf(frontendsBacked, aSnapshot(leadingTo(address, port)))).toEqual(expected);
});

it('what a controller wrote are pods, whoever else claims their addresses', () => {
  const labels = {
    'kubernetes.io/service-name': 'shop',
    'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
  };
  const slice = shopSlice({
    metadata: { name: 'shop-1', namespace: 'default', labels },
    ports: [{ name: 'http', port: 80, protocol: 'TCP' }],
    endpoints: [onNode('203.0.113.7', 'n2')],
  });
  const cluster = shopCluster({ services: [shop(), nodePort], slices: [slice] });
  expect(codesOf(frontendsBacked, aSnapshot(cluster))).toEqual([]);
});

it('an endpoint at an external address of its own Service is what is meant', () => {
  const own = [shop({ externalIPs: ['203.0.113.7'] })];
  expect(codesOf(frontendsBacked, aSnapshot(leadingTo('203.0.113.7', 80, own)))).toEqual([]);
});

standardCases(frontendsBacked, {
  faulty: {
    KPR5009: {
      portName: shopCluster({
        services: [shop()],
        slices: [shopSlice({ ports: [{ name: 'web', port: 8080, protocol: 'TCP' }] })],
      }),
      endpointIsService: shopCluster({
        services: [shop()],
        slices: [shopSlice({ endpoints: [onNode('10.96.0.10', 'n1'), onNode('10.244.1.5', 'n1')] })],
      }),
      endpointIsFrontend: leadingTo('172.30.0.12', 31_080),
      onlyNames: shopCluster({
        services: [shop()],
        slices: [shopSlice({ addressType: 'FQDN', endpoints: [onNode('www.example.com', 'n1')] })],
      }),
      noSuchPort: shopCluster({ services: [shop()], slices: [shopSlice({ ports: [] })] }),
      protocol: shopCluster({
        services: [shop()],
        slices: [shopSlice({ ports: [{ name: 'http', port: 8080, protocol: 'UDP' }] })],
      }),
      family: shopCluster({
        services: [balanced(shop(), '192.0.2.1', '2001:db8::1')],
        slices: [shopSlice()],
        settings: { 'enable-ipv6': 'true' },
      }),
      familyOff: shopCluster({ services: [balanced(shop(), '192.0.2.1', '2001:db8::1')], slices: [shopSlice()] }),
      noRange: shopCluster({
        services: [balanced(shop({ loadBalancerSourceRanges: ['fd00::/64'] }), '192.0.2.1')],
        slices: [shopSlice()],
      }),
      deniesAll: shopCluster({
        services: [
          balanced(
            shop(
              { loadBalancerSourceRanges: ['0.0.0.0/0'] },
              { annotations: { 'service.cilium.io/src-ranges-policy': 'deny' } },
            ),
            '192.0.2.1',
          ),
        ],
        slices: [shopSlice()],
      }),
      otherProxy: shopCluster({
        services: [shop({}, { labels: { 'service.kubernetes.io/service-proxy-name': 'other' } })],
        slices: [shopSlice()],
      }),
      notThisProxy: shopCluster({ settings: { 'k8s-service-proxy-name': 'mine' } }),
      headless: shopCluster({ services: [shop({}, { labels: { 'service.kubernetes.io/headless': '' } })] }),
      zone: shopCluster({
        services: [shop({ trafficDistribution: 'PreferClose' })],
        slices: [hinted],
        settings: { 'enable-service-topology': 'true' },
        facts: { nodes: [zoned('a'), aNode('n2')] },
      }),
      topologyOff: { raisedBy: topologyHonoured },
      distributionUnknown: { raisedBy: topologyHonoured },
      outOfRotation: shopCluster({
        services: [shop()],
        slices: [
          shopSlice({
            metadata: {
              name: 'shop-1',
              namespace: 'default',
              labels: { 'kubernetes.io/service-name': 'shop' },
              annotations: { 'service.cilium.io/weight': '0' },
            },
          }),
        ],
        version: '1.20.1',
      }),
      sliceOfOtherProxy: shopCluster({
        services: [shop({}, { labels: { 'service.kubernetes.io/service-proxy-name': 'mine' } })],
        slices: [shopSlice()],
        settings: { 'k8s-service-proxy-name': 'mine' },
        version: '1.20.1',
      }),
    },
  },
  notApplicable: { facts: { services: [] } },
  hostile: (text) =>
    shopCluster({
      services: [shop()],
      slices: [shopSlice({ ports: [{ name: `x${text}`, port: 8080, protocol: 'TCP' }] })],
    }),
});

const portName = { ports: [{ name: 'web', port: 8080, protocol: 'TCP' }] };

it('what of a Service serves nobody is one finding, on the Service', () => {
  const ports = [{ name: 'http', port: 80, protocol: 'TCP', nodePort: 31_080 }];
  const cluster = shopCluster({ services: [balanced(shop({ ports }), '192.0.2.1')], slices: [shopSlice(portName)] });
  expect(codesOf(frontendsBacked, aSnapshot(cluster))).toEqual(['KPR5009 default/shop']);
  expect(findingsOf(frontendsBacked, aSnapshot(cluster))).toMatchObject([
    { severity: 'error', nodes: [], params: { asked: 'http', offered: 'web' } },
  ]);
});

it.each([
  [
    'nobody is ready: the application’s',
    shopSlice({ endpoints: [onNode('10.244.1.5', 'n2', { conditions: { ready: false } })] }),
  ],
  ['ports without names fit every name', shopSlice({ ports: [{ port: 8080, protocol: 'TCP' }] })],
])('silent where %s', (_, slice) => {
  expect(codesOf(frontendsBacked, aSnapshot(shopCluster({ services: [shop()], slices: [slice] })))).toEqual([]);
});
