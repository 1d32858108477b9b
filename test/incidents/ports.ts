import type { Pod, Service } from '../../src/model/kubernetes.ts';
import type { Snapshot } from '../../src/model/Snapshot.ts';
import { dump, nat } from '../checks/kube-proxy/iptablesDumps.ts';
import { kubeProxyPod, mirrorPod } from '../checks/kube-proxy/kubeProxyObjects.ts';
import type { NodeChanges } from '../support/aSnapshot.ts';
import { aService } from '../support/healthy.ts';
import { aPod } from '../support/lbObjects.ts';
import { balanced, shop, shopSlice } from '../support/shopCluster.ts';
import { control, type Incident, seen, unseen } from './Incident.ts';
import { cluster, offStatus, replacementOff, type Scene, without } from './scene.ts';

const nodePort = (port: number, spec: Service['spec'] = {}): Service =>
  shop({ type: 'NodePort', ports: [{ name: 'http', port: 80, nodePort: port, protocol: 'TCP' }], ...spec });
const shopping = (service: Service, scene: Scene = {}): Snapshot =>
  cluster({ services: [service], slices: [shopSlice()], ...scene });
const apiServer = (range: string): Pod =>
  aPod('kube-apiserver-n1', [], {
    spec: {
      containers: [{ name: 'kube-apiserver', command: ['kube-apiserver', `--service-node-port-range=${range}`] }],
    },
    meta: { namespace: 'kube-system' },
  });
const localPorts = (range: string, reserved: string): Scene['n1'] & object => ({
  sysctls: new Map([
    ['net.ipv4.ip_local_port_range', range],
    ['net.ipv4.ip_local_reserved_ports', reserved],
  ]),
});
const uid = (last: string): string => `7b0e1f52-9a53-4b3c-8e0d-2f6a5d3c4b${last}`;

interface HostPort {
  readonly port: number;
  readonly hostIP?: string;
  readonly protocols?: readonly string[];
  readonly spec?: object;
  readonly meta?: object;
  readonly status?: object;
}
const hostPort = (name: string, { port, hostIP, protocols = ['TCP'], ...rest }: HostPort): Pod =>
  aPod(
    name,
    protocols.map((protocol) => ({
      containerPort: port,
      hostPort: port,
      protocol,
      ...(hostIP === undefined ? {} : { hostIP }),
    })),
    rest,
  );
const withPods = (...pods: readonly Pod[]): Snapshot => cluster({ pods });

const portmap = { iptables: [dump(nat(':CNI-HOSTPORT-DNAT - [0:0]', '-A PREROUTING -j CNI-HOSTPORT-DNAT'))] };
const kubeProxied = (scene: Scene): Snapshot =>
  cluster({
    settings: replacementOff,
    all: offStatus,
    systemPods: [kubeProxyPod('n1'), kubeProxyPod('n2')],
    ...scene,
  });
const rke2 = (scene: Scene): Snapshot =>
  kubeProxied({ distribution: 'rke2', systemPods: [mirrorPod('n1'), mirrorPod('n2')], ...scene });

const ghost = (owner: string): Scene['n1'] & object => ({
  moduleHealth: [
    {
      module: 'agent.controlplane.loadbalancer-reflectors.k8s-reflector',
      component: 'job-reflect-pods',
      level: 'Degraded',
      message: `UpsertServiceAndFrontends: frontend already owned by another service: 0.0.0.0:25/TCP is owned by shop/postfix-0:host-port:25:${owner}`,
      error: '',
      lastOk: undefined,
    },
  ],
});
const postfix = hostPort('postfix-0', { port: 25, meta: { uid: uid('01') } });
const at = (address: string, spec: Service['spec'] = {}): Service =>
  balanced(shop({ ports: [{ name: 'http', port: 80, nodePort: 30_080, protocol: 'TCP' }], ...spec }), address);

export const portIncidents: readonly Incident[] = [
  seen(
    'docs: kube-proxy free, range of NodePorts',
    'the API server gives out NodePorts that Cilium does not serve',
    'KPR5001 kube-system/kube-apiserver-n1',
    {
      scenario: cluster({ systemPods: [apiServer('20000-32767')] }),
      sibling: cluster({ systemPods: [apiServer('30000-32767')] }),
    },
  ),
  seen(
    [
      'cilium/cilium#10260',
      'cilium/cilium#10261',
      'cilium/cilium#9247',
      'cilium/cilium#10782',
      'kubernetes/kubernetes#139276',
    ],
    'connections of the node itself get source ports that are NodePorts',
    'KPR5001 n1',
    {
      scenario: cluster({ n1: localPorts('1024\t65535', '') }),
      sibling: cluster({ n1: localPorts('1024\t65535', '30000-32767') }),
    },
  ),
  seen(
    ['kubermatic/kubermatic#11938', 'kubermatic/kubermatic#11963'],
    'a Service has a NodePort outside the range that Cilium serves',
    'KPR5001 default/shop',
    {
      scenario: shopping(nodePort(25_083)),
      sibling: shopping(nodePort(30_083)),
    },
  ),
  seen(
    ['cilium/cilium#11188', 'cilium/cilium#19067'],
    'a process of the host may not bind its port, since it is a Service’s NodePort',
    'KPR5003 n1',
    { scenario: envoyBeside(30_180), sibling: envoyBeside(30_181) },
  ),
  seen(
    'docs: kube-proxy free, limitations of hostPorts',
    'a hostPort lies within the range of NodePorts',
    'KPR5003 n1',
    {
      scenario: withPods(hostPort('agent', { port: 31_500 })),
      sibling: withPods(hostPort('agent', { port: 28_500 })),
    },
  ),
  seen(
    ['rancher/rke2#2325', 'rancher/rke2#5355', 'jwbron/egg#2713'],
    'hostPorts are closed: the replacement is off, and no portmap plug-in is chained',
    'KPR5002 n1',
    {
      scenario: rke2({ pods: [hostPort('ingress-nginx', { port: 80 })] }),
      sibling: rke2({ pods: [hostPort('ingress-nginx', { port: 80 })], n1: { ...offStatus, ...portmap } }),
    },
  ),
  seen(
    'rancher/rke2#3602',
    'an ingress with hostPorts on two ports is not reached, and the replacement is off',
    'KPR5002 n1',
    {
      scenario: rke2({
        pods: [
          hostPort('rke2-ingress-nginx-controller', { port: 443, protocols: ['TCP'] }),
          hostPort('rke2-ingress-nginx-metrics', { port: 10_254 }),
        ],
      }),
      sibling: rke2({
        pods: [
          hostPort('rke2-ingress-nginx-controller', { port: 443, protocols: ['TCP'] }),
          hostPort('rke2-ingress-nginx-metrics', { port: 10_254 }),
        ],
        n1: { ...offStatus, ...portmap },
      }),
    },
  ),
  seen(
    ['rancher/rke2#10469', 'containernetworking/plugins#512'],
    'a reload of firewalld takes the rules of hostPorts away for good',
    'KPR5002 n1',
    {
      scenario: kubeProxied({
        pods: [hostPort('web', { port: 443 })],
        n1: { ...offStatus, iptables: [dump(nat(':POSTROUTING_direct - [0:0]'))] },
        settings: { ...replacementOff, 'cni-chaining-mode': 'portmap' },
      }),
      sibling: kubeProxied({
        pods: [hostPort('web', { port: 443 })],
        n1: { ...offStatus, ...portmap },
        settings: { ...replacementOff, 'cni-chaining-mode': 'portmap' },
      }),
    },
  ),
  unseen(
    'cilium/cilium#22139',
    'a patch release refuses hostPorts of a DaemonSet',
    'past',
    'what the programs of Cilium 1.12.1 to 1.12.3 do with the row',
  ),
  seen(
    ['cilium/cilium#24818', 'cilium/cilium#24805'],
    'a hostPort takes the connections to a process that listens on loopback',
    'KPR5003 n1',
    {
      scenario: cluster({ pods: [hostPort('dns', { port: 53 })], n1: listening('127.0.0.1') }),
      sibling: cluster({ pods: [hostPort('dns', { port: 53, hostIP: '172.30.0.11' })], n1: listening('127.0.0.1') }),
    },
  ),
  seen(
    'cilium/cilium#44730',
    'ServiceLB’s pods and the load balancer’s row fight for one port of a node',
    'KPR1012 n1',
    {
      scenario: shopping(at('172.30.0.11'), {
        version: '1.18.4',
        pods: [hostPort('svclb-shop', { port: 80 })],
        distribution: 'k3s',
      }),
      sibling: shopping(at('192.0.2.1'), {
        version: '1.18.4',
        pods: [hostPort('svclb-shop', { port: 80 })],
        distribution: 'k3s',
      }),
    },
  ),
  seen('cilium/cilium#48455', 'a pod that is recreated under its name does not get its hostPort back', 'KPR1012 n1', {
    scenario: cluster({
      pods: [postfix],
      n1: ghost(uid('99')),
      rows: without(({ key = '' }) => key.endsWith(':25/TCP')),
    }),
    sibling: cluster({ pods: [postfix] }),
  }),
  seen('cilium/cilium#41426', 'of one hostPort number in two protocols only the last is served', 'KPR1012 n1', {
    scenario: cluster({
      version: '1.18.1',
      pods: [hostPort('coredns', { port: 53, protocols: ['UDP', 'TCP'] })],
      rows: without(({ key = '' }) => key.endsWith('53/TCP') && !key.startsWith('10.')),
    }),
    sibling: cluster({ version: '1.18.1', pods: [hostPort('coredns', { port: 53, protocols: ['UDP'] })] }),
  }),
  seen('cilium/cilium#32805', 'the hostPort of a DaemonSet’s pod is lost on one node', 'KPR4001 n1', {
    scenario: cluster({
      pods: [hostPort('statsd', { port: 8125, protocols: ['UDP'] })],
      rows: without(({ key = '' }) => key.endsWith(':8125/UDP')),
    }),
    sibling: cluster({ pods: [hostPort('statsd', { port: 8125, protocols: ['UDP'] })] }),
  }),
  seen(
    'cilium/cilium#40721',
    'a pod on the host network gets a row for its port, and no longer reaches itself',
    'KPR1012 n1',
    {
      scenario: cluster({
        version: '1.18.3',
        pods: [
          hostPort('exporter', {
            port: 9500,
            spec: { hostNetwork: true },
            status: { podIP: '172.30.0.11', podIPs: [{ ip: '172.30.0.11' }] },
          }),
        ],
        rows: (rows, node) =>
          node === 'n1'
            ? [...rows, { key: '0.0.0.0:9500/TCP', backends: ['172.30.0.11:9500/TCP'], flags: 'HostPort+non-routable' }]
            : rows,
      }),
      sibling: cluster({
        version: '1.18.3',
        pods: [
          hostPort('exporter', {
            port: 9500,
            spec: { hostNetwork: true },
            status: { podIP: '172.30.0.11', podIPs: [{ ip: '172.30.0.11' }] },
          }),
        ],
      }),
    },
  ),
  control(
    ['cilium/cilium#45314'],
    'an address of a load balancer is the node’s own, and a pod has the same hostPort: from 1.19.7 on the Service wins',
    shopping(at('172.30.0.11'), { version: '1.19.7', pods: [hostPort('edge', { port: 80 })] }),
  ),
  seen(
    'cilium/cilium#45314',
    'an address of a load balancer is the node’s own, at a port in the range of NodePorts',
    'KPR5004 n1',
    {
      scenario: shopping(at('172.30.0.11', { ports: [{ name: 'http', port: 31_500, protocol: 'TCP' }] }), {
        version: '1.19.7',
      }),
      sibling: shopping(at('192.0.2.31', { ports: [{ name: 'http', port: 31_500, protocol: 'TCP' }] }), {
        version: '1.19.7',
      }),
    },
  ),
  seen('cilium/cilium#34792', 'a hostIP of 0.0.0.0 is written out, and no row is made of it', 'KPR5003 n1', {
    scenario: withPods(hostPort('edge', { port: 8080, hostIP: '0.0.0.0' })),
    sibling: withPods(hostPort('edge', { port: 8080 })),
  }),
  seen(
    ['kube-vip/kube-vip#1006'],
    'two Services are given one address and port, and one of them gets nobody',
    'KPR5004 default/stream,default/shop',
    {
      scenario: twins(80),
      sibling: twins(81),
    },
  ),
];

function twins(port: number): Snapshot {
  const stream = aService('stream', {
    clusterIP: '10.96.10.2',
    clusterIPs: ['10.96.10.2'],
    ports: [{ name: 'http', port, protocol: 'TCP' }],
  });
  return cluster({
    services: [balanced(shop(), '192.0.2.50'), balanced(stream, '192.0.2.50')],
    slices: [
      shopSlice(),
      {
        ...shopSlice(),
        metadata: { name: 'stream-1', namespace: 'default', labels: { 'kubernetes.io/service-name': 'stream' } },
        endpoints: [{ addresses: ['10.244.1.6'], nodeName: 'n2' }],
      },
    ],
  });
}

/** dnsmasq, or whatever else answers there. */
function listening(address: string): NodeChanges {
  return {
    listeners: [
      { address: '*', port: 10_250 },
      { address, port: 53 },
    ],
  };
}

function envoyBeside(port: number): Snapshot {
  const envoy = aPod('envoy-abc', [{ containerPort: 30_180, protocol: 'TCP' }], { spec: { hostNetwork: true } });
  return cluster({ services: [nodePort(port)], slices: [shopSlice()], pods: [envoy] });
}
