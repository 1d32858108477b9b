import { defineProblem } from '../../../src/core/Problem.ts';

export const kpr1007 = defineProblem({
  code: 'KPR1007',
  severity: 'error',
  harm: 'now',
  layer: 'program',
  title: 'Socket load balancing is reported as enabled, but its programs are not attached to the root cgroup',
  brief: 'socket load balancing is not attached',
  symptom:
    'Connections from pods and from the node itself to ClusterIPs fail or bypass the balancer, while agents report OK.',
  cause:
    'The agent attaches its programs to the root of the cgroup v2 hierarchy once, at start. They are lost when the link is detached by another program, or never effective when the agent saw a cgroup root that is not the node’s own (a cgroup namespace, a mount made too late).',
  confirm:
    'bpftool cgroup show /run/cilium/cgroupv2 in the agent lists connect, sendmsg, recvmsg and getpeername programs for IPv4 and IPv6.',
  variants: {
    detached: {
      message: 'Socket LB is enabled, but {{missing}} not attached to the root cgroup',
      remedy: {
        steps: [
          {
            text: 'Restart the agent, which attaches its programs again',
            restart: 'agent',
            where: 'workstation',
            risk: 'established connections stay; new ones on this node may fail until the agent is back',
          },
          {
            decision: true,
            text: 'If they are missing again after that, see which cgroup the pinned links belong to; links to another cgroup disappear only when they are removed or the node restarts',
            command: 'kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- bpftool link show',
            where: 'workstation',
          },
        ],
        check: 'kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- bpftool cgroup show /run/cilium/cgroupv2',
      },
    },
    incomplete: {
      severity: 'warning',
      message:
        'Socket LB translates connections, but {{missing}} not attached to the root cgroup, though its twin of the other family is',
      remedy: {
        steps: [
          {
            text: 'Restart the agent, which attaches its programs again',
            restart: 'agent',
            where: 'workstation',
            risk: 'established connections stay; new ones on this node may fail until the agent is back',
          },
        ],
        check: 'kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- bpftool cgroup show /run/cilium/cgroupv2',
      },
    },
  },
});
