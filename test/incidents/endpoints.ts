import type { CiliumNode, Endpoint, EndpointSlice, Node, Pod, Service } from '../../src/model/kubernetes.ts';
import type { Snapshot } from '../../src/model/Snapshot.ts';
import { aNode, anAgentPod } from '../support/healthy.ts';
import { onNode } from '../support/lbObjects.ts';
import { shop, shopSlice } from '../support/shopCluster.ts';
import { control, type Incident, seen } from './Incident.ts';
import { cluster, holding, type Scene } from './scene.ts';

/** An hour before the cluster is looked at. */
const since = '2026-11-21T09:00:00Z';

const pod = (name: string, ip: string, isReady = true, more: Partial<Pod['metadata']> = {}): Pod => ({
  metadata: { name, namespace: 'default', labels: { app: 'shop' }, creationTimestamp: since, ...more },
  spec: { nodeName: 'n2', containers: [{ name: 'shop', ports: [{ name: 'http', containerPort: 8080 }] }] },
  status: {
    phase: 'Running',
    podIP: ip,
    podIPs: [{ ip }],
    conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False', lastTransitionTime: since }],
  },
});
const onN1 = (one: Pod): Pod => ({ ...one, spec: { ...one.spec, nodeName: 'n1' } });
/** With addresses for its pods. */
const ranged = (name: string, range: string): CiliumNode => ({
  metadata: { name },
  spec: { ipam: { podCIDRs: [range] } },
});
const ended = (one: Pod): Pod => ({ ...one, status: { ...one.status, phase: 'Failed' } });

const controller = 'endpointslice-controller.k8s.io';
const slice = (author: string, endpoints: readonly Endpoint[], name = 'shop-a'): EndpointSlice =>
  shopSlice({
    endpoints,
    metadata: {
      name,
      namespace: 'default',
      creationTimestamp: since,
      labels: { 'kubernetes.io/service-name': 'shop', 'endpointslice.kubernetes.io/managed-by': author },
    },
  });
const ready = (ip: string): Endpoint => onNode(ip, 'n2', { conditions: { ready: true } });
const unready = (ip: string): Endpoint => onNode(ip, 'n2', { conditions: { ready: false, serving: false } });
const copied = (...ips: readonly string[]): EndpointSlice =>
  slice('endpointslicemirroring-controller.k8s.io', ips.map(ready), 'shop-copy');

const shopping = (pods: readonly Pod[], slices: readonly EndpointSlice[], scene: Scene = {}): Snapshot =>
  cluster({ services: [shop({}, { creationTimestamp: since })], pods, slices, ...scene });
const byHand: readonly Service[] = [shop({ selector: {} }, { creationTimestamp: since })];

const lost: Node = {
  ...aNode('n2'),
  status: {
    ...aNode('n2').status,
    conditions: [{ type: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting' }],
  },
};
const leaving = onNode('10.244.1.5', 'n2', { conditions: { ready: false, serving: false, terminating: true } });

const twoPorts = shop({
  ports: [
    { name: 'http', port: 80, protocol: 'TCP' },
    { name: 'metrics', port: 81, protocol: 'TCP' },
  ],
});
const twoSlices = ['http', 'metrics'].map((name, at) =>
  shopSlice({
    endpoints: [ready('10.244.1.5')],
    ports: [{ name, port: 8080 + at, protocol: 'TCP' }],
    metadata: { name: `shop-${name}`, namespace: 'default', labels: { 'kubernetes.io/service-name': 'shop' } },
  }),
);

export const endpointIncidents: readonly Incident[] = [
  seen(
    ['kubernetes/kubernetes#107583', 'kubernetes/kubernetes#82494'],
    'the controller that writes EndpointSlices stands still, and Services lead to pods of yesterday',
    'KPR5014 default/shop',
    {
      scenario: shopping([pod('shop-1', '10.244.1.21')], [slice(controller, [ready('10.244.1.5')])]),
      sibling: shopping([pod('shop-1', '10.244.1.5')], [slice(controller, [ready('10.244.1.5')])]),
    },
  ),
  seen(
    ['kubernetes/kubernetes#125619', 'kubernetes/kubernetes#117193', 'deckhouse/deckhouse#8625'],
    'pods are ready again, and their EndpointSlice goes on saying that they are not',
    'KPR5014 default/shop',
    {
      scenario: shopping([pod('shop-1', '10.244.1.5')], [slice(controller, [unready('10.244.1.5')])]),
      sibling: shopping([pod('shop-1', '10.244.1.5', false)], [slice(controller, [unready('10.244.1.5')])]),
    },
  ),
  seen(
    ['kubernetes/kubernetes#105987', 'kubernetes/kubernetes#105997'],
    'a Service gets its selector back, and what was copied of its Endpoints stays beside its pods',
    'KPR5014 default/shop',
    {
      scenario: shopping(
        [pod('shop-1', '10.244.1.5')],
        [slice(controller, [ready('10.244.1.5')]), copied('10.244.1.66')],
      ),
      sibling: shopping([], [copied('198.51.100.3')], { services: byHand }),
    },
  ),
  seen(
    ['deckhouse/deckhouse#22686', 'deckhouse/deckhouse#22879'],
    'a controller that somebody wrote lists a pod as ready that has ended',
    'KPR5014 default/shop',
    {
      scenario: shopping(
        [pod('shop-1', '10.244.1.5'), ended(pod('shop-2', '10.244.1.6', false))],
        [slice('service-with-healthchecks', [ready('10.244.1.5'), ready('10.244.1.6')])],
        { services: byHand },
      ),
      sibling: shopping(
        [pod('shop-1', '10.244.1.5'), pod('shop-2', '10.244.1.6')],
        [slice('service-with-healthchecks', [ready('10.244.1.5'), ready('10.244.1.6')])],
        { services: byHand },
      ),
    },
  ),
  seen(
    ['cilium/cilium#21418', 'cilium/cilium#21763'],
    'a node is lost, and with it all pods of a Service',
    'KPR1001 n2',
    {
      scenario: shopping(
        [pod('shop-1', '10.244.1.5', false, { deletionTimestamp: since })],
        [slice(controller, [leaving])],
        { nodes: [lost] },
      ),
      sibling: shopping([pod('shop-1', '10.244.1.5')], [slice(controller, [ready('10.244.1.5')])], {
        systemPods: [anAgentPod('n2')],
      }),
    },
  ),
  control(
    'cilium/cilium#45593',
    'pods are being replaced: one is on its way out, one is not ready yet, one became ready just now',
    shopping(
      [
        pod('shop-1', '10.244.1.5'),
        pod('shop-2', '10.244.1.6', false, { deletionTimestamp: '2026-11-21T10:00:20Z' }),
        pod('shop-3', '10.244.1.7', false),
      ],
      [slice(controller, [ready('10.244.1.5'), leaving, unready('10.244.1.7')])],
    ),
  ),
  seen(
    'cilium/cilium#22446',
    'one pod is in two EndpointSlices with two ports, and agents take one of these alone',
    'KPR4002 n1,n2',
    {
      scenario: cluster({
        services: [twoPorts],
        slices: twoSlices,
        rows: holding('10.96.10.1:80/TCP', [], ['n1', 'n2']),
      }),
      sibling: cluster({ services: [twoPorts], slices: twoSlices }),
    },
  ),
  seen(
    ['cilium/cilium#28490', 'cilium/cilium#28094'],
    'an agent goes on calling endpoints terminating that are ready again',
    'KPR4002 n2',
    {
      scenario: shopping([pod('shop-1', '10.244.1.5')], [slice(controller, [ready('10.244.1.5')])], {
        rows: (rows, node) =>
          node === 'n2'
            ? rows.map((row) => (row.key === '10.96.10.1:80/TCP' ? Object.assign({}, row, { count: 0 }) : row))
            : rows,
      }),
      sibling: shopping([pod('shop-2', '10.244.1.5')], [slice(controller, [ready('10.244.1.5')])]),
    },
  ),
  seen(
    ['cilium/cilium#41986', 'cilium/cilium#21482'],
    'a pool gives two nodes one block, so that pods of both have one address',
    'KPR1020 n1,n2',
    {
      scenario: cluster({
        pods: [pod('shop-1', '10.244.1.5'), onN1(pod('shop-2', '10.244.1.5'))],
        facts: { ciliumNodes: [ranged('n1', '10.244.1.0/24'), ranged('n2', '10.244.1.0/24')] },
      }),
      sibling: cluster({
        pods: [pod('shop-1', '10.244.2.5'), onN1(pod('shop-2', '10.244.1.5'))],
        facts: { ciliumNodes: [ranged('n1', '10.244.1.0/24'), ranged('n2', '10.244.2.0/24')] },
      }),
    },
  ),
  seen(
    'cilium/cilium#13766',
    'the range of pods holds that of Services, so that a pod may get the address of a Service',
    'KPR1020 n2',
    {
      scenario: cluster({ facts: { ciliumNodes: [ranged('n1', '10.95.255.0/24'), ranged('n2', '10.96.0.0/24')] } }),
      sibling: cluster({
        settings: { 'cluster-pool-ipv4-cidr': '10.0.0.0/8' },
        facts: { ciliumNodes: [ranged('n1', '10.0.0.0/24'), ranged('n2', '10.0.1.0/24')] },
      }),
    },
  ),
];
