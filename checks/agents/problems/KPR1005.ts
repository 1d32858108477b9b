import { defineProblem } from '../../../src/core/Problem.ts';
import { restartAgent, restartAll } from './steps.ts';

export const kpr1005 = defineProblem({
  code: 'KPR1005',
  severity: 'warning',
  harm: 'trap',
  title: 'The configuration changed after the agents started',
  symptom:
    'A change was made and looks done, but nodes do not behave differently; or one node does, because its agent happened to restart.',
  cause:
    'An agent reads its configuration when its pod starts. Without rollOutCiliumPods a change of cilium-config restarts nobody.',
  confirm: 'Compare the files in /tmp/cilium/config-map of an agent with the ConfigMap cilium-config.',
  variants: {
    changed: {
      message: 'The agent started before these keys were changed: {{keys}}',
      remedy: {
        steps: [
          {
            text: 'See that the new values are meant',
            command: 'kubectl -n {{namespace}} get configmap cilium-config -o yaml',
            where: 'workstation',
          },
          restartAgent,
          restartAll,
        ],
        check: 'kubectl kpr doctor --check config-current',
      },
    },
    counted: {
      message: 'The agent itself counts {{count}} keys that differ from what it started with',
      remedy: {
        steps: [
          {
            text: 'See which: the agent logs each',
            command: 'kubectl -n {{namespace}} logs {{agentPod}} -c cilium-agent | grep -i drift',
            where: 'workstation',
          },
          restartAgent,
          restartAll,
        ],
        check:
          'kubectl -n {{namespace}} exec ds/{{agentDaemonSet}} -c cilium-agent -- cilium-dbg metrics list -p drift_checker',
      },
    },
    operator: {
      severity: 'info',
      harm: 'note',
      message: 'Keys that only the operator reads were changed: {{keys}}; agents need no restart, the operator may',
      remedy: {
        steps: [
          {
            text: 'Restart the operator, unless it was restarted since',
            command: 'kubectl -n {{namespace}} rollout restart deployment {{operator}}',
            where: 'workstation',
            risk: 'the datapath does not depend on it; new nodes and identities wait for seconds',
          },
        ],
        check: 'kubectl -n {{namespace}} rollout status deployment {{operator}}',
      },
    },
  },
});
