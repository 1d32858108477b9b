import type { EndpointSlice, Node, Service } from '../../src/model/kubernetes.ts';
import type { Snapshot } from '../../src/model/Snapshot.ts';
import { kubeProxyPod } from '../checks/kube-proxy/kubeProxyObjects.ts';
import { aNode, aService, aSlice } from '../support/healthy.ts';
import { onNode } from '../support/lbObjects.ts';
import { balanced, shop, shopSlice } from '../support/shopCluster.ts';
import { control, type Incident, missed, seen, unseen } from './Incident.ts';
import { cluster, offStatus, replacementOff, type Scene } from './scene.ts';

const shopping = (service: Service, scene: Scene = {}): Snapshot =>
  cluster({ services: [service], slices: [shopSlice()], ...scene });
const off = (service: Service, scene: Scene = {}): Snapshot =>
  shopping(service, {
    settings: replacementOff,
    all: offStatus,
    systemPods: [kubeProxyPod('n1'), kubeProxyPod('n2')],
    ...scene,
  });
const withNodePort = { ports: [{ name: 'http', port: 80, nodePort: 30_080, protocol: 'TCP' }] };
const local = { ...withNodePort, externalTrafficPolicy: 'Local', healthCheckNodePort: 30_081 };
const onBoth = shopSlice({ endpoints: [onNode('10.244.0.5', 'n1'), onNode('10.244.1.5', 'n2')] });

const ofCloud = (provider: string): readonly Node[] =>
  ['n1', 'n2'].map((name) => aNode(name, { spec: { providerID: `${provider}://project/zone/${name}` } }));
const answering = { proxyHealth: { kind: 'cilium', httpStatus: 200 } } as const;

const zoned = (n1: string, n2: string): readonly Node[] =>
  [
    ['n1', n1],
    ['n2', n2],
  ].map(([name = '', zone = '']) =>
    aNode(name, { metadata: { name, labels: { 'kubernetes.io/os': 'linux', 'topology.kubernetes.io/zone': zone } } }),
  );
const hinted = (...zones: readonly string[]): EndpointSlice =>
  shopSlice({
    endpoints: zones.map((zone, at) =>
      onNode(`10.244.1.${at + 5}`, 'n2', { zone, hints: { forZones: [{ name: zone }] } }),
    ),
  });
const topology = { 'enable-service-topology': 'true' };

const gateway = (spec: Service['spec'] = {}): Service =>
  shop(spec, { labels: { 'io.cilium.gateway/owning-gateway': 'web' } });
const placeholder = shopSlice({
  endpoints: [{ addresses: ['192.192.192.192'] }],
  ports: [{ name: 'http', port: 9999, protocol: 'TCP' }],
});
const redirected =
  (isRedirected: boolean): Scene['rows'] & object =>
  (rows) =>
    rows.map((row) =>
      row.key?.startsWith('10.96.0.') === false
        ? Object.assign({}, row, {
            backends: [],
            flags: `${row.flags?.replace(/\+?l7-load-balancer/, '') ?? ''}${isRedirected ? '+l7-load-balancer' : ''}`,
          })
        : row,
    );
const throughEnvoy = (service: Service, isRedirected: boolean, scene: Scene = {}): Snapshot =>
  cluster({
    services: [service],
    slices: [placeholder],
    settings: { 'enable-gateway-api': 'true', 'enable-envoy-config': 'true' },
    rows: redirected(isRedirected),
    ...scene,
  });

const manual = (
  portName: string,
  labels: Readonly<Record<string, string>> = { 'kubernetes.io/service-name': 'ledger' },
): Snapshot =>
  cluster({
    services: [aService('ledger', { selector: {}, ports: [{ name: 'postgres', port: 5432, protocol: 'TCP' }] })],
    slices: [
      aSlice('ledger', [], {
        metadata: { name: 'ledger-1', namespace: 'default', labels },
        endpoints: [{ addresses: ['198.51.100.20'], conditions: { ready: true } }],
        ports: [{ name: portName, port: 5432, protocol: 'TCP' }],
      }),
    ],
  });
const ranges = (more: Service['spec'] = {}): Service =>
  balanced(shop({ ...withNodePort, loadBalancerSourceRanges: ['10.0.0.0/8'], ...more }), '192.0.2.7');
const sctp = (port: number): Snapshot =>
  cluster({
    services: [shop({ ports: [{ name: 'm3ua', port, protocol: 'SCTP' }] })],
    slices: [shopSlice({ ports: [{ name: 'm3ua', port: 2905, protocol: 'SCTP' }] })],
    settings: { 'enable-sctp': 'true' },
  });
const global = (affinity: string): Service =>
  shop({}, { annotations: { 'service.cilium.io/global': 'true', 'service.cilium.io/affinity': affinity } });
const atVip = (address: string, ipMode: string): Service => ({
  ...balanced(shop(withNodePort), address),
  status: { loadBalancer: { ingress: [{ ip: address, ipMode }] } },
});
const till = (port: number): Scene => ({
  services: [
    balanced(shop(), '192.0.2.21'),
    balanced(
      aService('till', {
        clusterIP: '10.96.10.2',
        clusterIPs: ['10.96.10.2'],
        ports: [{ name: 'http', port: 80, protocol: 'TCP' }],
      }),
      '192.0.2.22',
    ),
  ],
  slices: [
    shopSlice(),
    aSlice('till', ['10.244.1.5'], {
      metadata: { name: 'till-1', namespace: 'default', labels: { 'kubernetes.io/service-name': 'till' } },
      ports: [{ name: 'http', port, protocol: 'TCP' }],
    }),
  ],
});

export const serviceIncidents: readonly Incident[] = [
  seen('cilium/cilium#27151', 'external IPs are not served although the replacement is on', 'KPR1003 n1,n2', {
    scenario: shopping(shop({ externalIPs: ['192.0.2.60'] }), { all: { status: { kpr: { externalIPs: false } } } }),
    sibling: shopping(shop({ externalIPs: ['192.0.2.60'] })),
  }),
  seen(
    ['cilium/cilium#35254', 'cilium/cilium#16163', 'canonical/k8s-snap#1146'],
    'clients are not kept with their backend while the replacement is off',
    'KPR5006 default/shop',
    {
      scenario: off(shop({ sessionAffinity: 'ClientIP' }), {
        version: '1.16.19',
        all: { status: { kpr: { mode: 'False', nodePort: undefined, socketLb: true, sessionAffinity: false } } },
      }),
      sibling: shopping(shop({ sessionAffinity: 'ClientIP' }), { version: '1.16.19' }),
    },
  ),
  seen(
    ['cilium/cilium#27502', 'gardener/gardener-extension-networking-cilium#603', 'poseidon/typhoon#1213'],
    'the cloud’s load balancer takes all nodes for dead, since nobody answers on 10256 any more',
    'KPR1014 n1,n2',
    {
      scenario: shopping(balanced(shop(withNodePort), '192.0.2.7'), { nodes: ofCloud('gce') }),
      sibling: shopping(balanced(shop(withNodePort), '192.0.2.7'), { nodes: ofCloud('gce'), all: answering }),
    },
  ),
  seen(
    ['cilium/cilium#33038', 'cilium/cilium#33547'],
    'the health check of a Gateway’s Service says that there is no endpoint',
    'KPR1012 n1,n2',
    {
      scenario: throughEnvoy(balanced(gateway(local), '192.0.2.8'), true, { version: '1.19.1' }),
      sibling: throughEnvoy(balanced(gateway(withNodePort), '192.0.2.8'), true, { version: '1.19.1' }),
    },
  ),
  unseen(
    ['cilium/cilium#27800', 'cilium/cilium#31333', 'metallb/metallb#263'],
    'an address with externalTrafficPolicy Local is announced by a node without a backend',
    'outside',
    'which node answers for the address, that is to say the leases of announcements or the network’s neighbours',
  ),
  seen(
    'cilium/cilium#45252',
    'with the replacement off pods are refused at an address with externalTrafficPolicy Local',
    'KPR1012 n1,n2',
    {
      scenario: off(balanced(shop(local), '192.0.2.9'), { version: '1.19.2', slices: [onBoth] }),
      sibling: off(balanced(shop(local), '192.0.2.9'), { version: '1.18.11', slices: [onBoth] }),
    },
  ),
  seen(
    [
      'cilium/cilium#43206',
      'cilium/cilium#44430',
      'cilium/cilium#46010',
      'cilium/cilium#45572',
      'cilium/cilium#40684',
      'cozystack/cozystack#2327',
    ],
    'a Service has the address of a node, and every other port of that node is cut off',
    'KPR1012 n1',
    {
      scenario: shopping(balanced(shop(withNodePort), '172.30.0.11'), { version: '1.19.4' }),
      sibling: shopping(balanced(shop(withNodePort), '192.0.2.11'), { version: '1.19.4' }),
    },
  ),
  seen(
    ['cilium/cilium#30843', 'cilium/cilium#34903', 'cilium/cilium#17440', 'cilium/cilium#44718'],
    'source ranges are not enforced at a Service’s external IPs',
    'KPR1012 n1,n2',
    {
      scenario: shopping(ranges({ externalIPs: ['192.0.2.61'] }), { version: '1.19.7' }),
      sibling: shopping(ranges(), { version: '1.19.7' }),
    },
  ),
  seen('cilium/cilium#42334', 'source ranges keep the load balancer itself out', 'KPR1012 n1,n2', {
    scenario: shopping(ranges(), { version: '1.18.2' }),
    sibling: shopping(ranges(), { version: '1.18.9' }),
  }),
  seen(
    ['cilium/cilium#12433', 'cilium/cilium#32412', 'cilium/cilium#38540'],
    'a Service of SCTP leads to another port than its own',
    'KPR5007 default/shop',
    {
      scenario: sctp(2904),
      sibling: sctp(2905),
    },
  ),
  seen(
    ['cilium/cilium#22541', 'cilium/cilium#12247', 'cilium/cilium#19894'],
    'a Service of both families is served in one, as Cilium has IPv6 off',
    'KPR5009 default/shop',
    {
      scenario: shopping(shop({ clusterIPs: ['10.96.10.1', 'fd00:96::10'], ipFamilies: ['IPv4', 'IPv6'] })),
      sibling: shopping(shop({ clusterIPs: ['10.96.10.1'], ipFamilies: ['IPv4'] })),
    },
  ),
  unseen(
    ['docs: external access to ClusterIPs', 'cilium/cilium#15650'],
    'hosts outside the cluster no longer reach ClusterIPs',
    'outside',
    'routes of others to the Services’ addresses',
  ),
  seen(
    ['cilium/cilium#13036', 'cilium/cilium#13019'],
    'a label hands a Service to another proxy',
    'KPR5009 default/shop',
    {
      scenario: shopping(shop({}, { labels: { 'service.kubernetes.io/service-proxy-name': 'edge' } })),
      sibling: shopping(shop({}, { labels: { app: 'edge' } })),
    },
  ),
  control(
    'docs: selective exposure of Services',
    'an annotation limits a Service to one type of address',
    shopping({
      ...balanced(shop(withNodePort, { annotations: { 'service.cilium.io/type': 'LoadBalancer' } }), '192.0.2.12'),
    }),
  ),
  seen(
    ['cilium/cilium#40883', 'cilium/cilium#41024', 'cilium/cilium#23837', 'cilium/cilium#47960'],
    'hints leave the nodes of a zone with an endpoint that is not ready',
    'KPR5009 n1',
    {
      scenario: shopping(shop({ trafficDistribution: 'PreferClose' }), {
        settings: topology,
        nodes: zoned('a', 'b'),
        slices: [
          shopSlice({
            endpoints: [
              onNode('10.244.1.5', 'n2', { zone: 'b', hints: { forZones: [{ name: 'b' }] } }),
              onNode('10.244.0.6', 'n1', {
                zone: 'a',
                hints: { forZones: [{ name: 'a' }] },
                conditions: { ready: false },
              }),
            ],
          }),
        ],
      }),
      sibling: shopping(shop({ trafficDistribution: 'PreferClose' }), {
        settings: topology,
        nodes: zoned('a', 'b'),
        slices: [hinted('a', 'b')],
      }),
    },
  ),
  seen('cilium/cilium#41022', 'nodes of a zone without an endpoint are left with nobody', 'KPR1012 n2', {
    scenario: shopping(shop({ trafficDistribution: 'PreferClose' }), {
      version: '1.18.0',
      settings: topology,
      nodes: zoned('eu-a', 'eu-b'),
      slices: [hinted('eu-a', 'eu-a')],
    }),
    sibling: shopping(shop({ trafficDistribution: 'PreferClose' }), {
      version: '1.18.8',
      settings: topology,
      nodes: zoned('eu-a', 'eu-b'),
      slices: [hinted('eu-a', 'eu-a')],
    }),
  }),
  seen(
    ['cilium/cilium#37930', 'cilium/cilium#44060'],
    'trafficDistribution is ignored, as the switch for it is off',
    'KPR5009 default/shop',
    {
      scenario: shopping(shop({ trafficDistribution: 'PreferClose' }), {
        nodes: zoned('eu-a', 'eu-b'),
        slices: [hinted('eu-a', 'eu-b')],
      }),
      sibling: shopping(shop({ trafficDistribution: 'PreferClose' }), {
        settings: topology,
        nodes: zoned('eu-a', 'eu-b'),
        slices: [hinted('eu-a', 'eu-b')],
      }),
    },
  ),
  seen(
    ['cilium/cilium#36503', 'cilium/cilium#46623', 'cilium/cilium#45109', 'cilium/cilium#31718'],
    'a global Service gets no backends of other clusters',
    'KPR1012 n1,n2',
    {
      scenario: shopping(global('none'), { version: '1.19.5' }),
      sibling: shopping(global('local'), { version: '1.19.5' }),
    },
  ),
  unseen(
    ['cilium/cilium#26100', 'cilium/cilium#27709', 'cilium/cilium#26733'],
    'a pod that reaches itself through its Service comes with another source, which a policy refuses',
    'otherPart',
    'network policies, and which pods are their own clients',
  ),
  seen(
    'cilium/cilium#40913',
    'an address with ipMode Proxy is served in the cluster, past the load balancer',
    'KPR1012 n1,n2',
    {
      scenario: shopping(atVip('192.0.2.13', 'Proxy'), {
        version: '1.18.0',
        rows: (rows) => [
          ...rows,
          { key: '192.0.2.13:80/TCP', backends: ['10.244.1.5:8080/TCP'], flags: 'LoadBalancer' },
        ],
      }),
      sibling: shopping(atVip('192.0.2.13', 'Proxy'), { version: '1.18.8' }),
    },
  ),
  unseen(
    ['cilium/cilium#35518', 'cilium/cilium#11724'],
    'NodePorts are asked for at a load balancer’s address',
    'outside',
    'the targets of clients and health checks',
  ),
  missed(
    'cilium/cilium#35012',
    'with the replacement off an Ingress’ NodePort is not reached from the node itself',
    'KPR7007',
    'NodePorts of Ingresses are not told from others',
  ),
  seen(
    'docs: internal traffic policy',
    'some nodes have no endpoint of a Service with internalTrafficPolicy Local',
    'KPR5008 n1',
    {
      scenario: shopping(shop({ internalTrafficPolicy: 'Local' })),
      sibling: shopping(shop({ internalTrafficPolicy: 'Local' }), { slices: [onBoth] }),
    },
  ),
  control(
    'cilium/cilium#47378',
    'rows that lead to the proxy of layer 7 have no backends',
    throughEnvoy(balanced(gateway(), '192.0.2.14'), true),
  ),
  seen(
    'cilium/cilium#47378',
    'the address of a Gateway has neither backends nor a redirect to the proxy',
    'KPR5012 default/shop',
    {
      scenario: throughEnvoy(balanced(gateway(), '192.0.2.15'), false),
      sibling: throughEnvoy(balanced(gateway(), '192.0.2.15'), true),
    },
  ),
  seen(
    ['cilium/cilium#12438', 'cilium/cilium#17320', 'cilium/cilium#18979', 'kubernetes/kubernetes#93157'],
    'the port of a hand-written EndpointSlice has another name than that of its Service',
    'KPR5009 default/ledger',
    { scenario: manual('pg'), sibling: manual('postgres') },
  ),
  seen(
    'cilium/cilium#15142',
    'a hand-written EndpointSlice has no label that says whose it is',
    'KPR5011 default/ledger',
    {
      scenario: manual('postgres', {}),
      sibling: manual('postgres', { 'kubernetes.io/service-name': 'ledger', team: 'bank' }),
    },
  ),
  control(
    ['cilium/cilium#48178', 'cilium/cilium#48459'],
    'with the replacement off 1.19.7 leaves addresses of load balancers to kube-proxy',
    off(balanced(shop(withNodePort), '192.0.2.16'), {
      version: '1.19.7',
      settings: { ...replacementOff, 'routing-mode': 'native' },
    }),
  ),
  seen(
    'kubermatic/kubermatic#15939',
    'with the replacement off Cilium takes addresses of load balancers all the same',
    'KPR1012 n1,n2',
    {
      scenario: off(balanced(shop(withNodePort), '192.0.2.17'), { version: '1.19.2' }),
      sibling: off(balanced(shop(withNodePort), '192.0.2.17'), {
        version: '1.19.7',
        settings: { ...replacementOff, 'routing-mode': 'native' },
      }),
    },
  ),
  seen(
    'cilium/cilium#30450',
    'a Service of IPv4 is given an IPv6 address, behind which there is nobody',
    'KPR5009 default/shop',
    {
      scenario: shopping(balanced(shop({ ...withNodePort, ipFamilies: ['IPv4'] }), '192.0.2.18', '2001:db8:139::100'), {
        settings: { 'enable-ipv6': 'true' },
      }),
      sibling: shopping(balanced(shop({ ...withNodePort, ipFamilies: ['IPv4'] }), '192.0.2.18'), {
        settings: { 'enable-ipv6': 'true' },
      }),
    },
  ),
  seen(
    ['cilium/cilium#11810', 'cilium/cilium#18632'],
    'connections of one client collide that come to one backend by two addresses',
    'KPR5010 default/shop,default/till',
    {
      scenario: cluster(till(8080)),
      sibling: cluster(till(8081)),
    },
  ),
];
