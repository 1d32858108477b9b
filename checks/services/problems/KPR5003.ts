import { defineProblem } from '../../../src/core/Problem.ts';

const check = 'kubectl kpr doctor --check host-ports-free';

export const kpr5003 = defineProblem({
  code: 'KPR5003',
  severity: 'error',
  harm: 'now',
  layer: 'api',
  title: 'A host port collides with the NodePort range, a LoadBalancer IP or another pod',
  brief: 'a host port collides with something else',
  symptom: 'The pod runs and is ready, and its hostPort is refused on the node, or answered by something else.',
  cause:
    'The agent opens no hostPort in the range of NodePorts and none whose hostIP is written out as 0.0.0.0 or ::, and of two owners of one frontend it serves one. All of that is at most a warning in its log. Its socket programs work on sockets of the host, too: they lead connections to loopback into a pod with that hostPort, and refuse to bind NodePorts.',
  confirm:
    'cilium-dbg service list in the agent of the pod’s node has no HostPort row of that number; the agent’s log says “The requested hostPort is colliding with the configured NodePort range”, or names the owner.',
  mayFollowFrom: [{ code: 'KPR5004', by: 'object' }],
  variants: {
    inRange: {
      message: '{{pods}}: hostPort {{port}} lies in the range of NodePorts ({{range}}), where Cilium opens none',
      remedy: {
        steps: [
          {
            decision: true,
            text: 'Choose a hostPort outside of {{range}} in the workload that makes these pods',
            where: 'workstation',
          },
        ],
        check,
      },
    },
    hidesKubelet: {
      brief: 'a hostPort takes the place of the kubelet',
      message:
        '{{pods}}: hostPort {{port}} is the kubelet’s port: the pod gets what is for the kubelet of its node, so that exec, logs and metrics fail there',
      remedy: {
        steps: [
          {
            decision: true,
            text: 'Choose another hostPort in the workload that makes these pods',
            where: 'workstation',
          },
        ],
        check,
      },
    },
    zeroHostIP: {
      message:
        '{{pods}}: hostPort {{port}} has hostIP {{hostIP}} written out, which Cilium ignores; without hostIP it is open at every address of the node',
      remedy: {
        steps: [
          {
            decision: true,
            text: 'Take hostIP out of that port in the workload that makes these pods',
            where: 'workstation',
          },
        ],
        check,
      },
    },
    bindRefused: {
      severity: 'warning',
      harm: 'trap',
      message:
        '{{pods}} listens on port {{port}} of its node, which is a NodePort of {{service}}: where it is not bound already, binding it is refused (operation not permitted)',
      remedy: {
        steps: [
          {
            decision: true,
            text: 'Give the process another port, or the Service another nodePort; nodePort.bindProtection=false of Helm lets both have it, and the Service gets the connections',
            where: 'workstation',
          },
        ],
        check: 'kubectl kpr doctor --check host-sockets-free',
      },
    },
    hidesLoopback: {
      severity: 'warning',
      message:
        '{{pods}}: hostPort {{port}} takes the connections of the node’s own processes to {{address}}:{{port}}, where another one listens',
      remedy: {
        steps: [
          {
            decision: true,
            text: 'Give the port a hostIP (the node’s address) in the workload that makes these pods, or choose another hostPort',
            where: 'workstation',
          },
        ],
        check: 'kubectl kpr doctor --check host-sockets-free',
      },
    },
    twoPods: {
      message: '{{pods}}: hostPort {{port}} is {{other}}’s, too, and one of the two gets it',
      remedy: {
        steps: [
          {
            decision: true,
            text: 'Give one of the two workloads another hostPort, or keep their pods off the same node',
            where: 'workstation',
          },
        ],
        check,
      },
    },
    overwritten: {
      message:
        '{{pods}}: hostPort {{port}} and an address of {{other}} are the same frontend ({{frontend}}), and whichever was written last is served',
      remedy: {
        steps: [
          {
            decision: true,
            text: 'Turn off what makes addresses of nodes LoadBalancer addresses (k3s: --disable servicelb), or give one of the two another port; from Cilium 1.19.7 on the LoadBalancer address takes precedence',
            where: 'workstation',
          },
        ],
        check,
      },
    },
  },
});
