import { defineProblem } from '../../../src/core/Problem.ts';

const check = 'kubectl kpr preflight --check mode-suits-network';

export const kpr7006 = defineProblem({
  code: 'KPR7006',
  severity: 'error',
  harm: 'trap',
  layer: 'agent',
  title: 'The load-balancing mode does not suit the network',
  brief: 'the load-balancing mode does not suit the network',
  symptom:
    'Agents end at their start as soon as the replacement is on; or Services answer from within the cluster and from some nodes, and connections from outside hang.',
  cause:
    'How an agent balances is looked at only when it replaces kube-proxy. DSR needs a network that takes answers from the node of the backend with the address of the Service, and a header that carries that address: none of that works through VXLAN, and it takes room in each packet.',
  confirm:
    'kubectl -n kube-system get configmap cilium-config -o yaml | grep -e bpf-lb-mode -e routing-mode -e tunnel-protocol.',
  variants: {
    refused: {
      message: 'With the replacement on, agents would not start: {{key}}={{text}} {{why}}',
      remedy: {
        steps: [
          {
            decision: true,
            text: 'Choose a mode that suits this network before the replacement is turned on; snat suits any',
            where: 'workstation',
          },
        ],
        check,
      },
    },
    sourceChecks: {
      severity: 'warning',
      message:
        'With {{mode}}, nodes answer with the address of the Service, which {{provider}} drops unless it is told not to',
      remedy: {
        steps: [
          {
            decision: true,
            text: 'See that the check is off for every node, those of autoscaling too; or take snat',
            where: 'workstation',
          },
        ],
        check,
      },
    },
    room: {
      severity: 'warning',
      message:
        'With {{mode}} by {{dispatch}}, {{packets}} from clients grow by up to {{bytes}} bytes, and {{device}} takes {{mtu}}: those above {{room}} bytes are lost, and nobody tells the client',
      remedy: {
        steps: [
          {
            text: 'See what the device takes, and whether the network around it takes more',
            command: 'ip link show {{device}}',
            where: 'node',
          },
          {
            decision: true,
            text: 'Where the network takes {{needed}} bytes, give the devices that MTU; or have agents tell clients that packets are too large (pmtuDiscovery.enabled=true, which helps where ICMP reaches them); or take snat',
            where: 'workstation',
          },
        ],
        check,
      },
    },
    drivers: {
      severity: 'warning',
      message:
        'bpf-lb-acceleration=native needs drivers with native XDP for all devices of Cilium: an agent that cannot attach its program there does not become ready',
      remedy: {
        steps: [
          {
            text: 'See which drivers the devices of the node have; docs.cilium.io lists those with native XDP (LoadBalancer & NodePort XDP Acceleration)',
            command: 'ls -l /sys/class/net/*/device/driver',
            where: 'node',
          },
          {
            decision: true,
            text: 'Where one has no native XDP, or nobody knows: best-effort takes XDP only where it can be had',
            where: 'workstation',
          },
        ],
        check,
      },
    },
  },
});
