import { defineProblem } from '../../../src/core/Problem.ts';
import { restartAgent } from './steps.ts';

export const kpr1011 = defineProblem({
  code: 'KPR1011',
  severity: 'error',
  harm: 'now',
  title: 'The agent itself reports a fault that concerns load balancing',
  brief: 'the agent reports a fault of its load balancing',
  symptom: 'Single Services do not work on some nodes, while pods and nodes are healthy.',
  cause:
    'The agent could not program what it knows: an error of the kernel, an address that two Services claim, a lost connection to the API server.',
  confirm: 'cilium-dbg shell -- db/show frontends (column Error) and db/show health (level Degraded) in the agent.',
  mayFollowFrom: [
    { code: 'KPR1010', by: 'node', variants: ['full'] },
    { code: 'KPR1012', by: 'node', sharing: 'reference' },
    { code: 'KPR5004', by: 'object' },
    // It answers there as long as it runs.
    { code: 'KPR3001', by: 'node' },
  ],
  variants: {
    frontend: {
      brief: 'the agent could not program frontends',
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
      brief: 'the agent refused frontends that another owns',
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
      brief: 'a hostPort still belongs to a pod that is gone',
      message:
        'The hostPort {{port}} of {{pod}} still belongs to a pod of that name that is gone ({{reference}}), so its successor is refused: {{reason}}',
      remedy: {
        steps: [
          {
            text: 'Restart the agent of the node, which rebuilds its tables without pods that are gone; another port is not needed',
            restart: 'agent',
            where: 'workstation',
            risk: 'the node’s tables keep working while it restarts; changes of Services reach it late',
            repairs: ['KPR1012'],
          },
        ],
        check: 'kubectl kpr doctor --node {{node}} --check agents-faultless',
      },
    },
    datapath: {
      brief: 'the agent does not finish its datapath',
      // It looks for an address on the devices that it was given.
      mayFollowFrom: [
        { code: 'KPR1009', by: 'node', variants: ['noDevice', 'wrongDevice', 'onlyWrongDevices', 'noDirectRouting'] },
      ],
      message:
        'The agent does not finish its datapath, so that pods do not start and changes of Services are not served ({{module}}): {{reason}}',
      remedy: {
        steps: [
          {
            text: 'Read what it tried and what the kernel said',
            command:
              "kubectl -n {{namespace}} logs {{agentPod}} -c cilium-agent | grep -iE 'reinitial|datapath|loader|verifier' | tail -20",
            where: 'workstation',
          },
          { ...restartAgent, text: 'If the reason does not name something to repair, restart the agent' },
        ],
        check: 'kubectl kpr doctor --node {{node}} --check agents-faultless',
      },
    },
    detachFails: {
      brief: 'the agent does not finish its datapath',
      message:
        'The agent stops at programs of others in the root cgroup ({{programs}}), which it cannot detach, and does not finish its datapath ({{reference}}): {{reason}}',
      remedy: {
        steps: [
          {
            text: 'See which programs are attached there',
            command:
              'kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- bpftool cgroup show /run/cilium/cgroupv2',
            where: 'workstation',
          },
          {
            decision: true,
            text: 'Stop the program that attached them (security software, as a rule) until the agent has finished, or let it leave the root cgroup alone; the agent tries again by itself',
            where: 'node',
          },
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
    healthPortTaken: {
      brief: 'another process has a port for health checks',
      message:
        'A process that is not the agent listens on port {{port}}, at which the agent is to tell the load balancer of {{service}} whether the node has pods for it: the load balancer leaves the node out, or hears what another says',
      remedy: {
        steps: [
          {
            decision: true,
            text: 'See whose process it is, and end it or let it listen elsewhere; a Service gets another healthCheckNodePort only when it is recreated',
            command: "ss -ltnp 'sport = :{{port}}'",
            where: 'node',
          },
          {
            ...restartAgent,
            text: 'Then restart the agent: from 1.20 on it does not try again by itself, and does not complain',
          },
        ],
        check: 'kubectl kpr doctor --node {{node}} --check health-checks-answered',
      },
    },
    healthPortClosed: {
      brief: 'nobody answers at a port for health checks',
      message:
        'Nobody listens on port {{port}}, at which the agent is to tell the load balancer of {{service}} whether the node has pods for it: the load balancer leaves the node out',
      remedy: {
        steps: [
          {
            ...restartAgent,
            text: 'Restart the agent: from 1.20 on it does not try again where the port was taken once',
          },
        ],
        check: 'kubectl kpr doctor --node {{node}} --check health-checks-answered',
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
