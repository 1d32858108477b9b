import { defineProblem } from '../../../src/core/Problem.ts';
import { howToSetSafely, undo } from './steps.ts';

const check = 'kubectl kpr doctor --check api-endpoint-redundant';

export const kpr2003 = defineProblem({
  code: 'KPR2003',
  severity: 'warning',
  harm: 'trap',
  layer: 'api',
  title: 'One control-plane address is hard-coded although the cluster has several',
  brief: 'agents depend on a single API server of several',
  symptom:
    'Nothing, until that one control-plane node is down: then no agent and no operator hears of changes any more, and agents that start end in their init container, on all nodes.',
  cause:
    'k8sServiceHost holds the address of a single control-plane node. It is fixed in the pods’ environment, and Cilium tries no other address by itself.',
  confirm:
    'kubectl -n default get endpointslices kubernetes lists several addresses; KUBERNETES_SERVICE_HOST in the agents’ DaemonSet is one of them.',
  variants: {
    oneOfSeveral: {
      message:
        'All agents depend on one API server, {{endpoint}}, of {{count}}, although {{apiHost}}:{{apiPort}} stands for all of them',
      remedy: { steps: howToSetSafely, check, undo },
    },
    noOther: {
      message:
        'All agents depend on one API server, {{endpoint}}, of {{count}}, and no address is known that stands for all',
      remedy: {
        steps: [
          {
            decision: true,
            text: 'With Cilium 1.18 or later, name all of them in the Helm value k8s.apiServerURLs ({{urls}}): agents then try the next one',
            where: 'workstation',
          },
        ],
        check,
      },
      alternatives: [
        {
          title:
            'put an address in front of all API servers that does not depend on Cilium (a load balancer, kube-vip as a static pod), and give that to the agents',
          steps: [
            {
              decision: true,
              text: 'Set the Helm values k8sServiceHost and k8sServicePort to it; its name must stand in the servers’ certificates',
              where: 'workstation',
            },
          ],
        },
      ],
    },
  },
});
