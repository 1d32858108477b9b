import { parseMapsDump } from './parseMapsDump.ts';
import { agentCommands, answersOf } from '../../src/knowledge/nodeCommands.ts';
import { known, missing } from '../../src/model/Fact.ts';
import type {
  DaemonSet,
  Deployment,
  EndpointSlice,
  Node,
  ObjectMeta,
  Pod,
  Service,
} from '../../src/model/kubernetes.ts';
import type { DevicePrograms, NodeFactName, NodeFacts, ReachTry } from '../../src/model/NodeFacts.ts';
import type { ClusterFacts, NodeSnapshot } from '../../src/model/Snapshot.ts';
import { aFrontendKey } from './keys.ts';

const started = '2026-11-21T08:00:00Z';

/** cilium-config of a Helm installation, as far as checks look at it. */
export const ciliumConfig: ReadonlyMap<string, string> = new Map([
  ['bpf-lb-acceleration', 'disabled'],
  ['bpf-lb-map-max', '65536'],
  ['bpf-lb-sock', 'false'],
  ['cgroup-root', '/run/cilium/cgroupv2'],
  ['cluster-name', 'default'],
  ['enable-bpf-masquerade', 'true'],
  ['enable-ipv4', 'true'],
  ['enable-ipv6', 'false'],
  ['kube-proxy-replacement', 'true'],
  ['kube-proxy-replacement-healthz-bind-address', ''],
  ['nodeport-addresses', ''],
  ['operator-api-serve-addr', '127.0.0.1:9234'],
  ['routing-mode', 'tunnel'],
  ['tunnel-protocol', 'vxlan'],
]);

/** `aNode('n2', { status: … })`: a Kubernetes Node with InternalIP 172.30.0.1N. */
export function aNode(name: string, changes: Partial<Node> = {}): Node {
  return {
    metadata: { name, labels: { 'kubernetes.io/os': 'linux', 'kubernetes.io/hostname': name } },
    spec: {},
    status: {
      addresses: [
        { type: 'InternalIP', address: addressOf(name) },
        { type: 'Hostname', address: name },
      ],
      conditions: [
        { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' },
      ],
      nodeInfo: {
        kubeletVersion: 'v1.36.3',
        operatingSystem: 'linux',
        osImage: 'Ubuntu 24.04',
      },
    },
    ...changes,
  };
}

/** 172.30.0.1N for node nN. */
export const addressOf = (name: string): string => `172.30.0.1${name.replace(/\D/g, '') || '0'}`;

/** The ready agent pod `cilium-<node>` of a node. */
export function anAgentPod(
  node: string,
  changes: Partial<Pod['status']> & { readonly metadata?: Partial<ObjectMeta> } = {},
): Pod {
  const { metadata, ...status } = changes;
  return {
    metadata: {
      name: `cilium-${node}`,
      namespace: 'kube-system',
      labels: { 'k8s-app': 'cilium', 'app.kubernetes.io/name': 'cilium-agent' },
      ownerReferences: [{ kind: 'DaemonSet', name: 'cilium' }],
      creationTimestamp: started,
      ...metadata,
    },
    spec: agentPodSpec(node),
    status: {
      phase: 'Running',
      podIP: addressOf(node),
      startTime: started,
      conditions: [{ type: 'Ready', status: 'True' }],
      containerStatuses: [
        {
          name: 'cilium-agent',
          ready: true,
          restartCount: 0,
          state: { running: { startedAt: started } },
        },
      ],
      ...status,
    },
  };
}

/** A Service of type ClusterIP in `default` with one port 80/TCP, unless changed. */
export const aService = (name: string, spec: Service['spec'] = {}, metadata: Partial<ObjectMeta> = {}): Service => ({
  metadata: { name, namespace: 'default', creationTimestamp: started, ...metadata },
  spec: {
    type: 'ClusterIP',
    clusterIP: '10.96.10.1',
    clusterIPs: ['10.96.10.1'],
    ipFamilies: ['IPv4'],
    selector: { app: name },
    ports: [{ port: 80, protocol: 'TCP' }],
    sessionAffinity: 'None',
    internalTrafficPolicy: 'Cluster',
    ...spec,
  },
  status: { loadBalancer: {} },
});

/**
 * An IPv4 EndpointSlice of a Service with a ready endpoint for each address (on node n2), port
 * 8080/TCP, unless changed.
 */
export const aSlice = (
  service: string,
  addresses: readonly string[],
  changes: Partial<EndpointSlice> = {},
): EndpointSlice => ({
  addressType: 'IPv4',
  endpoints: addresses.map((address) => ({
    addresses: [address],
    conditions: { ready: true, serving: true, terminating: false },
    nodeName: 'n2',
  })),
  ports: [{ port: 8080, protocol: 'TCP', name: '' }],
  ...changes,
  metadata: {
    name: `${service}-abcde`,
    namespace: 'default',
    labels: { 'kubernetes.io/service-name': service },
    ...changes.metadata,
  },
});

const apiServerEnv = [
  { name: 'KUBERNETES_SERVICE_HOST', value: '172.30.0.1' },
  { name: 'KUBERNETES_SERVICE_PORT', value: '6443' },
];

const agentPodSpec = (nodeName?: string): NonNullable<Pod['spec']> => ({
  ...(nodeName === undefined ? {} : { nodeName }),
  hostNetwork: true,
  nodeSelector: { 'kubernetes.io/os': 'linux' },
  initContainers: [
    {
      name: 'config',
      image: 'quay.io/cilium/cilium:v1.19.6',
      command: ['cilium-dbg', 'build-config'],
      env: apiServerEnv,
    },
  ],
  containers: [
    {
      name: 'cilium-agent',
      image: 'quay.io/cilium/cilium:v1.19.6',
      command: ['cilium-agent'],
      args: ['--config-dir=/tmp/cilium/config-map'],
      env: apiServerEnv,
    },
  ],
});

const agents = (count: number): DaemonSet => ({
  metadata: { name: 'cilium', namespace: 'kube-system', labels: { 'k8s-app': 'cilium' } },
  spec: {
    template: { metadata: { labels: { 'k8s-app': 'cilium' } }, spec: agentPodSpec() },
  },
  status: { desiredNumberScheduled: count },
});

const aDeployment = (
  name: string,
  labels: Readonly<Record<string, string>>,
  spec: NonNullable<Pod['spec']>,
): Deployment => ({
  metadata: { name, namespace: 'kube-system', labels },
  spec: { replicas: 1, template: { metadata: { labels }, spec } },
});

const services: readonly Service[] = [
  aService('kubernetes', {
    clusterIP: '10.96.0.1',
    clusterIPs: ['10.96.0.1'],
    selector: {},
    ports: [{ name: 'https', port: 443, protocol: 'TCP' }],
  }),
  aService(
    'kube-dns',
    {
      clusterIP: '10.96.0.10',
      clusterIPs: ['10.96.0.10'],
      selector: { 'k8s-app': 'kube-dns' },
      ports: [
        { name: 'dns', port: 53, protocol: 'UDP' },
        { name: 'dns-tcp', port: 53, protocol: 'TCP' },
      ],
    },
    {
      namespace: 'kube-system',
      labels: { 'k8s-app': 'kube-dns', 'kubernetes.io/cluster-service': 'true', 'kubernetes.io/name': 'CoreDNS' },
    },
  ),
];

const endpointSlices: readonly EndpointSlice[] = [
  aSlice('kubernetes', ['172.30.0.1'], {
    metadata: { name: 'kubernetes', namespace: 'default', labels: { 'kubernetes.io/service-name': 'kubernetes' } },
    ports: [{ name: 'https', port: 6443, protocol: 'TCP' }],
  }),
  aSlice('kube-dns', ['10.244.0.10', '10.244.1.10'], {
    metadata: {
      name: 'kube-dns-abcde',
      namespace: 'kube-system',
      labels: { 'kubernetes.io/service-name': 'kube-dns', 'k8s-app': 'kube-dns' },
    },
    ports: [
      { name: 'dns', port: 53, protocol: 'UDP' },
      { name: 'dns-tcp', port: 53, protocol: 'TCP' },
    ],
  }),
];

/** What the API says of a healthy cluster with these nodes. */
export const healthyFacts = (nodes: readonly string[]): ClusterFacts => ({
  version: known({ gitVersion: 'v1.36.3', major: 1, minor: 36 }, sourceOf('version')),
  nodes: known(
    nodes.map((name) => aNode(name)),
    sourceOf('nodes'),
  ),
  services: known(services, sourceOf('services')),
  endpointSlices: known(endpointSlices, sourceOf('endpointSlices')),
  daemonSets: known([agents(nodes.length)], sourceOf('daemonSets')),
  deployments: known(
    [
      aDeployment(
        'cilium-operator',
        { 'io.cilium/app': 'operator', name: 'cilium-operator' },
        {
          hostNetwork: true,
          containers: [
            { name: 'cilium-operator', image: 'quay.io/cilium/operator-generic:v1.19.6', env: apiServerEnv },
          ],
        },
      ),
      aDeployment(
        'coredns',
        { 'k8s-app': 'kube-dns' },
        { containers: [{ name: 'coredns', image: 'registry.k8s.io/coredns/coredns:v1.14.1' }] },
      ),
    ],
    sourceOf('deployments'),
  ),
  systemPods: known(
    nodes.map((name) => anAgentPod(name)),
    sourceOf('systemPods'),
  ),
  pods: known([], sourceOf('pods')),
  localRedirectPolicies: known([], sourceOf('localRedirectPolicies')),
  ciliumConfig: known({ byKey: ciliumConfig }, sourceOf('ciliumConfig')),
  ciliumNodeConfigs: known([], sourceOf('ciliumNodeConfigs')),
  ciliumNodes: known(
    nodes.map((name, i) => ({
      metadata: { name },
      spec: { health: { ipv4: `10.244.${i + 1}.4` }, ipam: { podCIDRs: [`10.244.${i + 1}.0/24`] } },
    })),
    sourceOf('ciliumNodes'),
  ),
  kubeProxyConfig: known(undefined, sourceOf('kubeProxyConfig')),
  kubeadmConfig: known(
    { metadata: { name: 'kubeadm-config', namespace: 'kube-system' }, data: {} },
    sourceOf('kubeadmConfig'),
  ),
  kubeletConfig: known(
    {
      metadata: { name: 'kubelet-config', namespace: 'kube-system' },
      data: { kubelet: 'clusterDNS:\n- 10.96.0.10\n' },
    },
    sourceOf('kubeletConfig'),
  ),
  clusterInfo: known(
    { metadata: { name: 'cluster-info', namespace: 'kube-public' }, data: {} },
    sourceOf('clusterInfo'),
  ),
});

/** A connection to a place that was made, unless changed. */
export const aTry = (
  node: string,
  kind: ReachTry['kind'],
  address: string,
  port: number,
  outcome: ReachTry['outcome'] = 'open',
  detail = '',
): ReachTry => ({ node, kind, address, port, outcome, ms: outcome === 'timeout' ? 2000 : 0, detail });

/** What a healthy node says; `index` is 1 for the first. */
export function healthyNode(name: string, index: number): NodeSnapshot {
  return {
    name,
    coverage: { kind: 'covered' },
    agent: {
      namespace: 'kube-system',
      name: `cilium-${name}`,
      container: 'cilium-agent',
      startedAt: started,
      restarts: 0,
      lastEnd: undefined,
      ready: true,
    },
    facts: healthyNodeFacts(name, index),
  };
}

const socketPrograms = [
  ...([4, 6] as const).flatMap((family) => [
    { name: `cil_sock${family}_connect`, attachType: `cgroup_inet${family}_connect` },
    { name: `cil_sock${family}_post_bind`, attachType: `cgroup_inet${family}_post_bind` },
    { name: `cil_sock${family}_sendmsg`, attachType: `cgroup_udp${family}_sendmsg` },
    { name: `cil_sock${family}_recvmsg`, attachType: `cgroup_udp${family}_recvmsg` },
    { name: `cil_sock${family}_getpeername`, attachType: `cgroup_inet${family}_getpeername` },
  ]),
  { name: 'cil_sock_release', attachType: 'cgroup_inet_sock_release' },
];

const devicePrograms: readonly DevicePrograms[] = [
  { device: 'lo', programs: [] },
  ...(
    [
      ['eth0', 'cil_from_netdev', 'cil_to_netdev'],
      ['cilium_host', 'cil_to_host', 'cil_from_host'],
      ['cilium_vxlan', 'cil_from_overla', 'cil_to_overlay'],
    ] as const
  ).map(([device, ingress, egress]) => ({
    device,
    programs: [
      { hook: 'ingress' as const, name: ingress },
      { hook: 'egress' as const, name: egress },
    ],
  })),
  { device: 'cilium_net', programs: [{ hook: 'ingress', name: 'cil_to_host' }] },
];

/** What the maps hold for the three frontends of the healthy Services. */
export const healthyTable = parseMapsDump(`
SVC: ID=1 ADDR=10.96.0.1:443/TCP SLOT=0 LBALG=undef AFFTimeout=0 COUNT=1 QCOUNT=0 FLAGS=ClusterIP+non-routable
SVC: ID=1 ADDR=10.96.0.1:443/TCP SLOT=1 BEID=1 COUNT=0 QCOUNT=0 FLAGS=ClusterIP+non-routable
SVC: ID=2 ADDR=10.96.0.10:53/UDP SLOT=0 LBALG=undef AFFTimeout=0 COUNT=2 QCOUNT=0 FLAGS=ClusterIP+non-routable
SVC: ID=2 ADDR=10.96.0.10:53/UDP SLOT=1 BEID=2 COUNT=0 QCOUNT=0 FLAGS=ClusterIP+non-routable
SVC: ID=2 ADDR=10.96.0.10:53/UDP SLOT=2 BEID=3 COUNT=0 QCOUNT=0 FLAGS=ClusterIP+non-routable
SVC: ID=3 ADDR=10.96.0.10:53/TCP SLOT=0 LBALG=undef AFFTimeout=0 COUNT=2 QCOUNT=0 FLAGS=ClusterIP+non-routable
SVC: ID=3 ADDR=10.96.0.10:53/TCP SLOT=1 BEID=4 COUNT=0 QCOUNT=0 FLAGS=ClusterIP+non-routable
SVC: ID=3 ADDR=10.96.0.10:53/TCP SLOT=2 BEID=5 COUNT=0 QCOUNT=0 FLAGS=ClusterIP+non-routable
BE: ID=1 ADDR=172.30.0.1:6443/TCP STATE=active
BE: ID=2 ADDR=10.244.0.10:53/UDP STATE=active
BE: ID=3 ADDR=10.244.1.10:53/UDP STATE=active
BE: ID=4 ADDR=10.244.0.10:53/TCP STATE=active
BE: ID=5 ADDR=10.244.1.10:53/TCP STATE=active
REV: ID=1 ADDR=10.96.0.1:443
REV: ID=2 ADDR=10.96.0.10:53
REV: ID=3 ADDR=10.96.0.10:53
`);

const aMissingReading = missing('notCollected', 'it was not read this time');

const fact = <T>(name: NodeFactName, value: T) => known(value, sourceOf(name));

function healthyNodeFacts(name: string, index: number): NodeFacts {
  const address = addressOf(name);
  return {
    status: fact('status', {
      node: name,
      version: '1.19.6',
      state: 'Ok',
      message: '1.19.6 (v1.19.6-5e7d2f2c)',
      kubernetes: { state: 'Ok', message: '1.36 (v1.36.3) [linux/amd64]' },
      kpr: {
        mode: 'True',
        devices: [{ name: 'eth0', addresses: [address] }],
        directRoutingDevice: 'eth0',
        socketLb: true,
        socketLbHostNamespaceOnly: false,
        nodePort: {
          mode: 'SNAT',
          algorithm: 'Random',
          maglevTableSize: undefined,
          acceleration: 'Disabled',
          dsrDispatch: undefined,
          portMin: 30000,
          portMax: 32767,
        },
        externalIPs: true,
        hostPort: true,
        sessionAffinity: true,
        annotations: [
          'service.cilium.io/node',
          'service.cilium.io/node-selector',
          'service.cilium.io/proxy-delegation',
          'service.cilium.io/src-ranges-policy',
          'service.cilium.io/type',
        ],
      },
      masquerading: { enabled: true, mode: 'BPF' },
      routing: { interHost: 'Tunnel', intraHost: 'BPF', tunnelProtocol: 'vxlan' },
      allocated: new Set([`10.244.${index}.1`, `10.244.${index}.4`, `10.244.${index}.20`]),
      failingControllers: [],
      heartbeat: undefined,
      stale: new Map(),
    }),
    failedCalls: missing('notCollected', 'no live node is asked for its agent’s log'),
    pendingInitializers: fact('pendingInitializers', []),
    frontendStates: fact('frontendStates', [
      {
        frontend: aFrontendKey('10.96.0.1:443/TCP'),
        type: 'ClusterIP',
        service: 'default/kubernetes',
        status: 'Done',
        forSeconds: 7200,
        error: '',
      },
      {
        frontend: aFrontendKey('10.96.0.10:53/UDP'),
        type: 'ClusterIP',
        service: 'kube-system/kube-dns',
        status: 'Done',
        forSeconds: 7200,
        error: '',
      },
      {
        frontend: aFrontendKey('10.96.0.10:53/TCP'),
        type: 'ClusterIP',
        service: 'kube-system/kube-dns',
        status: 'Done',
        forSeconds: 7200,
        error: '',
      },
    ]),
    moduleHealth: fact('moduleHealth', [
      {
        module: 'agent.controlplane.loadbalancer-reconciler',
        component: 'job-reconcile',
        level: 'OK',
        message: 'OK, 3 object(s)',
        error: '',
        lastOk: '2026-11-20T08:00:00Z',
      },
    ]),
    nodeAddresses: fact('nodeAddresses', [
      { address, nodePort: true, primary: true, device: 'eth0' },
      { address, nodePort: false, primary: true, device: '*' },
      { address: `10.244.${index}.121`, nodePort: false, primary: true, device: 'cilium_host' },
    ]),
    metrics: fact('metrics', {
      mapPressure: new Map([['lb4_services_v2', 0.0002]]),
      configDrift: 0,
      apiCalls: new Map([['200', 41]]),
      eventLag: undefined,
    }),
    mapFrontends: fact(
      'mapFrontends',
      new Map([
        [aFrontendKey('10.96.0.1:443/TCP'), { selectable: 1 }],
        [aFrontendKey('10.96.0.10:53/UDP'), { selectable: 2 }],
        [aFrontendKey('10.96.0.10:53/TCP'), { selectable: 2 }],
      ]),
    ),
    lbTable: fact('lbTable', healthyTable),
    agentTable: aMissingReading,
    mapSizes: fact('mapSizes', [
      { map: 'cilium_lb4_services_v2', entries: 8, maxEntries: 65_536 },
      { map: 'cilium_lb4_backends_v3', entries: 5, maxEntries: 65_536 },
      { map: 'cilium_lb4_reverse_nat', entries: 3, maxEntries: 65_536 },
    ]),
    startedConfig: fact('startedConfig', { byKey: ciliumConfig }),
    cgroupPrograms: fact('cgroupPrograms', socketPrograms),
    devicePrograms: fact('devicePrograms', devicePrograms),
    iptables: fact(
      'iptables',
      (['nft', 'legacy'] as const).flatMap((backend) =>
        (['ipv4', 'ipv6'] as const).map((family) => ({ backend, family, tables: known([], `${backend} ${family}`) })),
      ),
    ),
    interfaces: fact('interfaces', [
      { name: 'lo', up: true, addresses: ['127.0.0.1', '::1'] },
      { name: 'eth0', up: true, addresses: [address] },
      { name: 'cilium_host', up: true, addresses: [`10.244.${index}.121`] },
      { name: 'cilium_net', up: true, addresses: [] },
      { name: 'cilium_vxlan', up: true, addresses: [] },
    ]),
    ipsets: fact('ipsets', []),
    ipvs: fact('ipvs', []),
    listeners: fact('listeners', [{ address: '*', port: 10_250 }]),
    defaultRoutes: fact('defaultRoutes', [{ family: 'ipv4', gateway: '172.30.0.1', device: 'eth0', metric: 100 }]),
    // 10.244.0.0/16 leads to cilium_host.
    routes4: fact('routes4', [
      { from: 0n, device: 'eth0', isDefault: true },
      { from: 0x0af40000n, device: 'cilium_host', isDefault: false },
      { from: 0x0af50000n, device: 'eth0', isDefault: true },
    ]),
    routes6: fact('routes6', [{ from: 0n, device: undefined, isDefault: false }]),
    routeRules: fact('routeRules', [
      '0: from all lookup local',
      '32766: from all lookup main',
      '32767: from all lookup default',
    ]),
    sysctls: fact(
      'sysctls',
      new Map([
        ['net.ipv4.ip_local_port_range', '32768 60999'],
        ['net.ipv4.ip_local_reserved_ports', ''],
        ['net.ipv4.ip_forward', '1'],
        ['net.ipv6.conf.all.forwarding', '1'],
        ['net.ipv4.conf.all.rp_filter', '0'],
        ['net.ipv4.conf.cilium_host.rp_filter', '0'],
      ]),
    ),
    kernelOptions: fact(
      'kernelOptions',
      new Map([
        ['CONFIG_INET_DIAG', 'y'],
        ['CONFIG_INET_UDP_DIAG', 'y'],
        ['CONFIG_INET_DIAG_DESTROY', 'y'],
      ]),
    ),
    nftTables: fact('nftTables', []),
    nftFilters: fact('nftFilters', []),
    conntrack: fact('conntrack', { entries: [], left: 0 }),
    kernel: fact('kernel', '6.18.3'),
    proxyHealth: fact('proxyHealth', { kind: 'nobody' }),
    apiProbe: fact('apiProbe', {
      host: '172.30.0.1',
      port: '6443',
      resolved: ['172.30.0.1'],
      connect: 'open',
      detail: '',
    }),
    reachProbe: fact('reachProbe', {
      from: name,
      tries: [1, 2].flatMap((i) => {
        const pods = [aTry(`n${i}`, 'health', `10.244.${i}.4`, 4240), aTry(`n${i}`, 'pod', `10.244.${i - 1}.10`, 53)];
        return i === index ? pods : pods.concat(aTry(`n${i}`, 'node', addressOf(`n${i}`), 10_250));
      }),
      drops: [],
      lagMs: 0,
    }),
    serversProbe: fact('serversProbe', [
      { via: 'clusterIP', address: '10.96.0.1', port: 443, connect: 'open', detail: '' },
      { via: 'server', address: '172.30.0.1', port: 6443, connect: 'open', detail: '' },
    ]),
    dnsProbe: fact(
      'dnsProbe',
      (['UDP', 'TCP'] as const).flatMap((protocol) =>
        (['10.96.0.10', '10.244.0.10', '10.244.1.10'] as const).map((server) => ({
          server,
          port: 53,
          via: server === '10.96.0.10' ? ('clusterIP' as const) : ('endpoint' as const),
          protocol,
          outcome: 'answered' as const,
          detail: '',
        })),
      ),
    ),
    proxyRules: missing('absent', 'there is no kube-proxy pod on this node'),
    proxyTable: missing('absent', 'no rules of kube-proxy are on this node'),
  };
}

/** The command behind a fact, as the collectors name it. */
export function sourceOf(fact: string): string {
  const answers: readonly string[] = fact in answersOf ? answersOf[fact as NodeFactName] : [];
  const command = Object.entries(agentCommands).find(([name]) => answers.includes(name));
  return command?.[1].shown ?? `kubectl get ${fact}`;
}
