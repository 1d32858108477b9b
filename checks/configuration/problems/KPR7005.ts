import { defineProblem } from '../../../src/core/Problem.ts';
import { restartAgent } from '../../agents/problems/steps.ts';

export const kpr7005 = defineProblem({
  code: 'KPR7005',
  severity: 'error',
  harm: 'trap',
  layer: 'api',
  title: 'An agent would skip a minor version in the upgrade',
  brief: 'agents would skip a minor version',
  symptom:
    'Agents of the new version do not start, or take over only a part of the state of the old ones; going back is not tried by anybody either.',
  cause:
    'An agent has not been replaced since the upgrade before (OnDelete, a node that was away). Cilium is upgraded one minor version after the other: only such a step is tested, and what a version does for those before it (state, options, objects of the API) it does for one.',
  confirm: 'kubectl -n kube-system get daemonset cilium -o jsonpath={.spec.template.spec.containers[0].image}.',
  variants: {
    skips: {
      message: 'The agent is {{now}} still, and would skip {{skipped}} on its way to {{to}}',
      remedy: {
        steps: [
          {
            text: 'See which version the DaemonSet’s template has',
            command: 'kubectl -n {{namespace}} get daemonset {{agentDaemonSet}} -o wide',
            where: 'workstation',
          },
          {
            ...restartAgent,
            text: 'If it is the one between, restart the agents that are left, one node after the other',
          },
        ],
        check: 'kubectl kpr preflight --check versions-follow',
      },
    },
  },
});
