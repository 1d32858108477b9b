import { defineProblem, type RemedyStep } from '../../../src/core/Problem.ts';
import type { Distribution } from '../../../src/model/Snapshot.ts';
import { restartAgent } from './steps.ts';

const turnOn = [
  {
    decision: true,
    text: 'Let Cilium serve Services; without kube-proxy it must be told the API server’s own address, no ClusterIP (CHART: how your release was installed)',
    command:
      'helm -n {{namespace}} upgrade {{helmRelease}} CHART --reuse-values --set kubeProxyReplacement=true --set k8sServiceHost={{apiHost}} --set k8sServicePort={{apiPort}}',
    where: 'workstation',
    does: 'restartAllAgents',
    on: ['kubeadm', 'kind', 'k3s', 'talos', 'openshift', 'eks', 'aks', 'gke', 'microk8s', 'k0s', 'other'],
    risk: 'give the version that is installed (--version), or the chart is upgraded as well; agents restart',
  },
  {
    decision: true,
    text: 'Let Cilium serve Services: in spec.valuesContent set kubeProxyReplacement: true, k8sServiceHost: {{apiHost}} and k8sServicePort: {{apiPort}}',
    command: 'kubectl -n kube-system edit helmchartconfig rke2-cilium',
    where: 'workstation',
    does: 'restartAllAgents',
    on: ['rke2'],
    risk: 'RKE2 reinstalls the chart, and agents restart',
  },
] as const;

/** kube-proxy comes back by the means with which the cluster was made: one of these for each distribution. */
const installKubeProxy = [
  {
    text: 'Install kube-proxy again',
    command: 'kubeadm init phase addon kube-proxy',
    where: 'controlPlane',
    on: ['kubeadm', 'kind'],
    risk: 'it takes kubeadm’s defaults; with --config it takes those of a file',
  },
  {
    decision: true,
    text: 'See that no server has disable-kube-proxy: true',
    command: 'grep -rs disable-kube-proxy /etc/rancher/rke2',
    where: 'controlPlane',
    on: ['rke2'],
  },
  {
    text: 'Restart RKE2 on the node: a server or agent that was not restarted since does not write kube-proxy’s manifest',
    command: 'systemctl try-restart rke2-server rke2-agent',
    where: 'node',
    on: ['rke2'],
  },
  {
    decision: true,
    text: 'See that no server has disable-kube-proxy: true; agents take it from their server',
    command: 'grep -rs disable-kube-proxy /etc/rancher/k3s /etc/systemd/system/k3s.service',
    where: 'controlPlane',
    on: ['k3s'],
  },
  {
    text: 'Restart k3s on the node, which runs kube-proxy itself',
    command: 'systemctl try-restart k3s k3s-agent',
    where: 'node',
    on: ['k3s'],
  },
  {
    decision: true,
    text: 'Install the add-on again',
    command: 'aws eks create-addon --cluster-name CLUSTER --addon-name kube-proxy',
    where: 'workstation',
    on: ['eks'],
  },
  {
    decision: true,
    text: 'Turn it on in AKS',
    command:
      'printf \'{"enabled": true}\' > kube-proxy.json && az aks update -g GROUP -n CLUSTER --kube-proxy-config kube-proxy.json',
    where: 'workstation',
    on: ['aks'],
  },
  {
    text: 'Let the cluster network operator deploy it',
    command:
      'kubectl patch network.operator.openshift.io cluster --type=merge -p \'{"spec":{"deployKubeProxy":true}}\'',
    where: 'workstation',
    on: ['openshift'],
  },
  {
    decision: true,
    text: 'Take cluster.proxy.disabled out of the machine configuration of every control-plane node (CONTROL_PLANE)',
    command: 'talosctl -n CONTROL_PLANE patch machineconfig -p \'{"cluster":{"proxy":{"disabled":false}}}\'',
    where: 'workstation',
    on: ['talos'],
  },
  {
    decision: true,
    text: 'Install kube-proxy again by the means with which the cluster was made',
    where: 'controlPlane',
    on: ['gke', 'microk8s', 'k0s', 'other'],
  },
] as const satisfies readonly (RemedyStep & { readonly on: readonly Distribution[] })[];

const check = 'kubectl kpr verify --node {{node}} --check services-served';

export const kpr1004 = defineProblem({
  code: 'KPR1004',
  severity: 'error',
  harm: 'now',
  title: 'Nobody serves Services on a node: kube-proxy replacement is off and there is no kube-proxy',
  brief: 'nobody serves Services',
  symptom:
    'NodePorts, external IPs and LoadBalancer IPs are dead there. Pods reach ClusterIPs, because Cilium serves these for pods in any mode; the node itself and pods on the host network reach none, unless socket load balancing is on.',
  cause:
    'kube-proxy was removed or never installed (a flag of the distribution), while Cilium’s chart leaves kubeProxyReplacement at its default, false; or a CiliumNodeConfig turns it off for some nodes; or no agent is to run on a node any more, and nobody updates Services there.',
  confirm:
    'cilium-dbg status in the agent says KubeProxyReplacement: False; on the node nothing listens on port 10256 and iptables-save has no chain KUBE-SERVICES.',
  mayFollowFrom: [
    { code: 'KPR1003', by: 'node' },
    { code: 'KPR1005', by: 'cluster', variants: ['configGone'] },
  ],
  variants: {
    nobody: {
      outage: true,
      message:
        'Kube-proxy replacement is off, and no kube-proxy runs: nobody serves Services to the node itself, nor NodePorts and external addresses',
      remedy: { steps: turnOn, check },
      alternatives: [{ title: 'install kube-proxy again', steps: installKubeProxy, check }],
    },
    onlyInside: {
      brief: 'nobody serves NodePorts and external addresses',
      message:
        'Kube-proxy replacement is off, and no kube-proxy runs: ClusterIPs are served by socket load balancing, NodePorts and external addresses by nobody',
      remedy: { steps: turnOn, check },
      alternatives: [{ title: 'install kube-proxy again', steps: installKubeProxy, check }],
    },
    stale: {
      brief: 'Services are served by old rules of kube-proxy only',
      message:
        'Kube-proxy replacement is off, and no kube-proxy runs; rules that one left are still there, but nobody updates them',
      remedy: { steps: installKubeProxy, check },
      alternatives: [
        { title: 'let Cilium serve Services, and remove the rules of kube-proxy afterwards', steps: turnOn, check },
      ],
    },
    exempted: {
      outage: true,
      message:
        'Kube-proxy replacement is turned off here by CiliumNodeConfig {{config}}, and no kube-proxy runs: nobody serves Services on this node',
      remedy: {
        steps: [
          {
            text: 'Take the setting out of it (delete the CiliumNodeConfig if it holds nothing else), so that the node does as the others',
            sets: { key: 'kube-proxy-replacement', value: null },
            where: 'workstation',
            risk: 'all nodes that it selects take it with the next start of their agents',
          },
          { ...restartAgent, text: 'Restart the agent, which reads its configuration when it starts' },
        ],
        check,
      },
      alternatives: [{ title: 'install kube-proxy again', steps: installKubeProxy, check }],
    },
    noAgent: {
      brief: 'nobody keeps Services up to date',
      message:
        'No agent is to run here ({{why}}), and no kube-proxy runs: what Cilium left keeps serving Services as they were, but nobody updates them',
      remedy: {
        steps: [
          {
            decision: true,
            text: 'Let the DaemonSet cover the node again: give the node the label that it asks for, as follows, or take that out of the DaemonSet',
            command: 'kubectl label node {{node}} {{wanted}}',
            where: 'workstation',
          },
        ],
        check: 'kubectl kpr doctor --check services-served',
      },
    },
    noAgentAffinity: {
      brief: 'nobody keeps Services up to date',
      message:
        'No agent is to run here ({{why}}), and no kube-proxy runs: what Cilium left keeps serving Services as they were, but nobody updates them',
      remedy: {
        steps: [
          {
            decision: true,
            text: 'Change the node affinity of the DaemonSet so that it covers the node again',
            command: 'kubectl -n {{namespace}} edit daemonset {{agentDaemonSet}}',
            where: 'workstation',
            does: 'restartAllAgents',
          },
        ],
        check: 'kubectl kpr doctor --check services-served',
      },
    },
  },
});
