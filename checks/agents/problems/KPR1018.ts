import { defineProblem } from '../../../src/core/Problem.ts';

const check = 'kubectl kpr doctor --check traffic-let-pass --node {{node}}';

const tellOwner = {
  decision: true,
  text: 'Where a program or a file writes it (a firewall, hardening, security software), let pod traffic pass there: the links cilium_host, cilium_net and lxc+, the addresses of pods, and the tunnel between nodes',
  where: 'node',
} as const;

export const kpr1018 = defineProblem({
  code: 'KPR1018',
  severity: 'error',
  harm: 'now',
  layer: 'host',
  title: 'A rule, a policy or a program of somebody else drops traffic of pods before Cilium sees it',
  brief: 'traffic of pods is dropped by others',
  symptom:
    'Connections to pods time out or are refused, from some nodes or from outside, although every Service is in the tables.',
  cause:
    'Something on the node filters packets and knows nothing of pods: a firewall whose policy is to drop, a hardened image, Docker, security software at the sockets.',
  confirm:
    'On the node: iptables-save -c and nft list ruleset, whose counters rise while connections are tried; bpftool cgroup show /run/cilium/cgroupv2 for programs at sockets.',
  variants: {
    rule: {
      brief: 'a rule of others drops traffic of pods',
      message: 'A rule of {{owner}} drops {{traffic}} before Cilium or anybody else lets it pass: {{rule}}',
      remedy: {
        steps: [
          tellOwner,
          {
            decision: true,
            text: 'Take the rule away, if nobody needs it; what wrote it may write it again',
            command: "bash -c '{{deletion}}'",
            where: 'node',
            risk: 'whatever else it blocked gets in',
          },
        ],
        check,
      },
    },
    policy: {
      brief: 'a policy of others drops traffic of pods',
      message:
        'The default policy of {{policy}} is to drop, and nothing there accepts {{traffic}}; it was set by {{owner}}',
      remedy: {
        steps: [
          tellOwner,
          {
            decision: true,
            text: 'Accept what no rule decides about, if nobody needs the policy; what set it may set it again',
            command: "bash -c '{{change}}'",
            where: 'node',
            risk: 'whatever else it blocked gets in',
          },
        ],
        check,
      },
    },
    program: {
      brief: 'a program of others refuses connections to pods',
      message:
        'Connections of the node to pods or Services are refused by its kernel (“Operation not permitted”), and a program of somebody else is asked before each of them: {{program}}',
      remedy: {
        steps: [
          {
            decision: true,
            text: 'Find out whose it is (security software, a firewall for programs), and let it allow the addresses of pods and Services',
            command:
              'kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- bpftool cgroup show /run/cilium/cgroupv2',
            where: 'workstation',
          },
        ],
        check,
      },
    },
  },
});
