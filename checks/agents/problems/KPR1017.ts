import { defineProblem } from '../../../src/core/Problem.ts';
import { ruleOutNode, ruleOutNodes } from './reachSteps.ts';
const seeMonitor = {
  text: 'See what Cilium itself drops on the node, and why, for twenty seconds; run the check below meanwhile',
  command:
    'kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- timeout -s INT --preserve-status 20 cilium-dbg monitor --type drop',
  where: 'workstation',
} as const;

const seeWay = {
  text: 'See which way {{from}} takes there: a link of Cilium’s (cilium_host, lxc…), or a device of the node where its own routes lead; an error is a rule or a route that forbids it',
  command: `kubectl -n {{namespace}} exec "$(kubectl -n {{namespace}} get pods -l k8s-app=cilium --field-selector spec.nodeName={{from}} -o name)" -c cilium-agent -- sh -c 'ip rule; ip route get {{address}}'`,
  where: 'workstation',
} as const;

const letPass = {
  decision: true,
  text: 'Let pass what is lost: {{traffic}}',
  where: 'workstation',
} as const;

const seePackets = {
  decision: true,
  text: 'If it still is, watch on {{to}} what arrives from {{from}} while the check below runs: if nothing does, it is lost on its way; if it does, {{to}} itself loses it',
  command: 'timeout -s INT --preserve-status 20 tcpdump -nni any {{filter}}',
  where: 'node',
} as const;

const check = 'kubectl kpr doctor --check nodes-reach-pods';
const between = { steps: [ruleOutNodes, seeWay, letPass, seePackets, seeMonitor], check } as const;
const within = { steps: [ruleOutNode, seeWay, seeMonitor], check } as const;

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
    // Packets go where the node is not.
    { code: 'KPR1009', by: 'node', variants: ['strangeAddress', 'ciliumNodeGone', 'sharedAddress', 'internalIPGone'] },
    // Whoever has the same addresses is reached in its place.
    { code: 'KPR1020', by: 'node', variants: ['rangeTwice', 'rangeOfNodeTwice', 'poolsOverlap', 'podsTwice'] },
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
