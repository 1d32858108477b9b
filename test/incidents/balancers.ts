import type { Node, Pod, Service } from '../../src/model/kubernetes.ts';
import type { Snapshot } from '../../src/model/Snapshot.ts';
import { aNode, anAgentPod, aService, aSlice } from '../support/healthy.ts';
import { balanced, shop, shopSlice } from '../support/shopCluster.ts';
import { control, type Incident, missed, seen, unseen } from './Incident.ts';
import { cluster, type Scene } from './scene.ts';

const nodePort = { ports: [{ name: 'http', port: 80, nodePort: 30_080, protocol: 'TCP' }] };
const old = { creationTimestamp: '2026-11-21T09:00:00Z' };
const shopping = (service: Service, scene: Scene = {}): Snapshot =>
  cluster({ services: [service], slices: [shopSlice()], ...scene });

/** Of type LoadBalancer without an address. */
const waiting = (spec: Service['spec'] = {}): Service => balanced(shop({ ...nodePort, ...spec }, old));
const refused = (reason: string, message: string): Service => ({
  ...waiting(),
  status: { conditions: [{ type: 'cilium.io/IPAMRequestSatisfied', status: 'False', reason, message }] },
});
const given: Service = balanced(shop(nodePort, old), '192.0.2.7');

const operator = (isReady: boolean): Pod => ({
  metadata: { name: 'cilium-operator-1', namespace: 'kube-system', labels: { 'io.cilium/app': 'operator' } },
  status: { conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False' }] },
});
const announced = waiting({ loadBalancerClass: 'io.cilium/l2-announcer' });
const announcing = { 'enable-l2-announcements': 'true' };

const clouds = ['n1', 'n2'].map((name): Node => aNode(name, { spec: { providerID: `azure:///machines/${name}` } }));
const checked = balanced(
  shop({ ...nodePort, externalTrafficPolicy: 'Local', healthCheckNodePort: 30_081 }, old),
  '192.0.2.7',
);
const inCloud: Scene = { nodes: clouds, slices: [shopSlice({ endpoints: ['n1', 'n2'].map(endpointOn) })] };
function endpointOn(nodeName: string, at: number) {
  return { addresses: [`10.244.${at}.5`], nodeName };
}

const envoy = (node: string, isReady: boolean): Pod => ({
  metadata: { name: `cilium-envoy-${node}`, namespace: 'kube-system', labels: { 'k8s-app': 'cilium-envoy' } },
  spec: { nodeName: node, hostNetwork: true, containers: [{ name: 'cilium-envoy' }] },
  status: {
    phase: 'Running',
    conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False', lastTransitionTime: '2026-11-21T09:30:00Z' }],
    containerStatuses: [
      { name: 'cilium-envoy', ready: isReady, ...(!isReady && { state: { waiting: { reason: 'CrashLoopBackOff' } } }) },
    ],
  },
});
const placeholder = (name: string, namespace: string) =>
  aSlice(name, [], {
    metadata: { name: `${name}-x`, namespace, labels: { 'kubernetes.io/service-name': name } },
    endpoints: [{ addresses: ['192.192.192.192'] }],
    ports: [{ name: 'http', port: 9999, protocol: 'TCP' }],
  });
const redirected =
  (on: readonly string[]): Scene['rows'] & object =>
  (rows, node) =>
    rows.map((row) => {
      if (row.key?.startsWith('10.96.0.') !== false) return row;
      const flags = (row.flags ?? '').replace(/\+?l7-load-balancer/, '');
      return Object.assign({}, row, { backends: [], flags: on.includes(node) ? `${flags}+l7-load-balancer` : flags });
    });
const withEnvoy = { 'enable-gateway-api': 'true', 'enable-envoy-config': 'true', 'external-envoy-proxy': 'true' };
const gateway = balanced(
  shop({ ...nodePort, selector: {} }, { labels: { 'io.cilium.gateway/owning-gateway': 'web' } }),
  '192.0.2.8',
);
const throughGateway = (scene: Scene): Snapshot =>
  cluster({
    services: [gateway],
    slices: [placeholder('shop', 'default')],
    settings: withEnvoy,
    rows: redirected(['n1', 'n2']),
    ...scene,
  });
const ingress = balanced(
  aService(
    'cilium-ingress',
    { ...nodePort, selector: {} },
    { namespace: 'kube-system', labels: { 'cilium.io/ingress': 'true' } },
  ),
  '192.0.2.9',
);
const throughIngress = (on: readonly string[]): Snapshot =>
  cluster({
    services: [ingress],
    slices: [placeholder('cilium-ingress', 'kube-system')],
    settings: { ...withEnvoy, 'enable-ingress-controller': 'true' },
    rows: redirected(on),
  });

export const balancerIncidents: readonly Incident[] = [
  seen(
    'cilium/cilium#26939',
    'a Service is left to BGP of Cilium, which is off, and gets no address',
    'KPR5013 default/shop',
    {
      scenario: shopping(waiting({ loadBalancerClass: 'io.cilium/bgp-control-plane' })),
      sibling: shopping(given, { settings: { 'enable-bgp-control-plane': 'true' } }),
    },
  ),
  seen(
    ['Azure/AKS#5044', 'cilium/cilium#30078', 'cilium/cilium#34099'],
    'pools of Cilium have no address for a Service',
    'KPR5013 default/shop',
    {
      scenario: shopping(refused('out_of_ips', 'All pools that match this service ran out of allocatable IPs')),
      sibling: shopping(given),
    },
  ),
  seen('cilium/cilium#30692', 'two Services are to share an address, and may not', 'KPR5013 default/shop', {
    scenario: shopping(
      refused('already_allocated_incompatible_service', 'The IP is already allocated to an incompatible service'),
    ),
    sibling: shopping({ ...given, spec: { ...given.spec, ports: [{ name: 'http', port: 81, nodePort: 30_081 }] } }),
  }),
  seen(
    ['cilium/cilium#7647', 'deckhouse/deckhouse#12091'],
    'the operator loses its lease again and again, and gives no addresses',
    'KPR5013 default/shop',
    {
      scenario: shopping(announced, { settings: announcing, systemPods: [operator(false)] }),
      sibling: shopping(given, { settings: announcing, systemPods: [operator(true)] }),
    },
  ),
  seen(
    ['cilium/cilium#40438', 'cilium/cilium#31786'],
    'an address of a load balancer has nobody behind it, and hides the machine that has it outside',
    'KPR5011 default/shop',
    {
      scenario: shopping(given, { slices: [shopSlice({ endpoints: [] })] }),
      sibling: shopping(given, { systemPods: [operator(true)] }),
    },
  ),
  seen(
    ['gardener/gardener-extension-networking-cilium#492', 'cilium/cilium#16323'],
    'health checks of load balancers are left to kube-proxy, which is gone',
    'KPR5002 n1,n2',
    {
      scenario: shopping(checked, { ...inCloud, settings: { 'enable-health-check-nodeport': 'false' } }),
      sibling: shopping(checked, { ...inCloud, all: { listeners: [{ address: '*', port: 30_081, isAgent: true }] } }),
    },
  ),
  seen(
    ['cilium/cilium#44759', 'cilium/cilium#29967'],
    'Envoy does not come up on one node, and Gateways are refused there',
    'KPR5012 n2',
    {
      scenario: throughGateway({ systemPods: [envoy('n1', true), envoy('n2', false)] }),
      sibling: throughGateway({ systemPods: [envoy('n1', true), envoy('n2', true)] }),
    },
  ),
  seen(
    'cilium/cilium#47976',
    'the Service of the shared Ingress has an address, and no redirect to the proxy',
    'KPR5012 kube-system/cilium-ingress',
    { scenario: throughIngress([]), sibling: throughIngress(['n1', 'n2']) },
  ),
  control(
    ['cilium/cilium#40283', 'cilium/cilium#38227'],
    'Gateways listen in the network of chosen hosts, and rows lead to the proxy there alone',
    throughGateway({
      settings: {
        ...withEnvoy,
        'gateway-api-hostnetwork-enabled': 'true',
        'gateway-api-hostnetwork-nodelabelselector': 'kubernetes.io/hostname=n1',
      },
      rows: redirected(['n1']),
    }),
  ),
  control(
    'kubernetes/kubernetes#110208',
    'endpoints do not say on which node they are, and traffic is to stay on the node: Cilium takes them for its own',
    shopping(checked, {
      slices: [shopSlice({ endpoints: [{ addresses: ['198.51.100.5'] }] })],
      all: { listeners: [{ address: '*', port: 30_081, isAgent: true }] },
      systemPods: [anAgentPod('n2')],
    }),
  ),
  missed(
    'cilium/cilium#43131',
    'a restart of the operator gives Services other addresses while the API is slow',
    'KPR1012',
    'that the operator will be restarted, and the API slow then',
  ),
  unseen(
    'cilium/cilium#42245',
    'an external IP that all nodes have is not reached from inside where policies of the two scopes differ',
    'told',
    'why, of which the report says nothing before it was closed',
  ),
];
