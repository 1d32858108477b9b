import { defineProblem } from '../../../src/core/Problem.ts';
import { restartAgent } from './steps.ts';

const bringUp = {
  text: 'Take the link up again',
  command: 'ip link set {{link}} up',
  where: 'node',
} as const;

const findOwner = {
  decision: true,
  text: 'Find out what took it away (systemd-networkd, NetworkManager, a script), and tell it to leave alone what Cilium makes; for systemd-networkd that is ManageForeignRoutes=no and ManageForeignRoutingPolicyRules=no in networkd.conf',
  where: 'node',
} as const;

const switchOn = { text: 'Switch it on', command: 'sysctl -w {{setting}}=1', where: 'node' } as const;

const findSysctl = {
  decision: true,
  text: 'Find what switched it off (the files of sysctl.d, hardening, a network manager), and correct it there, or it is off again after the next start',
  command: 'grep -rs forward /etc/sysctl.conf /etc/sysctl.d /run/sysctl.d /usr/lib/sysctl.d',
  where: 'node',
} as const;

const checkRoutes = 'kubectl kpr doctor --check routes-lead-to-pods --node {{node}}';
const checkLinks = 'kubectl kpr doctor --check links-up --node {{node}}';
const checkKernel = 'kubectl kpr doctor --check kernel-lets-pass --node {{node}}';

export const kpr1019 = defineProblem({
  code: 'KPR1019',
  severity: 'error',
  harm: 'now',
  layer: 'host',
  title: 'A link, a route or a setting of the kernel that Cilium needs is missing or off on a node',
  brief: 'a link, a route or a kernel setting that Cilium needs is missing',
  symptom:
    'Pods are not reached from some nodes, or from outside, although every Service is in the tables; kubelet may not tell whether pods are ready.',
  cause:
    'Something else on the node manages its network: a network manager that takes away links and routes it does not know, a sysctl file that is applied again, hardening that turns forwarding off.',
  confirm:
    'On the node: ip address; ip route get POD-IP; sysctl net.ipv4.ip_forward net.ipv6.conf.all.forwarding net.ipv4.conf.all.rp_filter.',
  mayFollowFrom: [{ code: 'KPR1001', by: 'node' }],
  variants: {
    linkDown: {
      brief: 'the link {{link}} is down',
      message: 'The link {{link}} is down: the node reaches no pod, and its routes to pods are gone',
      remedy: {
        steps: [
          bringUp,
          {
            text: 'Restart the agent, which writes the routes again',
            restart: 'agent',
            where: 'workstation',
            risk: 'the node’s tables keep working while it restarts; changes of Services reach it late',
          },
          findOwner,
        ],
        check: checkLinks,
      },
    },
    tunnelDown: {
      brief: 'the link {{link}} is down',
      message: 'The link {{link}} is down: nothing passes between pods of this node and other nodes',
      remedy: { steps: [bringUp, findOwner], check: checkLinks },
    },
    deviceDown: {
      brief: 'the device {{link}} is down',
      message: 'The device {{link}}, on which Cilium serves, is down',
      remedy: {
        steps: [
          {
            decision: true,
            text: 'See whether it is to be used; where it is, take it up, or else name other devices for Cilium',
            command: 'ip link set {{link}} up',
            where: 'node',
          },
        ],
        check: checkLinks,
      },
    },
    routeMissing: {
      brief: 'a route to pods is missing',
      message:
        'The node has no route to the pods of {{peers}}: what it sends to {{address}} takes {{way}}; its kubelet, its programs and what it forwards do not reach them',
      // The agent makes one route to a range, and takes it away with the other.
      mayFollowFrom: [
        { code: 'KPR1020', by: 'node', variants: ['rangeTwice', 'rangeOfNodeTwice', 'poolsOverlap'] },
        // Its agents make routes to the nodes of which they have heard.
        { code: 'KPR1009', by: 'cluster', variants: ['ciliumNodeGone'] },
      ],
      remedy: { steps: [restartAgent, findOwner], check: checkRoutes },
    },
    routeOffLink: {
      brief: 'nobody makes a route to pods',
      message:
        'The node has no route to the pods of {{peers}}, and nobody makes one: auto-direct-node-routes is for nodes of one network, and these are on others; what is sent to {{address}} takes {{way}}, and does not arrive',
      remedy: {
        steps: [
          {
            decision: true,
            text: 'Let the routers between these networks know which node has which pods (BGP, routes of the cloud), and let agents leave such nodes to them',
            sets: {
              key: 'direct-routing-skip-unreachable',
              value: 'true',
              helm: 'directRoutingSkipUnreachable=true',
            },
            where: 'workstation',
          },
        ],
        check: checkRoutes,
      },
      alternatives: [
        {
          title: 'use a tunnel between nodes, which needs no routes',
          steps: [
            {
              decision: true,
              text: 'Set routingMode: tunnel and autoDirectNodeRoutes: false in the Helm values, in a maintenance window: pods of nodes that have it and of those that have not yet do not reach each other',
              where: 'workstation',
              does: 'restartAllAgents',
            },
          ],
        },
      ],
    },
    ownRouteMissing: {
      brief: 'the route to the node’s own pods is missing',
      message:
        'The node has no route to its own pods: what it sends to {{address}} takes {{way}}; its kubelet cannot tell whether they are ready',
      // It gave up the route with the range that was its own.
      mayFollowFrom: [{ code: 'KPR1020', by: 'node', variants: ['rangeTwice', 'rangeOfNodeTwice', 'poolsOverlap'] }],
      remedy: { steps: [restartAgent, findOwner], check: checkRoutes },
    },
    routeRefuses: {
      brief: 'a route refuses what is for pods',
      message:
        'A route of the node refuses what it sends to {{address}}, where pods are: {{kind}} {{network}}; its kubelet, its programs and what it forwards do not reach them',
      remedy: {
        steps: [
          {
            text: 'See that nobody but Cilium gives pods of this cluster addresses there: a former CNI (Calico) leaves such routes behind',
            command:
              'ip -4 route show type blackhole; ip -4 route show type unreachable; ip -4 route show type prohibit',
            where: 'node',
          },
          {
            decision: true,
            text: 'Take it away, and whatever made it, or it comes back',
            command: 'ip route del {{kind}} {{network}}',
            where: 'node',
          },
        ],
        check: checkRoutes,
      },
    },
    ruleTakes: {
      brief: 'a rule takes what is for pods from Cilium’s routes',
      message:
        'A rule of the node (ip rule) takes what it sends to the pods of {{peers}} before Cilium’s routes do, and they are not reached: {{rule}}; so do its kubelet, its programs and what it forwards fare',
      remedy: {
        steps: [
          {
            text: 'See the rules, and which way a packet takes',
            command: 'ip route get {{address}}; ip rule',
            where: 'node',
          },
          {
            decision: true,
            text: 'Take it away, and have whoever made it (a VPN, a network manager, a former CNI) leave addresses of pods alone, or it comes back',
            command: 'ip rule del priority {{priority}} to {{network}}',
            where: 'node',
          },
        ],
        check: checkRoutes,
      },
    },
    forwardingOff: {
      brief: 'the kernel forwards no packets',
      message:
        'The kernel does not forward {{family}} ({{setting}} = 0): what comes from outside does not reach pods of this node, nor do they reach anything outside',
      remedy: {
        steps: [switchOn, findSysctl],
        check: checkKernel,
      },
    },
    linkForwardingOff: {
      brief: 'the kernel does not forward what comes by {{link}}',
      message:
        'The kernel does not forward IPv4 that comes by {{link}} ({{setting}} = 0), though it does by other links: a part of the connections that clients outside open at this node is lost',
      remedy: { steps: [switchOn, findSysctl], check: checkKernel },
    },
    podForwardingOff: {
      brief: 'the kernel does not forward what comes from pods',
      message:
        'The kernel does not forward IPv4 that comes by links of pods (net.ipv4.conf.lxc….forwarding = 0), though it does by other links: their answers to clients outside are lost, and what they ask there',
      remedy: {
        steps: [
          {
            text: 'Switch it on for the links of pods that are there, and for those to come',
            command: 'echo 1 | tee /proc/sys/net/ipv4/conf/{default,lxc*}/forwarding',
            where: 'node',
          },
          findSysctl,
        ],
        check: checkKernel,
      },
    },
    reverseFilter: {
      brief: 'the kernel’s reverse path filter drops packets',
      message:
        'The kernel drops what comes from pods, because it would answer them by another link (rp_filter is 1 for {{links}})',
      remedy: {
        steps: [
          {
            text: 'Switch it off for all links, those of pods, and those of Cilium; for a link of your own that needs it, set it there',
            command: 'echo 0 | tee /proc/sys/net/ipv4/conf/{all,default,lxc*,cilium_*}/rp_filter',
            where: 'node',
          },
          {
            decision: true,
            text: 'Find the file that sets it (systemd brings 50-default.conf), and have Cilium’s own file after it: its Helm value sysctlfix.enabled, true unless changed, writes 99-zzz-override_cilium.conf',
            command: 'grep -rs rp_filter /etc/sysctl.conf /etc/sysctl.d /run/sysctl.d /usr/lib/sysctl.d',
            where: 'node',
          },
        ],
        check: checkKernel,
      },
    },
  },
});
