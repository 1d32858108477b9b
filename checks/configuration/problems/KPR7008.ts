import { defineProblem } from '../../../src/core/Problem.ts';

export const kpr7008 = defineProblem({
  code: 'KPR7008',
  severity: 'info',
  harm: 'note',
  layer: 'agent',
  title: 'Masquerading does not suit kube-proxy replacement',
  brief: 'pods are masqueraded by iptables, NodePorts by eBPF',
  symptom:
    'Nothing in most clusters. Where a node opens very many connections to one address, some of them hang until they are tried again.',
  cause:
    'Netfilter translates the addresses of pods and eBPF those of NodePorts, each with source ports of its own choice. When both choose the same for one destination, answers go to the wrong one.',
  confirm: 'kubectl -n kube-system exec ds/cilium -c cilium-agent -- cilium-dbg status | grep Masquerading.',
  variants: {
    ambient: {
      brief: 'eBPF masquerades in a cluster with Istio’s ambient mode',
      message:
        'Pods are masqueraded by eBPF, and Istio’s ambient mode is there: kubelets ask its pods from 169.254.7.127, and answers to that address are lost, so that these pods are not ready',
      remedy: {
        steps: [
          {
            text: 'See whether the kubelet gets no answer from pods of the mesh',
            command: 'kubectl get events -A --field-selector reason=Unhealthy',
            where: 'workstation',
          },
          {
            decision: true,
            text: 'If so, let packets of pods pass the host’s own routing; it takes effect with the next start of each agent',
            sets: { key: 'enable-host-legacy-routing', value: 'true', helm: 'bpf.hostLegacyRouting=true' },
            where: 'workstation',
          },
        ],
        check: 'kubectl kpr doctor --check masquerading-suits',
      },
    },
    byTwo: {
      message:
        'Pods are masqueraded by iptables, and NodePorts will be by eBPF: they do not know of each other’s source ports',
      remedy: {
        steps: [
          {
            text: 'Let eBPF masquerade pods, too',
            sets: { key: 'enable-bpf-masquerade', value: 'true', helm: 'bpf.masquerade=true' },
            where: 'workstation',
            risk: 'connections of pods to the outside that are open may end when their agent starts again',
          },
        ],
        check: 'kubectl kpr preflight --check masquerading-suits',
      },
    },
  },
});
