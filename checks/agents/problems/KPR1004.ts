import { defineProblem } from '../../../src/core/Problem.ts';

const turnOn = {
  decision: true,
  text: 'Let Cilium serve Services; without kube-proxy it must be told the API server’s own address, no ClusterIP (CHART: how your release was installed)',
  command:
    'helm -n {{namespace}} upgrade cilium CHART --reuse-values --set kubeProxyReplacement=true --set k8sServiceHost=API_SERVER --set k8sServicePort=6443',
  where: 'workstation',
  does: 'restartAllAgents',
  risk: 'give the version that is installed (--version), or the chart is upgraded as well; agents restart',
} as const;

const installKubeProxy = {
  text: 'Install kube-proxy again, by the distribution’s means; with kubeadm',
  command: 'kubeadm init phase addon kube-proxy',
  where: 'controlPlane',
} as const;

const check = 'kubectl kpr verify --node {{node}}';

export const kpr1004 = defineProblem({
  code: 'KPR1004',
  severity: 'error',
  harm: 'now',
  title: 'Nobody serves Services on a node: kube-proxy replacement is off and there is no kube-proxy',
  symptom:
    'From the node and from pods on the host network no ClusterIP answers, the API server’s included; NodePorts are dead. Pods reach ClusterIPs at best in part.',
  cause:
    'kube-proxy was removed or never installed (a flag of the distribution), while Cilium’s chart leaves kubeProxyReplacement at its default, false.',
  confirm:
    'cilium-dbg status in the agent says KubeProxyReplacement: False; on the node nothing listens on port 10256 and iptables-save has no chain KUBE-SERVICES.',
  mayFollowFrom: [{ code: 'KPR1003', by: 'node' }],
  variants: {
    nobody: {
      message: 'Kube-proxy replacement is off, and no kube-proxy runs: nobody serves Services',
      remedy: { steps: [turnOn], check },
      alternatives: [{ title: 'install kube-proxy again', steps: [installKubeProxy], check }],
    },
    stale: {
      message:
        'Kube-proxy replacement is off, and no kube-proxy runs; rules that one left are still there, but nobody updates them',
      remedy: { steps: [installKubeProxy], check },
      alternatives: [
        { title: 'let Cilium serve Services, and remove the rules of kube-proxy afterwards', steps: [turnOn], check },
      ],
    },
  },
});
