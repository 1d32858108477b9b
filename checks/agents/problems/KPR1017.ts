import { defineProblem } from '../../../src/core/Problem.ts';
import { seeDrops, seeReverseFilter, seeTunnel } from './reachSteps.ts';

const seeMonitor = {
  text: 'See what Cilium itself drops on the node, and why, for twenty seconds; run the check below meanwhile',
  command: 'kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- timeout 20 cilium-dbg monitor --type drop',
  where: 'workstation',
} as const;

const seePackets = {
  text: 'On {{to}}, watch what arrives from {{from}} while the check below runs: if nothing does, it is lost between the nodes or never leaves {{from}}; if it does and never shows up with {{address}}, {{to}} itself drops it',
  command: "timeout 20 tcpdump -nni any 'udp port 8472 or udp port 6081 or udp port 51871 or esp or host {{address}}'",
  where: 'node',
} as const;

const check = 'kubectl kpr doctor --check nodes-reach-pods';
const between = { steps: [seeTunnel, seePackets, seeMonitor, seeReverseFilter, seeDrops], check } as const;
const within = { steps: [seeReverseFilter, seeDrops, seeMonitor], check } as const;

export const kpr1017 = defineProblem({
  code: 'KPR1017',
  severity: 'error',
  harm: 'now',
  outage: true,
  brief: 'nodes do not reach each other’s pods',
  title: 'Nodes do not reach each other’s pods',
  symptom:
    'Connections to a Service are lost whenever a backend on the other side is chosen, for clients outside, on nodes and in pods; tables and agents are as they should be.',
  cause:
    'What carries packets of pods between nodes, or from a node to its own pods, is broken: the tunnel or a route, a firewall in between, forwarding or the reverse path filter of the kernel, rules of somebody else on the host.',
  confirm: 'From the network of one node, connect to the address of a pod on the other, and the other way round.',
  mayFollowFrom: [
    // Without them a device hands nothing on.
    { code: 'KPR1008', by: 'node' },
    // Nor does a host that keeps packets from their way.
    { code: 'KPR1018', by: 'node' },
    { code: 'KPR1019', by: 'node' },
  ],
  variants: {
    apart: { message: '{{pairs}} do not reach each other’s pods{{over}}; {{hosts}}', remedy: between },
    oneWay: { message: '{{pairs}}{{over}}, though the other way is free; {{hosts}}', remedy: between },
    allApart: { message: 'No node reaches pods of another{{over}}; {{hosts}}', remedy: between },
    cutOff: {
      message: 'The node reaches no other node’s pods, and no other node its pods{{over}}; {{hosts}}',
      remedy: between,
    },
    unreached: { message: 'No other node reaches the pods of this node{{over}}; {{hosts}}', remedy: between },
    reachesNobody: { message: 'The node reaches the pods of no other node{{over}}; {{hosts}}', remedy: between },
    ofItself: {
      brief: 'the node does not reach its own pods',
      message:
        'The node does not reach pods of its own{{over}}, which others reach: its kubelet cannot tell whether they are ready either',
      remedy: within,
    },
    silent: {
      brief: 'nobody reaches the pods of the node',
      message:
        'Nobody reaches the pods of this node{{over}}, not even the node itself: its kubelet cannot tell whether they are ready either; {{hosts}}',
      remedy: within,
    },
    perhapsForbidden: {
      outage: false,
      brief: 'policies may keep nodes from each other’s pods',
      severity: 'info',
      harm: 'note',
      message:
        'The pods of {{targets}} that were tried answer their own node alone: network policies may forbid others to ask, so it is not known whether these reach them',
      remedy: {
        steps: [
          {
            decision: true,
            text: 'Let agents keep a health endpoint, for which policies do not count; then this can be told',
            command: 'kubectl -n {{namespace}} get configmap cilium-config -o yaml | grep health-checking',
            where: 'workstation',
          },
        ],
        check,
      },
    },
  },
});
