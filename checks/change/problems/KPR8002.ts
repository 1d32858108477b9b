import { defineProblem } from '../../../src/core/Problem.ts';

export const kpr8002 = defineProblem({
  code: 'KPR8002',
  severity: 'warning',
  harm: 'trap',
  layer: 'host',
  title: 'Established connections will break',
  brief: 'open connections may end',
  symptom:
    'At the change long-lived connections hang or are reset (databases, brokers, watches), and UDP clients that keep their port get no answers until they open another.',
  cause:
    'kube-proxy’s translations are kept by netfilter. Cilium does not know them: packets from outside to a NodePort or a load balancer’s address get a new backend, which does not know the connection. Connections of pods continue as long as kube-proxy’s rules are there.',
  confirm: 'On a node, conntrack -L -p tcp --state ESTABLISHED --dst-nat.',
  variants: {
    open: {
      message: '{{tcp}} and {{udp}} are open through kube-proxy’s translation, to {{services}}',
      remedy: {
        steps: [
          {
            decision: true,
            text: 'Choose a time when few are open, tell the owners of long-lived ones, and go node by node',
            where: 'workstation',
          },
        ],
        check: 'kubectl kpr preflight --check connections-at-risk',
      },
    },
  },
});
