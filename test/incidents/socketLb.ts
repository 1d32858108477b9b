import { valueOf } from '../../src/model/Fact.ts';
import type { Node, Pod } from '../../src/model/kubernetes.ts';
import type { CgroupProgram } from '../../src/model/NodeFacts.ts';
import type { Snapshot } from '../../src/model/Snapshot.ts';
import type { NodeChanges } from '../support/aSnapshot.ts';
import { aNode, anAgentPod, healthyNode } from '../support/healthy.ts';
import { type Incident, missed, planned, seen } from './Incident.ts';
import { cluster, crashing, type Scene, settings } from './scene.ts';

const programs: readonly CgroupProgram[] = valueOf(healthyNode('n1', 1).facts.cgroupPrograms) ?? [];
const withoutHooks = (...hooks: readonly string[]): NodeChanges => ({
  cgroupPrograms: programs.filter(({ name }) => !hooks.some((hook) => name.endsWith(hook))),
});
const withXdp = (valueOf(healthyNode('n1', 1).facts.devicePrograms) ?? []).map(({ device, programs }) => ({
  device,
  programs: [...programs, { hook: 'xdp' as const, name: 'cil_xdp_entry' }],
}));
const hostOnly: NodeChanges = { status: { kpr: { socketLbHostNamespaceOnly: true } } };

const pod = (name: string, spec: Pod['spec'], labels: Readonly<Record<string, string>> = {}): Pod => ({
  metadata: { name, namespace: 'shop', labels },
  spec: { nodeName: 'n2', ...spec },
  status: { phase: 'Running' },
});
const sidecar = pod('cart-1', { containers: [{ name: 'app' }, { name: 'istio-proxy' }] });
const guests = [
  pod('virt-launcher-vm1', {}, { 'kubevirt.io': 'virt-launcher' }),
  pod('sandbox-1', { runtimeClassName: 'kata-qemu' }),
];
const kubelet = (kubeletVersion: string): Node => {
  const node = aNode('n2');
  return { ...node, status: { ...node.status, nodeInfo: { ...node.status?.nodeInfo, kubeletVersion } } };
};
const talos = (all: NodeChanges): Snapshot => cluster({ distribution: 'talos', version: '1.20.1', all });
const asked = (key: string, value: string, more: Scene['n2'] & object = {}): NodeChanges => ({
  startedConfig: settings({ [key]: value }),
  ...more,
});
const acceleration = (acceleration: string): NodeChanges => ({ status: { kpr: { nodePort: { acceleration } } } });
const notYet = 'PersistentVolumes are not read';

const ambient: Scene = {
  daemonSets: [{ metadata: { name: 'ztunnel', namespace: 'istio-system' }, status: { desiredNumberScheduled: 2 } }],
  all: { status: { kpr: { socketLbHostNamespaceOnly: true } } },
};

export const socketLbIncidents: readonly Incident[] = [
  seen(
    ['cilium/cilium#16078', 'cilium/cilium#16259', 'cilium/cilium#15769', 'cilium/cilium#15137'],
    'programs are attached to a nested cgroup, and the status says that they are there',
    'KPR1007 n2',
    {
      scenario: cluster({ distribution: 'kind', n2: { cgroupPrograms: [] } }),
      sibling: cluster({ distribution: 'kind' }),
    },
  ),
  seen('cilium/cilium#48420', 'links of the socket programs are pinned to a cgroup that is gone', 'KPR1007 n1,n2', {
    scenario: talos({ cgroupPrograms: [], ...hostOnly }),
    sibling: talos({ cgroupPrograms: programs, ...hostOnly }),
  }),
  seen(
    ['cilium/cilium#27900', 'kubernetes/kubernetes#120247'],
    'a kubelet starts the agent before the container that mounts its cgroup',
    'KPR1007 n2',
    {
      scenario: cluster({ nodes: [kubelet('v1.28.0')], n2: { cgroupPrograms: [] } }),
      sibling: cluster({ nodes: [kubelet('v1.28.2')], n2: { cgroupPrograms: programs } }),
    },
  ),
  seen(
    'cilium/cilium#21603',
    'an agent without the rights to attach programs serves no Service address',
    'KPR1007 n1,n2',
    {
      scenario: cluster({ all: withoutHooks('_connect', '_sendmsg', '_recvmsg') }),
      sibling: cluster({ all: withoutHooks('_getpeername') }),
    },
  ),
  planned(
    ['cilium/cilium#21609', 'cilium/cilium#39204'],
    'on a host of cgroup v1 socket load balancing cannot be traced',
    'KPR1013',
  ),
  seen(
    [
      'cilium/cilium#16583',
      'cilium/cilium#17154',
      'cilium/cilium#30665',
      'cilium/cilium#28304',
      'kubernetes/kops#12524',
    ],
    'connections pass a mesh’s sidecars by, as they lead to pods before the sidecar sees them',
    'KPR1016 n2',
    { scenario: cluster({ pods: [sidecar] }), sibling: cluster({ pods: [sidecar], all: hostOnly }) },
  ),
  seen(
    [
      'cilium/cilium#14563',
      'cilium/cilium#37669',
      'cilium/cilium#15626',
      'cilium/cilium#25322',
      'cilium/cilium#15589',
      'kubevirt/kubevirt#10388',
    ],
    'virtual machines and sandboxes reach no Service',
    'KPR1016 n2',
    { scenario: cluster({ pods: guests }), sibling: cluster({ pods: guests, all: hostOnly }) },
  ),
  seen(
    ['istio/istio#52208', 'istio/istio#57911'],
    'in the ambient mode of Istio kubelets get no answer from pods, since eBPF masquerades',
    'KPR7008 n1,n2',
    {
      scenario: cluster({ ...ambient, settings: { 'bpf-lb-sock-hostns-only': 'true' } }),
      sibling: cluster({
        ...ambient,
        settings: { 'bpf-lb-sock-hostns-only': 'true', 'enable-host-legacy-routing': 'true' },
      }),
    },
  ),
  missed(
    ['cilium/cilium#21541', 'cilium/cilium#33395', 'cilium/cilium#34461', 'longhorn/longhorn#8205'],
    'mounts of NFS or SMB at a Service’s address hang, and the kernel with them',
    'KPR1016',
    notYet,
  ),
  missed(
    'docs: kube-proxy free, limitations of kernel clients',
    'Ceph’s kernel client does not find its server behind a Service’s address',
    'KPR1016',
    notYet,
  ),
  seen('cilium/cilium#20726', 'the agent ends with words about an old kernel on a new one', 'KPR1001 n2', {
    scenario: cluster({
      systemPods: [
        crashing(
          'unable to initialize kube-proxy replacement options: BPF NodePort services needs kernel 4.17.0 or newer',
        ),
      ],
      n2: { agent: { ready: false }, kernel: '5.18.4' },
    }),
    sibling: cluster({ systemPods: [anAgentPod('n2')], n2: { kernel: '5.18.4' } }),
  }),
  planned(['rancher/rke2#3571', 'cilium/cilium#10462'], 'the kernel is too old for the replacement', 'KPR1013'),
  seen(
    ['cilium/cilium#22970', 'cilium/cilium#24768', 'cilium/cilium#32699', 'cilium/cilium#35497'],
    'acceleration is asked for as far as it goes, and the device of a VLAN has none',
    'KPR1015 n2',
    {
      scenario: cluster({ n2: asked('bpf-lb-acceleration', 'best-effort') }),
      sibling: cluster({
        all: asked('bpf-lb-acceleration', 'best-effort', acceleration('Best-Effort')),
        facts: { ciliumConfig: settings({ 'bpf-lb-acceleration': 'best-effort' }) },
      }),
    },
  ),
  seen(
    'cilium/cilium#35426',
    'acceleration needs smaller packets than the device is set to, and the agent ends',
    'KPR1001 n2',
    {
      scenario: cluster({
        systemPods: [crashing('attaching XDP program to interface ens5: numerical result out of range')],
        n2: { agent: { ready: false } },
      }),
      sibling: cluster({
        settings: { 'bpf-lb-acceleration': 'native' },
        all: { ...acceleration('Native'), devicePrograms: withXdp },
      }),
    },
  ),
  missed(
    'hetznercloud/hcloud-cloud-controller-manager#241',
    'acceleration on a cloud’s network card takes the cluster down',
    'KPR7006',
    'which network cards can do XDP is not known here',
  ),
  missed(
    'cilium/cilium#37961',
    'with acceleration on VMware only nodes with a pod answer at NodePorts',
    'KPR7006',
    'which network cards can do XDP is not known here',
  ),
  missed(
    ['cilium/cilium#40815', 'cilium/cilium#33609'],
    'answers go past the load balancing node, and the network refuses them',
    'KPR7006',
    'on hardware of one’s own nobody tells what the network lets pass',
  ),
  missed(
    'cilium/cilium#32437',
    'with DSR clients get answers from the node’s address',
    'KPR7006',
    'on hardware of one’s own nobody tells what the network lets pass',
  ),
  missed(
    'cilium/cilium#12895',
    'an address works only where the node that announces it has the backend',
    'KPR7006',
    'which node announces an address is not read',
  ),
  missed(
    'cilium/cilium#32091',
    'with DSR open connections get answers from a pod’s address after a change of backends',
    'KPR7006',
    'what was sent before a change of backends is not read',
  ),
  missed(
    'docs: kube-proxy free, DSR and TCP Fast Open',
    'with DSR connections with TCP Fast Open fail now and then',
    'KPR7006',
    'whether clients use TCP Fast Open is not to be seen',
  ),
  seen(
    ['cilium/cilium#17463', 'cilium/cilium#12699', 'cilium/cilium#11148'],
    'masquerading by eBPF is asked for, and iptables does it',
    'KPR1015 n2',
    {
      scenario: cluster({ n2: { status: { masquerading: { mode: 'IPTables' } } } }),
      sibling: cluster({
        settings: { 'enable-bpf-masquerade': 'false' },
        all: { status: { masquerading: { mode: 'IPTables' } } },
      }),
    },
  ),
  missed(
    'cilium/cilium#12699',
    'hosts do not reach Services with masquerading by eBPF beside kube-proxy',
    'KPR7008',
    'masquerading by eBPF without the replacement is not looked at',
  ),
];
