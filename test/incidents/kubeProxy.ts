import type { DaemonSet, Node, Pod, Service } from '../../src/model/kubernetes.ts';
import type { IptablesDump } from '../../src/model/NodeFacts.ts';
import type { Distribution, Snapshot } from '../../src/model/Snapshot.ts';
import { dump, filter, fixture, nat } from '../checks/kube-proxy/iptablesDumps.ts';
import { kubeProxyDaemonSet, kubeProxyPod, mirrorPod } from '../checks/kube-proxy/kubeProxyObjects.ts';
import { aMissing } from '../support/aSnapshot.ts';
import { aNode, aService, aSlice } from '../support/healthy.ts';
import { balanced, shop, shopSlice } from '../support/shopCluster.ts';
import { control, type Incident, missed, seen, unseen } from './Incident.ts';
import { cluster, offStatus, replacementOff, type Scene } from './scene.ts';

const kubeProxy = (scene: Scene = {}, daemonSet: DaemonSet = kubeProxyDaemonSet()): Snapshot =>
  cluster({ daemonSets: [daemonSet], systemPods: [kubeProxyPod('n1'), kubeProxyPod('n2')], ...scene });
/** For nodes of Windows, which Cilium does not serve. */
const windowsProxy = kubeProxyDaemonSet(3, {
  metadata: { name: 'kube-proxy-windows', namespace: 'kube-system' },
  spec: {
    template: {
      spec: { nodeSelector: { 'kubernetes.io/os': 'windows' }, containers: [{ name: 'kube-proxy' }] },
    },
  },
});
const ended: Partial<Pod> = { status: { phase: 'Succeeded' } };
const labelled = (name: string, metadata: Partial<Node['metadata']>, more: Partial<Node> = {}): Node => {
  const node = aNode(name, more);
  return {
    ...node,
    metadata: { ...node.metadata, ...metadata, labels: { ...node.metadata.labels, ...metadata.labels } },
  };
};
const kubelet = (kubeletVersion: string, name = 'n2'): Node => {
  const node = aNode(name);
  return { ...node, status: { ...node.status, nodeInfo: { ...node.status?.nodeInfo, kubeletVersion } } };
};
const answering = { proxyHealth: { kind: 'kubeProxy', httpStatus: 200 } } as const;

const kubeadmConfig = (disabled: boolean, kubernetesVersion: string) => ({
  metadata: { name: 'kubeadm-config', namespace: 'kube-system' },
  data: {
    ClusterConfiguration: [
      'apiVersion: kubeadm.k8s.io/v1beta4',
      'kind: ClusterConfiguration',
      `kubernetesVersion: ${kubernetesVersion}`,
      `proxy:\n  disabled: ${disabled}`,
      '',
    ].join('\n'),
  },
});
const version = (minor: number, patch = 0) => ({ gitVersion: `v1.${minor}.${patch}`, major: 1, minor });
const proxyConfigMap = {
  metadata: { name: 'kube-proxy', namespace: 'kube-system' },
  data: { 'config.conf': 'mode: iptables' },
};

/** Rules that a kube-proxy left on n2, of `default/shop` at 10.96.10.1 with an endpoint at 10.244.1.5. */
const left = (iptables: IptablesDump, scene: Scene = {}): Snapshot =>
  cluster({ services: [shop()], slices: [shopSlice()], n2: { iptables: [iptables] }, ...scene });
const reject = '-j REJECT --reject-with icmp-port-unreachable';
const refusing = (jump: string): string[] => [
  ':KUBE-SERVICES - [0:0]',
  jump,
  `-A KUBE-SERVICES -d 10.96.10.1/32 -p tcp -m comment --comment "default/shop:http has no endpoints" -m tcp --dport 80 ${reject}`,
];
const portals = '-A OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES';
const nodePortRefused = (chain: string): string[] => [
  `:${chain} - [0:0]`,
  `-A INPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes externally-visible service portals" -j ${chain}`,
  `-A ${chain} -p tcp -m comment --comment "old/web:http has no endpoints" -m addrtype --dst-type LOCAL -m tcp --dport 31999 ${reject}`,
];
const daemon = {
  listeners: [
    { address: '*', port: 10_250 },
    { address: '*', port: 31_999 },
  ],
};
const toEndpoint = (target: string): string[] => [
  ':KUBE-SERVICES - [0:0]',
  ':KUBE-SVC-XPGD46QRK7WJZT7O - [0:0]',
  ':KUBE-SEP-A6JE5PUQC3YWRHJB - [0:0]',
  '-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
  '-A KUBE-SERVICES -d 10.96.10.1/32 -p tcp -m comment --comment "default/shop:http cluster IP" -m tcp --dport 80 -j KUBE-SVC-XPGD46QRK7WJZT7O',
  '-A KUBE-SVC-XPGD46QRK7WJZT7O -m comment --comment "default/shop:http" -j KUBE-SEP-A6JE5PUQC3YWRHJB',
  `-A KUBE-SEP-A6JE5PUQC3YWRHJB -p tcp -m tcp -j DNAT --to-destination ${target}`,
];
/** Chains to which nothing leads do nothing. */
const unlinked = (lines: readonly string[]): string[] =>
  lines.filter((line) => !/^-A (PREROUTING|OUTPUT|INPUT) /.test(line));

const serviceChain = [':MESH_OUTPUT - [0:0]', ':KUBE-SVC-XPGD46QRK7WJZT7O - [0:0]', '-A OUTPUT -j MESH_OUTPUT'];
const portmap = (...masquerading: readonly string[]): string =>
  nat(
    ':CNI-DN-0a1b2c - [0:0]',
    ':KUBE-MARK-MASQ - [0:0]',
    ':KUBE-POSTROUTING - [0:0]',
    '-A PREROUTING -j CNI-DN-0a1b2c',
    '-A CNI-DN-0a1b2c -s 10.244.2.0/24 -p tcp -m tcp --dport 80 -j KUBE-MARK-MASQ',
    '-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000',
    ...masquerading,
  );
const masquerading = [
  '-A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING',
  '-A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE --random-fully',
];

const aws = dump(
  nat(
    ':AWS-SNAT-CHAIN-0 - [0:0]',
    ':AWS-CONNMARK-CHAIN-0 - [0:0]',
    '-A PREROUTING -i eni+ -m comment --comment "AWS, outbound connections" -j AWS-CONNMARK-CHAIN-0',
    '-A POSTROUTING -m comment --comment "AWS SNAT CHAIN" -j AWS-SNAT-CHAIN-0',
    '-A AWS-SNAT-CHAIN-0 -d 10.244.0.0/16 -m comment --comment "AWS SNAT CHAIN" -j RETURN',
    '-A AWS-SNAT-CHAIN-0 ! -o vlan+ -m comment --comment "AWS, SNAT" -j SNAT --to-source 172.30.0.12 --random-fully',
    '-A AWS-CONNMARK-CHAIN-0 -m comment --comment "AWS, CONNMARK" -j CONNMARK --set-xmark 0x80/0x80',
  ),
);
const flannel = dump(
  nat(
    ':FLANNEL-POSTRTG - [0:0]',
    '-A POSTROUTING -m comment --comment "flanneld masq" -j FLANNEL-POSTRTG',
    '-A FLANNEL-POSTRTG -s 10.244.0.0/16 -m comment --comment "flanneld masq" -j MASQUERADE --random-fully',
  ),
);
const onN2 = (iptables: IptablesDump, scene: Scene = {}): Snapshot =>
  cluster({ ...scene, n2: { iptables: [iptables] } });

const statsd: Service = aService('statsd', {
  clusterIP: '10.96.9.9',
  clusterIPs: ['10.96.9.9'],
  ports: [{ name: 'statsd', port: 8125, protocol: 'UDP' }],
});
const held = (backend: string): Snapshot =>
  cluster({
    services: [statsd],
    slices: [aSlice('statsd', ['10.244.1.30'], { ports: [{ name: 'statsd', port: 9125, protocol: 'UDP' }] })],
    n2: {
      conntrack: {
        entries: [
          {
            client: '10.244.2.41:40404',
            destination: { address: '10.96.9.9', port: 8125 },
            backend: { address: backend, port: 9125 },
            replied: false,
            secondsLeft: 25,
          },
        ],
        left: 0,
      },
    },
  });

/** Without kube-proxy replacement; kube-proxy runs on these nodes. */
const served = (nodes: readonly string[], scene: Scene = {}): Snapshot =>
  cluster({
    settings: replacementOff,
    all: offStatus,
    systemPods: nodes.map((name) => kubeProxyPod(name)),
    ...scene,
  });
const rke2 = (nodes: readonly string[], scene: Scene = {}): Snapshot =>
  served([], { systemPods: nodes.map((name) => mirrorPod(name)), distribution: 'rke2', ...scene });

const managed = (distribution: Distribution, daemonSet: DaemonSet, scene: Scene = {}): Snapshot =>
  kubeProxy({ distribution, ...scene }, daemonSet);
const none = (scene: Scene = {}): Snapshot => cluster({ daemonSets: [windowsProxy], ...scene });

const external = {
  externalTrafficPolicy: 'Local',
  healthCheckNodePort: 31_777,
  ports: [{ name: 'http', port: 80, nodePort: 30_080 }],
};
const checked = (error: string): Snapshot =>
  cluster({
    services: [balanced(shop(external), '192.0.2.1')],
    slices: [
      shopSlice({
        endpoints: [
          { addresses: ['10.244.1.5'], nodeName: 'n2' },
          { addresses: ['10.244.0.5'], nodeName: 'n1' },
        ],
      }),
    ],
    n2: {
      moduleHealth: [
        {
          module: 'agent.controlplane.loadbalancer-healthserver',
          component: 'job-control-loop',
          level: error === '' ? 'OK' : 'Degraded',
          message: error,
          error,
          lastOk: undefined,
        },
      ],
    },
  });

/** Two owners of iptables besides kube-proxy and Cilium, as they are on many hosts. */
const hosts = dump(
  nat(
    ':DOCKER - [0:0]',
    ':ts-postrouting - [0:0]',
    '-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER',
    '-A POSTROUTING -j ts-postrouting',
    '-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE',
    '-A ts-postrouting -m mark --mark 0x40000/0xff0000 -j MASQUERADE',
  ),
);
const oldKubelet = dump(
  nat(
    ':KUBE-MARK-DROP - [0:0]',
    ':KUBE-MARK-MASQ - [0:0]',
    ':KUBE-POSTROUTING - [0:0]',
    ':KUBE-KUBELET-CANARY - [0:0]',
    '-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000',
    ...masquerading,
  ),
);
const named = (name: string, port: number): Service =>
  balanced(
    aService(name, {
      clusterIP: `10.96.10.${port % 100}`,
      clusterIPs: [`10.96.10.${port % 100}`],
      ports: [{ name: 'tcp', port, protocol: 'TCP' }],
    }),
    '192.0.2.9',
  );
const sliceOf = (name: string, address: string) =>
  aSlice(name, [address], { ports: [{ name: 'tcp', port: 8080, protocol: 'TCP' }] });

export const kubeProxyIncidents: readonly Incident[] = [
  seen(
    'kubernetes-sigs/kubespray#10537',
    'the replacement is switched on in a cluster that goes on running kube-proxy’s DaemonSet',
    'KPR3001 n1,n2',
    { scenario: kubeProxy(), sibling: none() },
  ),
  seen(
    'rancher/rke2#3490',
    'a static pod of kube-proxy comes back whenever it is deleted, and holds the health port that agents want',
    'KPR3001 n2',
    {
      scenario: cluster({
        distribution: 'rke2',
        systemPods: [mirrorPod('n2')],
        settings: { 'kube-proxy-replacement-healthz-bind-address': '0.0.0.0:10256' },
        n1: { proxyHealth: { kind: 'cilium', httpStatus: 200 } },
        n2: answering,
      }),
      sibling: cluster({
        distribution: 'rke2',
        settings: { 'kube-proxy-replacement-healthz-bind-address': '0.0.0.0:10256' },
        all: { proxyHealth: { kind: 'cilium', httpStatus: 200 } },
      }),
    },
  ),
  seen(
    'mysticaltech/terraform-hcloud-kube-hetzner#1210',
    'kube-proxy runs within the k3s process, where no pod shows it',
    'KPR3001 n1,n2',
    {
      scenario: cluster({
        distribution: 'k3s',
        nodes: [kubelet('v1.29.4+k3s1', 'n1'), kubelet('v1.29.4+k3s1')],
        all: answering,
      }),
      sibling: cluster({ distribution: 'k3s', nodes: [kubelet('v1.29.4+k3s1', 'n1'), kubelet('v1.29.4+k3s1')] }),
    },
  ),
  seen(
    'mysticaltech/terraform-hcloud-kube-hetzner#2287',
    'a module’s new version switches the replacement on; servers lose kube-proxy, agent nodes keep it until they restart',
    'KPR3001 n2',
    {
      scenario: cluster({
        distribution: 'k3s',
        services: [shop()],
        slices: [shopSlice()],
        n2: { ...answering, iptables: [dump(nat(...toEndpoint('10.244.1.5:8080')))] },
      }),
      sibling: cluster({ distribution: 'k3s', services: [shop()], slices: [shopSlice()] }),
    },
  ),
  seen(
    ['kubernetes/kubernetes#102314'],
    'rules of a kube-proxy that is gone refuse a Service that has endpoints by now',
    'KPR3003 n2',
    {
      scenario: left(dump(filter(...refusing(portals)))),
      sibling: left(dump(filter(...unlinked(refusing(portals))))),
    },
  ),
  seen(
    'kubernetes/kubernetes#97360',
    'a rule for a nodePort that nobody has any more refuses a process of the node on that port',
    'KPR3003 n2',
    {
      scenario: left(dump(filter(...nodePortRefused('KUBE-EXTERNAL-SERVICES'))), {
        n2: { iptables: [dump(filter(...nodePortRefused('KUBE-EXTERNAL-SERVICES')))], ...daemon },
      }),
      sibling: left(dump(filter(...nodePortRefused('SITE-FIREWALL'))), {
        n2: { iptables: [dump(filter(...nodePortRefused('SITE-FIREWALL')))], ...daemon },
      }),
    },
  ),
  seen(
    'projectcalico/calico#12476',
    'the link of IPVS mode keeps every Service’s address as a local one',
    'KPR3005 n2',
    {
      scenario: cluster({
        n2: {
          interfaces: [
            { name: 'eth0', up: true, addresses: ['172.30.0.12'] },
            { name: 'kube-ipvs0', up: false, addresses: ['10.96.0.1', '10.96.0.10'] },
          ],
          ipvs: [{ protocol: 'TCP', address: '10.96.0.1', port: 443, destinations: 1 }],
          ipsets: ['KUBE-CLUSTER-IP', 'KUBE-NODE-PORT-TCP'],
        },
      }),
      sibling: cluster({
        n2: {
          ipvs: [{ protocol: 'TCP', address: '192.0.2.10', port: 443, destinations: 2 }],
          ipsets: ['site-allow-list'],
        },
      }),
    },
  ),
  seen(
    'kubernetes/enhancements#3824',
    'rules of nftables mode stay, and iptables-save does not show them',
    'KPR3004 n2',
    {
      scenario: cluster({
        facts: { version: version(31, 2) },
        n2: {
          nftTables: [
            { family: 'ip', chains: 40 },
            { family: 'ip6', chains: 12 },
          ],
        },
      }),
      sibling: cluster({ facts: { version: version(28, 2) }, n2: { nftTables: aMissing('absent') } }),
    },
  ),
  seen(
    'kubernetes/kubernetes#119265',
    'a kube-proxy that is deleted leaves thousands of rules with pods that are gone',
    'KPR3003 n2',
    {
      scenario: left(dump(nat(...toEndpoint('10.244.1.99:8080')))),
      sibling: left(dump(fixture('cilium-alone-1.18.txt'))),
    },
  ),
  missed(
    'cilium/cilium#39204',
    'on RHEL 8.10 the removal of kube-proxy’s rules ends every session to the node',
    'KPR8005',
    'preflight warns of that kernel before kube-proxy is removed; afterwards nobody reaches the node to ask',
  ),
  seen(
    'cilium/cilium#15234',
    'kube-proxy’s masquerading stands before Cilium’s, so that answers of DNS come back wrong',
    'KPR3001 n1,n2',
    {
      scenario: kubeProxy({
        all: {
          iptables: [
            dump(
              nat(
                ':KUBE-POSTROUTING - [0:0]',
                ':CILIUM_POST_nat - [0:0]',
                ...masquerading,
                '-A POSTROUTING -m comment --comment "cilium-feeder: CILIUM_POST_nat" -j CILIUM_POST_nat',
              ),
            ),
          ],
        },
      }),
      sibling: served(['n1', 'n2'], { daemonSets: [kubeProxyDaemonSet()] }),
    },
  ),
  unseen(
    'cilium/cilium#18610',
    'beside a kube-proxy in IPVS mode pods do not reach NodePorts of other nodes',
    'past',
    'the marks that Cilium 1.10 puts on packets of the host',
  ),
  missed(
    'cilium/cilium#24531',
    'switching the replacement on or off ends connections that are open',
    'KPR8002',
    'preflight counts them before; afterwards nothing tells what was open',
  ),
  seen(
    'nutanix-cloud-native/cluster-api-runtime-extensions-nutanix#1307',
    'kube-proxy is deleted before the agent of a node has started with the replacement',
    'KPR1004 n2',
    {
      scenario: cluster({ n2: { ...offStatus, startedConfig: new Map([['kube-proxy-replacement', 'false']]) } }),
      sibling: cluster({ all: { agent: { startedAt: '2026-11-21T09:30:00Z' } } }),
    },
  ),
  seen(
    ['rancher/rke2#8040', 'kubernetes/kops#8655'],
    'the distribution has left kube-proxy out, and nobody has asked Cilium to replace it',
    'KPR1004 n1,n2',
    { scenario: rke2([]), sibling: rke2(['n1', 'n2']) },
  ),
  seen('cilium/cilium#11043', 'kube-proxy and Cilium both answer the health check of a load balancer', 'KPR1011 n2', {
    scenario: checked('listen tcp :31777: bind: address already in use'),
    sibling: checked(''),
  }),
  seen(
    ['cilium/cilium#14847', 'kubernetes/kubernetes#84584', 'kubernetes/kubeadm#1318'],
    'kubeadm installs kube-proxy again since its ConfigMap was left',
    'KPR3002 kube-system/kube-proxy',
    {
      scenario: cluster({
        facts: {
          kubeProxyConfig: proxyConfigMap,
          kubeadmConfig: kubeadmConfig(true, 'v1.30.4'),
          version: version(30, 4),
        },
      }),
      sibling: cluster({ facts: { kubeadmConfig: kubeadmConfig(true, 'v1.30.4'), version: version(30, 4) } }),
    },
  ),
  seen(
    ['kubernetes/kubeadm#3137', 'kubernetes/kubernetes#129415'],
    'kubeadm 1.32.0 deploys kube-proxy in an upgrade although it is told not to',
    'KPR3001 n1,n2',
    {
      scenario: kubeProxy({ facts: { kubeadmConfig: kubeadmConfig(true, 'v1.32.0'), version: version(32) } }),
      sibling: none({ facts: { kubeadmConfig: kubeadmConfig(true, 'v1.32.0'), version: version(32) } }),
    },
  ),
  seen(
    ['kubernetes-sigs/kubespray#12306', 'kubernetes-sigs/kubespray#12303'],
    'kubespray’s upgrade deploys kube-proxy although it was removed',
    'KPR3001 n2',
    {
      scenario: cluster({
        daemonSets: [
          kubeProxyDaemonSet(1, {
            metadata: { name: 'kube-proxy', namespace: 'kube-system', creationTimestamp: '2026-11-21T09:00:00Z' },
          }),
        ],
        systemPods: [kubeProxyPod('n2')],
        nodes: [kubelet('v1.33.1')],
      }),
      sibling: none({ nodes: [kubelet('v1.33.1')] }),
    },
  ),
  seen(
    ['kubernetes-sigs/cluster-api#12288', 'kubernetes-sigs/cluster-api#3700'],
    'Cluster API brings kube-proxy with each new machine',
    'KPR3001 n2',
    {
      scenario: cluster({
        daemonSets: [kubeProxyDaemonSet(1)],
        systemPods: [kubeProxyPod('n2')],
        nodes: ['n1', 'n2'].map((name) =>
          labelled(name, { annotations: { 'cluster.x-k8s.io/machine': `pool-${name}` } }),
        ),
      }),
      sibling: cluster({
        systemPods: [kubeProxyPod('n2', ended)],
        nodes: ['n1', 'n2'].map((name) =>
          labelled(name, { annotations: { 'cluster.x-k8s.io/machine': `pool-${name}` } }),
        ),
      }),
    },
  ),
  seen(
    ['aws/containers-roadmap#252', 'aws-ia/terraform-aws-eks-blueprints#1903', 'aws/eks-anywhere#6409'],
    'EKS installs its kube-proxy add-on again',
    'KPR3001 n1,n2',
    {
      scenario: managed(
        'eks',
        kubeProxyDaemonSet(2, {
          metadata: {
            name: 'kube-proxy',
            namespace: 'kube-system',
            labels: { 'eks.amazonaws.com/component': 'kube-proxy' },
          },
        }),
      ),
      sibling: none({ distribution: 'eks' }),
    },
  ),
  seen(
    ['cilium/cilium#45252', 'cilium/cilium#23266'],
    'AKS’ add-on manager keeps kube-proxy running',
    'KPR3001 n1,n2',
    {
      scenario: managed(
        'aks',
        kubeProxyDaemonSet(2, {
          metadata: {
            name: 'kube-proxy',
            namespace: 'kube-system',
            labels: { 'addonmanager.kubernetes.io/mode': 'Reconcile' },
          },
        }),
      ),
      sibling: none({ distribution: 'aks' }),
    },
  ),
  seen('karmab/aicli#56', 'OpenShift’s network operator deploys kube-proxy', 'KPR3001 n1,n2', {
    scenario: cluster({
      distribution: 'openshift',
      daemonSets: [
        kubeProxyDaemonSet(2, { metadata: { name: 'openshift-kube-proxy', namespace: 'openshift-kube-proxy' } }),
      ],
    }),
    sibling: none({ distribution: 'openshift' }),
  }),
  seen(
    'cilium/cilium-cli#2885',
    'an installer takes RKE2’s static pods for no kube-proxy, and replaces it beside them',
    'KPR3001 n1,n2',
    {
      scenario: cluster({ distribution: 'rke2', systemPods: [mirrorPod('n1'), mirrorPod('n2')] }),
      sibling: cluster({ distribution: 'rke2' }),
    },
  ),
  seen('rancher/rke2#1565', 'servers are upgraded, agents are not: workers have no kube-proxy', 'KPR1004 n2', {
    scenario: rke2(['n1'], { nodes: [kubelet('v1.36.3+rke2r1', 'n1'), kubelet('v1.35.9+rke2r1')] }),
    sibling: rke2(['n1', 'n2'], { nodes: [kubelet('v1.36.3+rke2r1', 'n1'), kubelet('v1.35.9+rke2r1')] }),
  }),
  seen(
    ['cilium/cilium#25804', 'cilium/cilium#19207'],
    'rules of the AWS VPC CNI rewrite packets long after it is gone',
    'KPR3009 n2',
    {
      scenario: onN2(aws),
      sibling: onN2(aws, {
        daemonSets: [
          { metadata: { name: 'aws-node', namespace: 'kube-system' }, status: { desiredNumberScheduled: 2 } },
        ],
      }),
    },
  ),
  seen('tigera/docs#2768', 'Flannel’s chain masquerades pods’ packets after a migration', 'KPR3009 n2', {
    scenario: onN2(flannel),
    sibling: onN2(flannel, { distribution: 'k3s' }),
  }),
  seen('kubernetes/kubernetes#139629', 'clients of statsd are held to a pod that is gone', 'KPR3008 n2', {
    scenario: held('10.244.1.99'),
    sibling: held('10.244.1.30'),
  }),
  seen('xiaods/k8e#255', 'a mesh leads its packets into kube-proxy’s chain of a Service', 'KPR3007 n2', {
    scenario: onN2(dump(nat(...serviceChain, '-A MESH_OUTPUT -p tcp -m tcp --dport 443 -j KUBE-SVC-XPGD46QRK7WJZT7O'))),
    sibling: onN2(
      dump(
        nat(
          ...serviceChain.slice(0, 1),
          ...serviceChain.slice(2),
          '-A MESH_OUTPUT -p tcp -m tcp --dport 443 -j RETURN',
        ),
      ),
    ),
  }),
  seen(
    ['cilium/cilium#12066', 'rancher/rke2#5355'],
    'the portmap plug-in is still chained while Cilium serves hostPorts, and its mark leads nowhere',
    'KPR3007 n2',
    {
      scenario: onN2(dump(portmap()), { settings: { 'cni-chaining-mode': 'portmap' } }),
      sibling: onN2(dump(portmap(...masquerading)), { settings: { 'cni-chaining-mode': 'portmap' } }),
    },
  ),
  seen(
    ['cilium/cilium#20123', 'kubernetes/kubernetes#71305', 'kubernetes/kubernetes#112477'],
    'kube-proxy’s rules are in the other backend of iptables than the one that is looked at',
    'KPR3003 n2',
    {
      scenario: left(dump(nat(...toEndpoint('10.244.1.5:8080')), 'legacy')),
      sibling: left(dump(nat(...unlinked(toEndpoint('10.244.1.5:8080'))), 'legacy')),
    },
  ),
  control(
    'docs: chains that the kubelet owns',
    'the kubelet’s own chains are nobody’s leftovers',
    cluster({ all: { iptables: [dump(fixture('cilium-alone-1.18.txt'))] } }),
  ),
  control(
    'docs: kubelet 1.26, its chains for masquerading',
    'a kubelet before 1.27 writes chains of kube-proxy’s names',
    cluster({ nodes: [kubelet('v1.26.9')], n2: { iptables: [oldKubelet] } }),
  ),
  control(
    'docs: hosts with Docker and Tailscale',
    'two Services share an address by their ports, a third has ipMode Proxy, and hosts have rules of their own',
    cluster({
      distribution: 'talos',
      services: [
        named('web', 80),
        named('mail', 25),
        aService('elsewhere', { type: 'ExternalName', clusterIP: '', clusterIPs: [], ports: [] }),
      ],
      slices: [sliceOf('web', '10.244.1.40'), sliceOf('mail', '10.244.1.41')],
      all: { iptables: [hosts], apiProbe: { host: 'localhost', port: '7445', resolved: ['127.0.0.1'] } },
    }),
  ),
];
