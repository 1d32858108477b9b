import { defineProblem } from '../../../src/core/Problem.ts';
import { withoutApi } from '../../api-endpoint/problems/withoutApi.ts';
import { waitUntilReady } from '../../agents/problems/steps.ts';

export const kpr9002 = defineProblem({
  code: 'KPR9002',
  severity: 'error',
  harm: 'trap',
  title: 'A node could not be read',
  brief: 'a node could not be read',
  symptom:
    'Every check of this node is unknown. Nothing is known of it, neither good nor bad, so the cluster as a whole is not proven to be healthy.',
  cause:
    'The agent pod looks healthy, but running a command in it failed: the connection from the API server to the kubelet is broken (port 10250, a proxy or konnectivity in between), or the kubelet or the container runtime hangs.',
  confirm: 'kubectl exec in the agent pod fails in the same way.',
  explainsUnknown: 'node',
  mayFollowFrom: [
    ...withoutApi,
    // An agent that is down or hangs is the reason why its node is not read.
    { code: 'KPR1001', by: 'node' },
    { code: 'KPR1002', by: 'node' },
    { code: 'KPR9001', by: 'node' },
    // Somebody else answers in the place of its kubelet.
    { code: 'KPR5003', by: 'node', variants: ['hidesKubelet'] },
    { code: 'KPR5004', by: 'node', variants: ['hidesListener'] },
  ],
  variants: {
    starting: {
      brief: 'an agent is just starting',
      severity: 'warning',
      harm: 'note',
      message: 'The agent is just starting ({{detail}}), so nothing is known of the node yet',
      remedy: {
        steps: [waitUntilReady],
        check: 'kubectl kpr doctor --node {{node}}',
      },
    },
    timeout: {
      brief: 'no answer in time',
      message: 'The node did not answer in time ({{detail}}); nothing is known of it',
      remedy: {
        steps: [
          {
            text: 'Try the same by hand',
            command: 'kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- uname -r',
            where: 'workstation',
          },
          {
            text: 'If that works but is slow, allow more time',
            command: 'kubectl kpr doctor --node {{node}} --node-timeout 60s',
            where: 'workstation',
          },
          {
            text: 'If it hangs, look at kubelet and the container runtime',
            command: 'journalctl -u kubelet -u containerd --since -15min',
            where: 'node',
          },
        ],
        check: 'kubectl kpr doctor --node {{node}}',
      },
    },
    timeUp: {
      message: 'The time for the whole run was up before the node was read; nothing is known of it',
      brief: 'the time was up before anything was read',
      remedy: {
        steps: [
          {
            text: 'Give the run more time; progress says how many nodes are read in a second',
            command: 'kubectl kpr doctor --timeout 10m',
            where: 'workstation',
          },
        ],
        check: 'kubectl kpr doctor --node {{node}}',
      },
    },
    unreachable: {
      brief: 'no command can be run',
      message: 'Commands can’t be run on the node ({{detail}}); nothing is known of it',
      remedy: {
        steps: [
          {
            text: 'Try the same by hand',
            command: 'kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- uname -r',
            where: 'workstation',
          },
          {
            text: 'See whether the API server reaches the kubelet at all',
            command: 'kubectl get --raw /api/v1/nodes/{{node}}/proxy/healthz',
            where: 'workstation',
          },
          { text: 'Look at the kubelet', command: 'journalctl -u kubelet --since -15min', where: 'node' },
        ],
        check: 'kubectl kpr doctor --node {{node}}',
      },
    },
    collectorHung: {
      message:
        'The agent hung while the archive was made, so that nothing could be collected from this node ({{detail}})',
      remedy: {
        steps: [
          {
            text: 'Ask the agent whether it answers by now',
            command:
              'kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- timeout 10 cilium-dbg status --brief',
            where: 'workstation',
          },
          {
            text: 'Collect again in a way that does not wait for the agent: maps and rules are read without it',
            command: 'kubectl kpr capture -o again.kpr',
            where: 'workstation',
          },
        ],
        check: 'kubectl kpr doctor --node {{node}}',
      },
    },
    collectorFailed: {
      message: 'Collecting from this node failed, so that the archive holds nothing of it ({{detail}})',
      remedy: {
        steps: [
          {
            text: 'Try by hand whether commands can be run there',
            command: 'kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- uname -r',
            where: 'workstation',
          },
          {
            text: 'Collect again when they can',
            command: 'kubectl kpr capture -o again.kpr',
            where: 'workstation',
          },
        ],
        check: 'kubectl kpr doctor --node {{node}}',
      },
    },
    leftInArchive: {
      brief: 'the time was up before anything was read',
      message: 'The archive holds more of this node than was read of it: the time of --timeout was up',
      remedy: {
        steps: [
          {
            decision: true,
            text: 'Give --timeout more time, or leave it out: a file is read to its end then',
            where: 'workstation',
          },
        ],
      },
    },
    notInArchive: {
      message: 'The archive holds nothing of this node ({{detail}})',
      remedy: {
        steps: [
          {
            text: 'Collect again while the node answers',
            command: 'kubectl kpr capture -o again.kpr',
            where: 'workstation',
          },
        ],
      },
    },
  },
});
