import { valueOf } from '../../src/model/Fact.ts';
import type { ApiProbe, ServerProbe } from '../../src/model/NodeFacts.ts';
import type { Container, DaemonSet, Deployment, Node, Pod, Service } from '../../src/model/kubernetes.ts';
import type { Snapshot } from '../../src/model/Snapshot.ts';
import { waitingForApi } from '../checks/api-endpoint/waitingForApi.ts';
import { kubeProxyDaemonSet, kubeProxyPod } from '../checks/kube-proxy/kubeProxyObjects.ts';
import { aMissing, allMissing, type ClusterChanges, type NodeChanges } from '../support/aSnapshot.ts';
import { aNode, anAgentPod, aService, aSlice, healthyFacts } from '../support/healthy.ts';
import { balanced } from '../support/shopCluster.ts';
import { type Incident, seen } from './Incident.ts';
import { cluster, crashing, holding, offStatus, replacementOff, type Scene } from './scene.ts';

type Env = NonNullable<Container['env']>;
const env = (host: string, port = '6443'): Env => [
  { name: 'KUBERNETES_SERVICE_HOST', value: host },
  { name: 'KUBERNETES_SERVICE_PORT', value: port },
];
const fromConfigMap: Env = [
  { name: 'KUBERNETES_SERVICE_HOST', valueFrom: { configMapKeyRef: { name: 'api-lookup', key: 'host' } } },
  { name: 'KUBERNETES_SERVICE_PORT', value: '6443' },
];

const healthy = healthyFacts(['n1', 'n2']);
interface Spec {
  readonly containers?: readonly Container[];
  readonly initContainers?: readonly Container[];
}
type Given = (container: Container) => Env;
const specWith = <S extends Spec>(spec: S, given: Given): S => ({
  ...spec,
  containers: spec.containers?.map((one) => Object.assign({}, one, { env: given(one) })),
  initContainers: spec.initContainers?.map((one) => Object.assign({}, one, { env: given(one) })),
});
const templateWith = <W extends DaemonSet | Deployment>(one: W, given: Given): W => ({
  ...one,
  spec: { ...one.spec, template: { ...one.spec?.template, spec: specWith(one.spec?.template?.spec ?? {}, given) } },
});

/** Agents and operator are given this as the API server's address; pods that replace agents' are as they are. */
function given(variables: Env | Given, pods: readonly Pod[] = []): ClusterChanges {
  const of = typeof variables === 'function' ? variables : (): Env => variables;
  const replaced = new Set(pods.map(({ metadata }) => metadata.name));
  const agents = (valueOf(healthy.systemPods) ?? []).filter(({ metadata }) => !replaced.has(metadata.name));
  return {
    daemonSets: (valueOf(healthy.daemonSets) ?? []).map((one) => templateWith(one, of)),
    deployments: (valueOf(healthy.deployments) ?? []).map((one) => templateWith(one, of)),
    systemPods: [...agents, ...pods].map((pod) =>
      pod.metadata.name.startsWith('cilium-') ? Object.assign({}, pod, { spec: specWith(pod.spec ?? {}, of) }) : pod,
    ),
  };
}
const probe = (host: string, port: string, connect: ApiProbe['connect'] = 'open', detail = ''): NodeChanges => ({
  apiProbe: { host, port, resolved: connect === 'unresolved' ? [] : ['172.30.0.1'], connect, detail },
});
/** Nothing can be asked of a node whose agent does not come up. */
const down: NodeChanges = { ...allMissing('unreachable'), agent: { ready: false } };
const dial = (endpoint: string, why: string): string => `dial tcp ${endpoint}: ${why}`;
const timeout = 'i/o timeout';
const refused = 'connect: connection refused';

const ofProvider = (name: string, providerID: string): Node => aNode(name, { spec: { providerID } });
const eks: Pick<Scene, 'distribution' | 'nodes'> = {
  distribution: 'eks',
  nodes: ['n1', 'n2'].map((name) => ofProvider(name, `aws:///eu-west-1a/i-0${name}`)),
};

const servers = (...addresses: string[]): ClusterChanges => ({
  endpointSlices: [
    ...(valueOf(healthy.endpointSlices) ?? []).filter(({ metadata }) => metadata.name !== 'kubernetes'),
    aSlice('kubernetes', addresses, {
      metadata: { name: 'kubernetes', namespace: 'default', labels: { 'kubernetes.io/service-name': 'kubernetes' } },
      ports: [{ name: 'https', port: 6443, protocol: 'TCP' }],
    }),
  ],
});
const dialled = (...answers: readonly (readonly [string, ServerProbe['connect']])[]): NodeChanges => ({
  serversProbe: answers.map(([address, connect]) => ({
    via: address === '10.96.0.1' ? 'clusterIP' : 'server',
    address,
    port: address === '10.96.0.1' ? 443 : 6443,
    connect,
    detail: '',
  })),
});
const sharedName = {
  kubeadmConfig: {
    metadata: { name: 'kubeadm-config', namespace: 'kube-system' },
    data: { ClusterConfiguration: 'controlPlaneEndpoint: api.example.com:6443\nproxy:\n  disabled: true\n' },
  },
};

const client = (name: string, message: string, ready: boolean): Pod => ({
  metadata: { name, namespace: 'kube-system' },
  spec: { nodeName: 'n2' },
  status: {
    phase: 'Running',
    containerStatuses: [
      {
        name: 'main',
        ready,
        restartCount: 4,
        state: ready ? { running: {} } : { waiting: { reason: 'CrashLoopBackOff' } },
        lastState: { terminated: { exitCode: 1, message } },
      },
    ],
  },
});
const crashingProxy = kubeProxyPod('n2', {
  status: {
    phase: 'Running',
    containerStatuses: [
      {
        name: 'kube-proxy',
        ready: false,
        restartCount: 12,
        state: { waiting: { reason: 'CrashLoopBackOff', message: 'too many open files' } },
      },
    ],
  },
});
const stuck = (message: string): Pod =>
  anAgentPod('n2', {
    phase: 'Pending',
    initContainerStatuses: [
      { name: 'config', ready: false, state: { waiting: { reason: 'CreateContainerConfigError', message } } },
    ],
  });
const loop = [
  waitingForApi('n1', '10.96.0.1:443', dial('10.96.0.1:443', timeout)),
  waitingForApi('n2', '10.96.0.1:443', dial('10.96.0.1:443', timeout)),
];
const direct = env('172.30.0.1');

const ofApiServers = (vip: string): Service =>
  balanced(
    aService(
      'kube-vip',
      { clusterIP: '10.96.10.9', clusterIPs: ['10.96.10.9'], selector: {}, ports: [{ name: 'https', port: 6443 }] },
      { namespace: 'kube-system' },
    ),
    vip,
  );
const serversSlice = aSlice('kube-vip', ['172.30.0.11'], {
  metadata: { name: 'kube-vip-1', namespace: 'kube-system', labels: { 'kubernetes.io/service-name': 'kube-vip' } },
  ports: [{ name: 'https', port: 6443, protocol: 'TCP' }],
});

export const apiEndpointIncidents: readonly Incident[] = [
  seen(
    ['rancher/rke2#6304', 'rancher/rke2#6208'],
    'the address that kube-vip announces for the API servers is that of a Service of the cluster, too',
    'KPR2001 kube-system/cilium,kube-system/cilium-operator',
    {
      scenario: cluster({ services: [ofApiServers('172.30.0.1')], slices: [serversSlice] }),
      sibling: cluster({ services: [ofApiServers('172.30.0.77')], slices: [serversSlice] }),
    },
  ),
  seen(
    'cilium/cilium#20679',
    'agents are to reach the API server through the ClusterIP that nobody but they would serve',
    'KPR2001 n1,n2',
    {
      scenario: cluster({ facts: given([], loop), all: down }),
      sibling: cluster({ facts: given(direct) }),
    },
  ),
  seen('cilium/cilium#20679', 'the API server is given by a name that nodes do not resolve', 'KPR2004 n2', {
    scenario: cluster({
      facts: given(env('api.cluster.internal')),
      n1: probe('api.cluster.internal', '6443'),
      n2: probe('api.cluster.internal', '6443', 'unresolved', 'Name or service not known'),
    }),
    sibling: cluster({ facts: given(env('api.cluster.internal')), all: probe('api.cluster.internal', '6443') }),
  }),
  seen(
    'cilium/cilium#35440',
    'without kube-proxy all goes well until nodes boot, since agents were never given an address',
    'KPR2001 n1,n2',
    {
      scenario: cluster({ facts: given([]), all: probe('10.96.0.1', '443') }),
      sibling: cluster({
        facts: given([]),
        settings: { 'k8s-api-server-urls': 'https://172.30.0.1:6443' },
      }),
    },
  ),
  seen(
    ['siderolabs/talos#9132', 'cilium/cilium#34253'],
    'agents are sent to KubePrism, which is not switched on',
    'KPR2002 n1,n2',
    {
      scenario: cluster({
        distribution: 'talos',
        facts: given(env('localhost', '7445')),
        all: probe('localhost', '7445', 'refused', 'Connection refused'),
      }),
      sibling: cluster({
        distribution: 'talos',
        facts: given(env('localhost', '7445')),
        all: probe('localhost', '7445'),
      }),
    },
  ),
  seen('siderolabs/talos#10598', 'KubePrism no longer listens on some nodes after an upgrade', 'KPR2002 n2', {
    scenario: cluster({
      distribution: 'talos',
      facts: given(env('127.0.0.1', '7445')),
      n1: probe('127.0.0.1', '7445'),
      n2: probe('127.0.0.1', '7445', 'refused', 'Connection refused'),
    }),
    sibling: cluster({
      distribution: 'talos',
      facts: given(env('127.0.0.1', '7445')),
      all: probe('127.0.0.1', '7445'),
    }),
  }),
  seen(
    ['kubernetes-sigs/kubespray#12623', 'AMD-AGI/Primus-SaFE#704', 'k0sproject/k0s#5740'],
    'agents are given one of several control-plane nodes, and end with it',
    'KPR2003 kube-system/cilium,kube-system/cilium-operator',
    {
      scenario: cluster({
        facts: { ...servers('172.30.0.1', '172.30.0.2', '172.30.0.3'), ...sharedName },
        all: dialled(['10.96.0.1', 'open'], ['172.30.0.1', 'open'], ['172.30.0.2', 'open'], ['172.30.0.3', 'open']),
      }),
      sibling: cluster({
        facts: {
          ...servers('172.30.0.1', '172.30.0.2', '172.30.0.3'),
          ...sharedName,
          ...given(env('api.example.com')),
        },
        all: {
          ...probe('api.example.com', '6443'),
          ...dialled(['10.96.0.1', 'open'], ['172.30.0.1', 'open'], ['172.30.0.2', 'open'], ['172.30.0.3', 'open']),
        },
      }),
    },
  ),
  seen(
    ['kubernetes-sigs/kubespray#9718', 'kubernetes-sigs/kubespray#7231', 'rancher/rke2#9448'],
    'the local port of the API server is another on workers than on servers',
    'KPR2002 n2',
    {
      scenario: cluster({
        distribution: 'k3s',
        facts: given(env('127.0.0.1'), [waitingForApi('n2', '127.0.0.1:6443', dial('127.0.0.1:6443', refused))]),
        n1: probe('127.0.0.1', '6443'),
        n2: down,
      }),
      sibling: cluster({
        distribution: 'k3s',
        facts: given(env('127.0.0.1', '6444')),
        all: probe('127.0.0.1', '6444'),
      }),
    },
  ),
  seen('cilium/cilium#22039', 'EKS has moved its API server, and new nodes dial the address of before', 'KPR2002 n2', {
    scenario: cluster({
      ...eks,
      facts: given(env('10.0.3.17', '443'), [waitingForApi('n2', '10.0.3.17:443', dial('10.0.3.17:443', timeout))]),
      n1: probe('10.0.3.17', '443'),
      n2: down,
    }),
    sibling: cluster({
      ...eks,
      facts: given(env('0ABC.gr7.eu-west-1.eks.amazonaws.com', '443')),
      all: probe('0ABC.gr7.eu-west-1.eks.amazonaws.com', '443'),
    }),
  }),
  seen(
    'nutanix-cloud-native/cluster-api-runtime-extensions-nutanix#1316',
    'the API server’s address is given as a URL',
    'KPR2004 kube-system/cilium,kube-system/cilium-operator',
    {
      scenario: cluster({ facts: given(env('https://172.30.0.1')) }),
      sibling: cluster({ facts: given(env('172.30.0.1')), all: probe('172.30.0.1', '6443') }),
    },
  ),
  seen('uc-cdis/gen3-helm#601', 'the ConfigMap from which agents are to take the address is not there', 'KPR2004 n2', {
    scenario: cluster({
      ...eks,
      facts: given(fromConfigMap, [stuck('configmap "api-lookup" not found')]),
      n2: { ...down, apiProbe: aMissing('absent') },
    }),
    sibling: cluster({ ...eks, facts: given(fromConfigMap) }),
  }),
  seen(
    'kube-vip/kube-vip#721',
    'the address that agents dial is announced by a pod that waits for them',
    'KPR2002 n1,n2',
    {
      scenario: cluster({
        distribution: 'rke2',
        facts: given(env('172.30.0.200'), [
          client('kube-vip-ds-x', `leader election: ${dial('10.96.0.1:443', timeout)}`, false),
        ]),
        all: probe('172.30.0.200', '6443', 'timeout', 'no answer within 3 s'),
      }),
      sibling: cluster({
        distribution: 'rke2',
        facts: given(env('172.30.0.200'), [client('kube-vip-ds-x', '', true)]),
        all: probe('172.30.0.200', '6443'),
      }),
    },
  ),
  seen(
    'cilium/cilium#34653',
    'the API server was restarted, and the row through which the agent reaches it is the one of before',
    'KPR2002 n2',
    {
      scenario: cluster({
        n2: {
          status: {
            kubernetes: {
              state: 'Failure',
              message: `Get "https://10.96.0.1:443/version": ${dial('10.96.0.1:443', timeout)}`,
            },
          },
        },
        rows: holding('10.96.0.1:443/TCP', ['172.30.0.9:6443/TCP']),
      }),
      sibling: cluster({ n2: { status: { kubernetes: { state: 'Ok', message: '1.36 (v1.36.0) [linux/amd64]' } } } }),
    },
  ),
  seen(
    ['cilium/cilium#27982', 'poseidon/typhoon#1391'],
    'socket programs of an earlier mode lead the host to API servers that are gone',
    'KPR2005 n2',
    {
      scenario: cluster({
        n2: dialled(['10.96.0.1', 'timeout'], ['172.30.0.1', 'open']),
        rows: holding('10.96.0.1:443/TCP', ['172.30.0.8:6443/TCP']),
      }),
      sibling: cluster({ n2: dialled(['10.96.0.1', 'open'], ['172.30.0.1', 'open']) }),
    },
  ),
  seen(
    'cilium/cilium#29094',
    'the init container that asks for the configuration is not given the address that the agent has',
    'KPR2001 n1,n2',
    {
      scenario: cluster({ ...eks, facts: given((one) => (one.name === 'config' ? [] : direct)) }),
      sibling: cluster({ ...eks, facts: given(direct) }),
    },
  ),
  seen('cilium/cilium#34290', 'pods do not reach the ClusterIP of the API server, nodes do', 'KPR2005 n2', {
    scenario: cluster({
      systemPods: [
        client('argocd-repo-server-0', `Get "https://10.96.0.1:443/api": ${dial('10.96.0.1:443', timeout)}`, false),
      ],
    }),
    sibling: cluster({
      systemPods: [
        client('argocd-repo-server-0', `Get "https://10.96.0.1:443/api": ${dial('10.96.0.1:443', timeout)}`, true),
      ],
    }),
  }),
  seen(
    ['cilium/cilium#28823', 'cilium/cilium#21148'],
    'agents depend on a kube-proxy that ends for want of file handles',
    'KPR1001 n2',
    {
      scenario: cluster({
        distribution: 'kind',
        settings: replacementOff,
        daemonSets: [kubeProxyDaemonSet()],
        facts: {
          ...given(
            [],
            [waitingForApi('n2', '10.96.0.1:443', dial('10.96.0.1:443', timeout)), kubeProxyPod('n1'), crashingProxy],
          ),
        },
        n1: offStatus,
        n2: down,
      }),
      sibling: cluster({
        distribution: 'kind',
        settings: replacementOff,
        facts: given([], [kubeProxyPod('n1'), kubeProxyPod('n2')]),
        all: offStatus,
      }),
    },
  ),
  seen(
    ['cilium/cilium#28807', 'cilium/cilium#28882', 'cilium/cilium#33780'],
    'nodes that are added do not start, since kube-proxy is gone and no address was given',
    'KPR2001 n1,n2',
    {
      scenario: cluster({
        ...eks,
        facts: given([], [waitingForApi('n2', '10.96.0.1:443', dial('10.96.0.1:443', timeout))]),
        n2: down,
      }),
      sibling: cluster({ ...eks, facts: given(direct), n2: { agent: { startedAt: '2026-11-21T09:45:00Z' } } }),
    },
  ),
  seen(
    'k3s-io/k3s#14594',
    'the API server’s slice keeps an address that no server has any more',
    'KPR2006 default/kubernetes',
    {
      scenario: cluster({
        facts: servers('172.30.0.1', '172.30.0.59'),
        distribution: 'k3s',
        all: dialled(['10.96.0.1', 'open'], ['172.30.0.1', 'open'], ['172.30.0.59', 'timeout']),
      }),
      sibling: cluster({
        facts: servers('172.30.0.1'),
        distribution: 'k3s',
        all: dialled(['10.96.0.1', 'open'], ['172.30.0.1', 'open']),
      }),
    },
  ),
  seen(
    'docs: Tencent TKE guide, API server behind a Service',
    'the API server’s address is that of a Service of the cluster itself, whose endpoints were deleted',
    'KPR2001 kube-system/cilium,kube-system/cilium-operator',
    { scenario: throughService('10.77.0.8', 443, false), sibling: throughService('10.77.0.9', 443, true) },
  ),
  seen(
    'docs: Tencent TKE guide, API server behind a Service',
    'the API server’s address is that of a Service of the cluster itself, and works as long as that has endpoints',
    'KPR2001 kube-system/cilium,kube-system/cilium-operator',
    { scenario: throughService('10.77.0.8', 443, true), sibling: throughService('10.77.0.8', 6443, true) },
  ),
  seen(
    'cilium/cilium#48534',
    'agents wait for kinds that the operator does not register, since it was not restarted',
    'KPR1001 n2',
    {
      scenario: cluster({
        systemPods: [
          crashing(
            'Still waiting for Cilium Operator to register the following CRDs: [crd:ciliumenvoyconfigs.cilium.io]',
          ),
        ],
        n2: down,
      }),
      sibling: cluster({ systemPods: [anAgentPod('n2')] }),
    },
  ),
];

/** Agents dial 10.77.0.8:443; a Service of the cluster has that address and port, or another one. */
function throughService(ip: string, port: number, isBacked: boolean): Snapshot {
  const service = {
    ...aService('intranet', { type: 'LoadBalancer', ports: [{ port, protocol: 'TCP', nodePort: 31_443 }] }),
    status: { loadBalancer: { ingress: [{ ip }] } },
  };
  return cluster({
    facts: given(env('10.77.0.8', '443')),
    services: [service],
    slices: [
      aSlice('intranet', isBacked ? ['172.30.0.1'] : [], { ports: [{ name: '', port: 6443, protocol: 'TCP' }] }),
    ],
    all: probe('10.77.0.8', '443', isBacked ? 'open' : 'failed', isBacked ? '' : 'Operation not permitted'),
  });
}
