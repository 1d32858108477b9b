import { defineProblem } from '../../../src/core/Problem.ts';
import { writeScript } from './steps.ts';

export const kpr3006 = defineProblem({
  code: 'KPR3006',
  severity: 'info',
  harm: 'note',
  layer: 'host',
  title: 'Harmless remains of kube-proxy',
  brief: 'harmless remains of kube-proxy are there',
  symptom: 'None. Somebody who lists iptables rules may take the node for one with kube-proxy.',
  cause:
    'kube-proxy --cleanup before 1.34, and clean-ups by hand, leave chains to which nothing leads: KUBE-PROXY-CANARY, KUBE-PROXY-FIREWALL, KUBE-MARK-MASQ. No packet gets there. Chains of kubelets (KUBE-FIREWALL, KUBE-IPTABLES-HINT, KUBE-KUBELET-CANARY), and what others lead to, are not meant.',
  confirm:
    'iptables-save of both backends lists the chain, and no rule has it behind -j. The ServiceAccount kube-proxy and the ClusterRoleBinding kubeadm:node-proxier, which do no harm either, are not looked at.',
  variants: {
    chains: {
      message: 'Harmless remains of kube-proxy: {{remains}}',
      remedy: {
        steps: [
          writeScript,
          {
            text: 'With kubeadm these are left in the API, too: its account and what binds it',
            command:
              'kubectl delete --ignore-not-found serviceaccount/kube-proxy role/kube-proxy rolebinding/kube-proxy -n kube-system && kubectl delete --ignore-not-found clusterrolebinding kubeadm:node-proxier',
            where: 'workstation',
          },
        ],
        check: 'kubectl kpr verify --check harmless-remains',
      },
    },
  },
});
