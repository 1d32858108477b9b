import { valueOf } from '../../model/Fact.ts';
import type { Distribution } from '../../model/Snapshot.ts';
import { clusterConfigurationOf } from '../../expect/api-server/clusterConfiguration.ts';
import type { ChecklistStep } from './Checklist.ts';
import {
  captureStep,
  files,
  forGoodStep,
  keepStep,
  migrationLabel,
  nodeByNode,
  nodeConfigStep,
} from './commonSteps.ts';
import type { Ground } from './Ground.ts';

/** kube-proxy first, and at parity by its own rules; then the replacement goes, agent by agent. */
export const rollbackSteps = (ground: Ground): readonly ChecklistStep[] => [
  captureStep(ground),
  keepStep(ground),
  ...back(ground),
  {
    text: 'Prove that kube-proxy’s rules are complete: every Service reaches the same backends by them as through eBPF',
    where: 'workstation',
    commands: [
      ground.command('kubectl kpr capture --overwrite -o kube-proxy-back.kpr'),
      ground.command('kubectl kpr verify --against kube-proxy-back.kpr'),
    ],
  },
  nodeConfigStep(ground, 'off'),
  ...nodeByNode(ground, {
    nodes: ground.nodes.filter(({ isReplacing }) => isReplacing).map(({ name }) => name),
    all: ground.nodes.length,
    label: `${migrationLabel}=false`,
    what: 'Let kube-proxy serve Services alone',
    risk: 'connections that eBPF translated end: at the agent’s start for NodePorts and load balancers, with the socket for those of pods; new ones may hang for the second or two until kube-proxy’s rules take over',
    check: 'kubectl kpr verify --node {{node}} --wait=3m',
  }),
  forGood(ground),
];

/** By whoever managed it before it was turned off. */
function back(ground: Ground): readonly ChecklistStep[] {
  const { proxy, snapshot } = ground;
  const step = {
    where: 'workstation',
    risk: 'none: its rules lie behind eBPF, which answers first as long as the replacement is on',
  } as const;
  if (proxy.runs) return [{ ...step, text: 'Bring kube-proxy back', commands: [], done: 'it runs' }];
  const managed = managers[snapshot.distribution];
  if (managed !== undefined) return [{ ...step, ...managed, decision: true }];
  return [
    {
      ...step,
      decision: true,
      text: `Bring kube-proxy back from what was kept when it was removed (${files.kubeProxy}), in mode iptables if it was nftables: made anew, its nftables chain is asked before Cilium’s masquerading, and pods of other nodes do not answer. Without that file, on a control-plane node: ${byKubeadm(ground)}`,
      commands: [ground.command(inIptables)],
      check: ground.command('kubectl -n kube-system rollout status daemonset kube-proxy --timeout=10m'),
      wayBack: ground.command('kubectl -n kube-system delete daemonset kube-proxy'),
    },
  ];
}

/**
 * Of chains with one priority the kernel asks the one first that was made last (linux: nf_hook_entries_grow). With
 * kube-proxy's masquerading, pods of other nodes would answer to the node's address, past the tunnel. With iptables,
 * agents that start put their rules before kube-proxy's. What says which object it was would refuse to replace another.
 */
const inIptables = `sed -E -e '/^ +(resourceVersion|uid):/d' -e 's/mode: *\\\\?"?nftables\\\\?"?/mode: iptables/' ${files.kubeProxy} | kubectl apply -f -`;

/** Makes DaemonSet, ConfigMap and the rights anew, of the values that kubeadm itself has kept. */
function byKubeadm({ snapshot, proxy, command }: Ground): string {
  const configuration = clusterConfigurationOf(valueOf(snapshot.facts.kubeadmConfig));
  if (configuration !== undefined)
    return 'kubectl -n kube-system get configmap kubeadm-config -o jsonpath={.data.ClusterConfiguration} > kubeadm.yaml && kubeadm init phase addon kube-proxy --config kubeadm.yaml';
  return command('kubeadm init phase addon kube-proxy --pod-network-cidr {{podNetwork}}', {
    podNetwork: proxy.settings?.clusterCidr,
  });
}

type Managed = Pick<ChecklistStep, 'text' | 'where' | 'commands'>;

const managers: Readonly<Partial<Record<Distribution, Managed>>> = {
  eks: {
    text: 'Bring the add-on back (CLUSTER: its name)',
    where: 'workstation',
    commands: ['aws eks create-addon --cluster-name CLUSTER --addon-name kube-proxy'],
  },
  aks: {
    text: 'Turn it on in AKS (GROUP, CLUSTER)',
    where: 'workstation',
    commands: [
      'printf \'{"enabled": true}\' > kube-proxy.json && az aks update -g GROUP -n CLUSTER --kube-proxy-config kube-proxy.json',
    ],
  },
  openshift: {
    text: 'Tell the cluster network operator',
    where: 'workstation',
    commands: [
      'kubectl patch network.operator.openshift.io cluster --type=merge -p \'{"spec":{"deployKubeProxy":true}}\'',
    ],
  },
  talos: {
    text: 'Take cluster.proxy.disabled out of the machine configuration of every control-plane node (CONTROL_PLANE); Talos makes the DaemonSet again',
    where: 'workstation',
    commands: ['talosctl -n CONTROL_PLANE patch machineconfig -p \'{"cluster":{"proxy":{"disabled":false}}}\''],
  },
  k3s: {
    text: 'Take disable-kube-proxy out of /etc/rancher/k3s/config.yaml on every server, and restart every server, then every agent',
    where: 'controlPlane',
    commands: ['systemctl restart k3s'],
  },
  rke2: {
    text: 'Take disable-kube-proxy out of /etc/rancher/rke2/config.yaml on every server, and restart the servers, then the agents',
    where: 'controlPlane',
    commands: ['systemctl restart rke2-server'],
  },
  k0s: {
    text: 'Take spec.network.kubeProxy.disabled out of the k0s configuration, and restart the controllers',
    where: 'controlPlane',
    commands: ['systemctl restart k0scontroller'],
  },
};

/** An agent that starts without the replacement takes its own programs and rows away; nothing of eBPF is left to do. */
const forGood = (ground: Ground): ChecklistStep =>
  forGoodStep(ground, 'off', 'none: every agent is so already', 'enable');
