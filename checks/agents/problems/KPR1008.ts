import { defineProblem } from '../../../src/core/Problem.ts';

const remedy = {
  steps: [
    {
      text: 'Restart the agent, which attaches its programs again',
      restart: 'agent',
      where: 'workstation',
      risk: 'established connections stay; new ones on this node may fail until the agent is back',
    },
    {
      decision: true,
      text: 'If they are missing again after that, find who takes them off: another tool that loads eBPF programs (tc, a security agent, a second CNI), or a network manager that recreated the device',
      command: 'kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- bpftool prog show',
      where: 'workstation',
    },
  ],
  check: 'kubectl kpr verify --node {{node}} --check device-programs-attached',
} as const;

export const kpr1008 = defineProblem({
  code: 'KPR1008',
  severity: 'error',
  harm: 'now',
  layer: 'program',
  title: 'Datapath programs are missing on a device that Cilium uses',
  brief: 'datapath programs are missing',
  symptom:
    'Connections from outside to NodePorts, external and LoadBalancer addresses of one node fail, while agents report OK and all tables are right.',
  cause:
    'The agent attaches its programs when it starts and when a device appears. They are lost when another program detaches them or replaces the filters of the device, or when the device was recreated and the agent did not notice.',
  confirm:
    'bpftool net show on the node (7.3 and newer shows tcx): each device that cilium-dbg status names has cil_from_netdev at ingress and cil_to_netdev at egress. Pins and links stay when a program is detached, so they tell nothing.',
  mayFollowFrom: [{ code: 'KPR1001', by: 'node' }],
  variants: {
    inbound: {
      message:
        'No program of Cilium at {{places}}: what arrives there for NodePorts, external and LoadBalancer addresses is not translated',
      remedy,
    },
    outbound: {
      message:
        'No program of Cilium at {{places}}: answers leave there with the address of the backend, and pods without Cilium’s masquerading',
      remedy,
    },
    own: {
      message:
        'No program of Cilium at {{places}}: traffic between this node’s pods and the other nodes bypasses Cilium',
      remedy,
    },
    xdp: {
      severity: 'warning',
      message:
        'No program of Cilium at {{places}}, though NodePorts are to be accelerated there: they are served, and slower',
      remedy,
    },
  },
});
