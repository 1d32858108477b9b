import { defineProblem } from '../../../src/core/Problem.ts';
import { withoutApi } from '../../api-endpoint/problems/withoutApi.ts';

const previousLog = {
  text: 'Read why it ended last time',
  command: 'kubectl -n {{namespace}} logs {{agentPod}} -c cilium-agent --previous --tail=50',
  where: 'workstation',
} as const;

const podsOfNode = 'kubectl -n {{namespace}} get pods -o wide --field-selector spec.nodeName={{node}}';

/** What keeps one agent from starting, may wait for the others. */
const doesNotComeUp = {
  deeds: ['restartAllAgents'],
  why: 'an agent that was started does not come up, and the others may fail the same way',
} as const;
import { waitUntilReady } from './steps.ts';

export const kpr1001 = defineProblem({
  code: 'KPR1001',
  severity: 'error',
  harm: 'now',
  layer: 'agent',
  title: 'An agent is missing or not ready on a node that should run one',
  brief: 'an agent is not ready',
  symptom:
    'The node keeps the eBPF tables it had: established Services keep working, but backends that come or go are not followed, so connections end up at dead backends. New pods on the node get no network.',
  cause:
    'The agent’s pod is not there, does not start, ends again and again, or its node has lost the kubelet. Until an agent runs, nobody updates the tables of that node.',
  confirm: 'kubectl get pods in Cilium’s namespace, with -o wide: one agent for each node, all of them ready.',
  explainsUnknown: 'node',
  mayFollowFrom: [...withoutApi, { code: 'KPR1005', by: 'cluster', variants: ['configGone'] }],
  variants: {
    noPod: {
      brief: 'no agent runs',
      message: 'No agent pod is here, although the DaemonSet {{agentDaemonSet}} covers this node',
      remedy: {
        steps: [
          {
            text: 'Read what the DaemonSet’s controller says',
            command: 'kubectl -n {{namespace}} describe daemonset {{agentDaemonSet}}',
            where: 'workstation',
          },
          {
            text: 'See whether a taint or a pressure condition keeps the pod away',
            command: 'kubectl get node {{node}} -o jsonpath=\'{.spec.taints}{"\\n"}{.status.conditions}\'',
            where: 'workstation',
          },
        ],
        check: podsOfNode,
      },
    },
    nodeNotReady: {
      brief: 'the node is not ready',
      message: 'The node itself is not ready ({{reason}}), so what its pods report is old',
      remedy: {
        steps: [
          {
            text: 'Read the node’s conditions and events',
            command: 'kubectl describe node {{node}}',
            where: 'workstation',
          },
          {
            text: 'Look at the kubelet and the container runtime',
            command: 'journalctl -u kubelet -u containerd --since -15min',
            where: 'node',
          },
        ],
        check: 'kubectl get node {{node}}',
      },
    },
    initFailing: {
      brief: 'the agent does not start',
      endangers: doesNotComeUp,
      message: 'The agent does not start, because its init container {{container}} fails ({{words}})',
      remedy: {
        steps: [
          {
            text: 'Read its log',
            command: 'kubectl -n {{namespace}} logs {{agentPod}} -c {{container}} --tail=50',
            where: 'workstation',
          },
          {
            text: 'If it can’t reach the API server, look at the address that it was given (KUBERNETES_SERVICE_HOST)',
            command: 'kubectl kpr doctor --node {{node}}',
            where: 'workstation',
          },
        ],
        check: podsOfNode,
      },
    },
    crashing: {
      brief: 'the agent does not stay up',
      endangers: doesNotComeUp,
      message: 'The agent does not stay up ({{words}})',
      // Its configuration is refused, and what is set is told there.
      mayFollowFrom: [
        { code: 'KPR1003', by: 'cluster', variants: ['invalidValue', 'invalidUndecided'] },
        { code: 'KPR1005', by: 'node', variants: ['refused', 'refusedUnset'] },
      ],
      remedy: {
        steps: [previousLog],
        check: podsOfNode,
      },
    },
    notStarted: {
      brief: 'the agent is not started',
      endangers: doesNotComeUp,
      message: 'The agent’s container is not started ({{reason}})',
      remedy: {
        steps: [
          {
            text: 'Read the pod’s events',
            command: 'kubectl -n {{namespace}} describe pod {{agentPod}}',
            where: 'workstation',
          },
        ],
        check: podsOfNode,
      },
    },
    notReady: {
      message: 'The agent runs, but is not ready',
      remedy: {
        steps: [
          {
            text: 'Ask it what is wrong',
            command: 'kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- cilium-dbg status --brief',
            where: 'workstation',
          },
          {
            text: 'Read its log',
            command: 'kubectl -n {{namespace}} logs {{agentPod}} -c cilium-agent --tail=50',
            where: 'workstation',
          },
        ],
        check: podsOfNode,
      },
    },
    starting: {
      brief: 'the agent is just starting',
      severity: 'warning',
      harm: 'note',
      message: 'The agent is just starting, or its pod is being replaced',
      remedy: {
        steps: [waitUntilReady],
        check: podsOfNode,
      },
    },
    restarted: {
      brief: 'the agent restarted again and again',
      severity: 'warning',
      harm: 'trap',
      message: 'The agent is ready now, but restarted again and again, most recently within half an hour ({{words}})',
      remedy: {
        steps: [previousLog],
        check: podsOfNode,
      },
    },
  },
});
