import { defineProblem } from '../../../src/core/Problem.ts';

export const kpr8007 = defineProblem({
  code: 'KPR8007',
  severity: 'error',
  harm: 'trap',
  title: 'Pods or nodes are not managed by Cilium',
  brief: 'kube-proxy serves what no agent manages',
  symptom: 'After the change no Service answers from these nodes, while all others are fine.',
  cause:
    'The agents’ DaemonSet does not select the node, or its taints keep the agent away; kube-proxy’s DaemonSet tolerates everything and runs there.',
  confirm: 'kubectl get pods -A -o wide --field-selector spec.nodeName=NODE | grep -e cilium -e kube-proxy.',
  variants: {
    noAgent: {
      message: 'kube-proxy serves the node, and no agent of Cilium does: {{why}}',
      remedy: {
        steps: [
          {
            text: 'See why no agent runs there: its node selector and affinity, and the taints of the node',
            command: 'kubectl describe node {{node}}',
            where: 'workstation',
          },
          {
            decision: true,
            text: 'Let the agents’ DaemonSet select the node, or leave kube-proxy on such nodes by a node affinity of its DaemonSet',
            where: 'workstation',
          },
        ],
        check: 'kubectl kpr preflight --check nodes-managed',
      },
    },
    foreignPods: {
      severity: 'warning',
      message: '{{count}} there that no agent of Cilium manages: {{pods}}',
      remedy: {
        steps: [
          {
            text: 'See which configuration of another CNI lies there: the first file by name decides what pods get from now on',
            command: 'ls -l /etc/cni/net.d',
            where: 'node',
          },
          {
            decision: true,
            text: 'Restart these pods through their workloads (kubectl rollout restart): a pod is taken over only as it starts. Until then socket load balancing serves them, and nothing that eBPF does on a pod’s own link',
            where: 'workstation',
          },
        ],
        check: 'kubectl kpr preflight --check pods-managed',
      },
    },
  },
});
