import { defineProblem } from '../../../src/core/Problem.ts';
import { restartAgent } from './steps.ts';

export const kpr1011 = defineProblem({
  code: 'KPR1011',
  severity: 'error',
  harm: 'now',
  title: 'The agent itself reports a fault that concerns load balancing',
  symptom: 'Single Services do not work on some nodes, while pods and nodes are healthy.',
  cause:
    'The agent could not program what it knows: an error of the kernel, an address that two Services claim, a lost connection to the API server.',
  confirm: 'cilium-dbg shell -- db/show frontends (column Error) and db/show health (level Degraded) in the agent.',
  mayFollowFrom: [
    { code: 'KPR1010', by: 'node' },
    { code: 'KPR5004', by: 'object' },
  ],
  variants: {
    frontend: {
      message: 'The agent could not program {{count}} {{frontends}}: {{reason}}',
      remedy: {
        steps: [
          {
            text: 'See all of them',
            command:
              'kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- cilium-dbg shell -- db/show frontends',
            where: 'workstation',
          },
          {
            text: 'Read what the agent logged',
            command:
              "kubectl -n {{namespace}} logs {{agentPod}} -c cilium-agent | grep -iE 'frontend|lbmap|loadbalancer'",
            where: 'workstation',
          },
        ],
        check: 'kubectl kpr verify --node {{node}}',
      },
    },
    conflict: {
      message:
        'Another Service or host port already owns the address and port: {{count}} {{frontends}} not programmed ({{reason}})',
      remedy: {
        steps: [
          { text: 'Find who else has the address', command: 'kubectl get services -A -o wide', where: 'workstation' },
          {
            decision: true,
            text: 'Give one of the two another address or port; with k3s or RKE2, ServiceLB takes node addresses for LoadBalancer Services and can be disabled',
            where: 'workstation',
          },
        ],
        check: 'kubectl kpr verify --node {{node}}',
      },
    },
    module: {
      message: 'The agent’s module {{module}} is degraded: {{reason}}',
      remedy: {
        steps: [
          {
            text: 'See the state of all modules',
            command: 'kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- cilium-dbg shell -- db/show health',
            where: 'workstation',
          },
          { ...restartAgent, text: 'If the reason does not name something to repair, restart the agent' },
        ],
        check: 'kubectl kpr doctor --node {{node}} --check agents-faultless',
      },
    },
    moduleConflict: {
      message:
        'The agent’s module {{module}} is degraded, because two Services claim the same address and port: {{reason}}',
      remedy: {
        steps: [
          { text: 'Find both', command: 'kubectl get services -A -o wide', where: 'workstation' },
          { decision: true, text: 'Give one of the two another address or port', where: 'workstation' },
        ],
        check: 'kubectl kpr doctor --node {{node}} --check agents-faultless',
      },
    },
    staleHostPort: {
      message:
        'The agent keeps hostPort {{port}} for a pod {{pod}} that is gone, and refuses the one that has its place: connections go to the old address',
      remedy: {
        steps: [
          {
            ...restartAgent,
            text: 'Restart the agent, which then knows only pods that exist; the same may come back when a pod of a StatefulSet is made anew',
          },
        ],
        check: 'kubectl kpr doctor --node {{node}} --check agents-faultless',
      },
    },
    detachFails: {
      message:
        'The agent cannot take its programs from the root cgroup, and so does not make its datapath ({{module}}); programs of others there: {{programs}}',
      remedy: {
        steps: [
          {
            text: 'See whose programs they are',
            command:
              'kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- bpftool cgroup show /run/cilium/cgroupv2',
            where: 'workstation',
          },
          {
            decision: true,
            text: 'Stop the program that attached them (security and monitoring agents do), or let it attach elsewhere; then restart the agent',
            where: 'node',
          },
          restartAgent,
        ],
        check: 'kubectl kpr doctor --node {{node}} --check agents-faultless',
      },
    },
    moduleAround: {
      severity: 'warning',
      harm: 'trap',
      message: 'A module on which load balancing depends is degraded, {{module}}: {{reason}}',
      remedy: {
        steps: [
          {
            text: 'See the state of all modules',
            command: 'kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- cilium-dbg shell -- db/show health',
            where: 'workstation',
          },
        ],
        check: 'kubectl kpr doctor --node {{node}} --check agents-faultless',
      },
    },
    controller: {
      message: 'The agent’s controller {{controller}} fails again and again: {{reason}}',
      remedy: {
        steps: [
          {
            text: 'Read its state',
            command:
              'kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- cilium-dbg status --all-controllers',
            where: 'workstation',
          },
        ],
        check: 'kubectl kpr doctor --node {{node}} --check agents-faultless',
      },
    },
    stale: {
      severity: 'warning',
      harm: 'trap',
      message: 'Parts of the agent no longer report: {{probes}}',
      remedy: {
        steps: [
          {
            text: 'Read its status',
            command: 'kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- cilium-dbg status',
            where: 'workstation',
          },
          { ...restartAgent, text: 'If it stays so, restart the agent' },
        ],
        check: 'kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- cilium-dbg status --brief',
      },
    },
  },
});
