import { defineProblem } from '../../../src/core/Problem.ts';
import { restartAgent, restartAll, startAnew } from './steps.ts';

const refusedAtStart = {
  deeds: ['restartAgent', 'rebootNode'],
  why: 'agents that start exit at once, because they do not accept the value of kube-proxy-replacement',
} as const;

/** What is set in the ConfigMap comes into effect with the next start of the agents only. */
const notStartedWith = [{ code: 'KPR1005', by: 'node', variants: ['changed', 'counted'] }] as const;

const checkStart = 'kubectl kpr doctor --check agents-would-start';

export const kpr1003 = defineProblem({
  code: 'KPR1003',
  severity: 'error',
  harm: 'now',
  layer: 'agent',
  title: 'Kube-proxy replacement is requested, but not in effect',
  brief: 'kube-proxy replacement is asked for and not in effect',
  symptom:
    'NodePorts, external IPs, LoadBalancer IPs and host ports are not served by Cilium; without kube-proxy nothing serves them.',
  cause:
    'Agents read their configuration once, when their pod starts. They may have started before the change, found a value they do not accept, or switched the feature off because the kernel or the devices lack something.',
  confirm: 'cilium-dbg status --verbose in an agent: the line KubeProxyReplacement and the list of Services below it.',
  variants: {
    notRestarted: {
      mayFollowFrom: notStartedWith,
      message: 'Kube-proxy replacement is requested, but the agent started before that and runs with mode {{mode}}',
      remedy: {
        steps: [restartAgent, restartAll],
        check: 'kubectl -n {{namespace}} exec ds/{{agentDaemonSet}} -c cilium-agent -- cilium-dbg status',
      },
    },
    notInEffect: {
      mayFollowFrom: notStartedWith,
      message: 'The agent was started with kube-proxy replacement, but reports mode {{mode}}',
      remedy: {
        steps: [
          {
            text: 'Read why the agent gave it up: the warning before the line that mentions it',
            command:
              "kubectl -n {{namespace}} logs {{agentPod}} -c cilium-agent | grep -iE 'kube-?proxy|nodeport|disabling'",
            where: 'workstation',
          },
          {
            text: 'After the cause is repaired (kernel, devices, value), restart the agent',
            restart: 'agent',
            where: 'workstation',
            risk: restartAgent.risk,
          },
        ],
        check: 'kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- cilium-dbg status',
      },
    },
    partly: {
      mayFollowFrom: notStartedWith,
      brief: 'kube-proxy replacement is on only in part',
      message: 'Kube-proxy replacement is on, but not for {{features}}',
      remedy: {
        steps: [
          {
            text: 'See what the agent switched off, and why',
            command:
              "kubectl -n {{namespace}} logs {{agentPod}} -c cilium-agent | grep -iE 'disabling|nodeport|hostport|socket'",
            where: 'workstation',
          },
        ],
        check: 'kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- cilium-dbg status --verbose',
      },
    },
    invalidValue: {
      brief: 'agents would not start again',
      harm: 'trap',
      endangers: refusedAtStart,
      message:
        'The key kube-proxy-replacement of cilium-config holds {{value}}, which agents no longer accept: the next one that starts exits at once',
      remedy: {
        steps: [
          {
            text: 'Set it to {{instead}}, which says the same to agents of today',
            sets: { key: 'kube-proxy-replacement', value: '{{instead}}', helm: 'kubeProxyReplacement={{instead}}' },
            where: 'workstation',
            risk: 'a later Helm upgrade writes the value of the release again',
          },
          startAnew,
        ],
        check: checkStart,
      },
    },
    invalidUndecided: {
      brief: 'agents would not start again',
      harm: 'trap',
      endangers: refusedAtStart,
      message:
        'The key kube-proxy-replacement of cilium-config holds {{value}}, which agents no longer accept, and none says in which mode it runs: the next one that starts exits at once',
      remedy: {
        steps: [
          {
            decision: true,
            text: 'Set it to true where Cilium is to replace kube-proxy, or to false where kube-proxy runs (TRUE_OR_FALSE)',
            sets: { key: 'kube-proxy-replacement', value: 'TRUE_OR_FALSE', helm: 'kubeProxyReplacement' },
            where: 'workstation',
            risk: 'with kube-proxy still running, switching over breaks established connections',
          },
          startAnew,
        ],
        check: checkStart,
      },
    },
    wrongKey: {
      message: 'cilium-config holds the key {{key}}, which is Helm’s name and no option of the agent: it has no effect',
      remedy: {
        steps: [
          {
            text: 'Use the agent’s own name for the same',
            sets: { key: 'kube-proxy-replacement', value: '{{instead}}', helm: 'kubeProxyReplacement={{instead}}' },
            where: 'workstation',
            risk: 'with kube-proxy still running, switching over breaks established connections',
          },
          restartAgent,
          restartAll,
        ],
        check: 'kubectl kpr doctor --check kpr-in-effect',
      },
    },
  },
});
