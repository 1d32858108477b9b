import { defineProblem } from '../../../src/core/Problem.ts';
import { restartAgent } from './steps.ts';

export const kpr1006 = defineProblem({
  code: 'KPR1006',
  severity: 'warning',
  harm: 'trap',
  title: 'Agents differ in version or in how they balance',
  brief: 'agents differ in version or mode',
  symptom:
    'The same Service behaves differently from node to node: other source addresses, other backends for the same client, a NodePort that answers on some nodes only.',
  cause:
    'A rollout that is not finished, an agent that has not restarted since a change, or a configuration of its own.',
  confirm: 'Compare cilium-dbg status --verbose of two agents.',
  variants: {
    odd: {
      message: 'The agent differs from the others in: {{what}}',
      remedy: {
        steps: [
          {
            text: 'See whether a rollout is under way or stuck',
            command: 'kubectl -n {{namespace}} get daemonset {{agentDaemonSet}} -o wide',
            where: 'workstation',
          },
          { ...restartAgent, text: 'If not, restart the agent that differs, so that it takes today’s configuration' },
        ],
        check: 'kubectl kpr doctor --check agents-agree',
      },
    },
    halfUpdated: {
      severity: 'error',
      message:
        'The agent is {{version}}, and the DaemonSet’s template is {{wanted}}: it is updated by hand (OnDelete), so a pod takes the template only after somebody deleted it',
      remedy: {
        steps: [
          {
            ...restartAgent,
            text: 'Restart the agents that are left, one node after the other; the pod comes back with the version of the template',
          },
        ],
        check: 'kubectl kpr verify --check agents-agree',
      },
    },
    intended: {
      severity: 'info',
      harm: 'note',
      message: 'The agent differs from the others in: {{what}}; a CiliumNodeConfig asks for it',
      remedy: {
        steps: [
          {
            text: 'See which',
            command: 'kubectl -n {{namespace}} get ciliumnodeconfigs -o yaml',
            where: 'workstation',
          },
        ],
      },
    },
  },
});
