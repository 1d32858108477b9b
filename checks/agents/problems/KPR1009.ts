import { defineProblem } from '../../../src/core/Problem.ts';
import { restartAgent } from './steps.ts';

const letChoose = {
  title: 'let the agent choose its devices, which takes the default route in',
  steps: [
    { text: 'Take the setting away', sets: { key: 'devices', value: null, helm: 'devices' }, where: 'workstation' },
    restartAgent,
  ],
} as const;

const nameThese = {
  text: 'Name those that do',
  sets: { key: 'devices', value: '{{devices}}', helm: 'devices' },
  where: 'workstation',
  risk: 'all agents take it when they restart; a device that a node lacks is passed over there',
} as const;

const nameDevices = {
  ...nameThese,
  decision: true,
  text: 'Name the devices (DEVICE may be a pattern such as eth+)',
  sets: { ...nameThese.sets, value: 'DEVICE' },
} as const;

export const kpr1009 = defineProblem({
  code: 'KPR1009',
  severity: 'warning',
  harm: 'now',
  title: 'The devices or addresses on which NodePorts are served are not the node’s own',
  brief: 'NodePorts are served on the wrong devices or addresses',
  symptom:
    'NodePorts, LoadBalancer and external IPs answer on some nodes or addresses only, or nowhere from outside; inside the cluster they work.',
  cause:
    'Cilium serves NodePorts on the devices that it selects: those with a default route or with the node’s InternalIP, unless devices are named. Bridges, bonds, dummy and VLAN devices, several default routes, or a wrong --node-ip of the kubelet can make it choose the wrong ones.',
  confirm:
    'cilium-dbg status in an agent names the devices; cilium-dbg shell -- db/show node-addresses the addresses that are served.',
  variants: {
    noDevice: {
      brief: 'nothing from outside reaches NodePorts and external addresses',
      severity: 'error',
      message: 'No device is selected: from outside nothing reaches NodePorts, LoadBalancer and external IPs',
      remedy: {
        steps: [
          {
            text: 'See which devices the agent found, and which one holds the node’s address',
            command:
              'kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- cilium-dbg shell -- db/show devices',
            where: 'workstation',
          },
          nameDevices,
          restartAgent,
        ],
        check: 'kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- cilium-dbg status',
      },
    },
    wrongDevice: {
      message: 'Among the selected devices is one that leads to no other node: {{wrong}}',
      remedy: {
        steps: [nameDevices, restartAgent],
        check: 'kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- cilium-dbg status',
      },
    },
    wrongDeviceToo: {
      message: 'Among the selected devices is one that leads to no other node: {{wrong}}',
      remedy: {
        steps: [nameThese, restartAgent],
        check: 'kubectl kpr doctor --check devices-selected',
      },
      alternatives: [letChoose],
    },
    onlyWrongDevices: {
      brief: 'nothing from outside reaches NodePorts and external addresses',
      severity: 'error',
      message:
        'The selected devices lead to no other node ({{wrong}}): from outside nothing reaches NodePorts, LoadBalancer and external IPs',
      remedy: {
        steps: [nameThese, restartAgent],
        check: 'kubectl kpr doctor --check devices-selected',
      },
      alternatives: [letChoose],
    },
    noDirectRouting: {
      message:
        'None of the selected devices ({{devices}}) is the one for direct routing: requests that need a backend on another node may be dropped',
      remedy: {
        steps: [
          {
            decision: true,
            text: 'Name it (DEVICE); it is the one with the node’s InternalIP',
            sets: { key: 'direct-routing-device', value: 'DEVICE', helm: 'nodePort.directRoutingDevice' },
            where: 'workstation',
            risk: 'an agent that finds no such device does not start; try it on one node, with a CiliumNodeConfig',
          },
          restartAgent,
        ],
        check: 'kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- cilium-dbg status',
      },
    },
    notServed: {
      message:
        'NodePorts are not served on the node’s InternalIP {{address}}, although its device {{device}} is selected',
      remedy: {
        steps: [
          {
            decision: true,
            text: 'Serve it by naming the ranges in which all nodes’ addresses lie (RANGE)',
            sets: { key: 'nodeport-addresses', value: 'RANGE,RANGE', helm: 'nodePort.addresses' },
            where: 'workstation',
            risk: 'addresses outside the named ranges are no longer served, on every node',
          },
          restartAgent,
        ],
        check:
          'kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- cilium-dbg shell -- db/show node-addresses',
      },
    },
    outsideRanges: {
      brief: 'NodePorts are served at no address',
      message:
        'No address of the node is within nodeport-addresses ({{ranges}}): NodePorts are not served on it at all',
      remedy: {
        steps: [
          { text: 'See which addresses nodes have', command: 'kubectl get nodes -o wide', where: 'workstation' },
          {
            decision: true,
            text: 'Name ranges that each node has an address in (RANGES), or none, so that each device serves one',
            sets: { key: 'nodeport-addresses', value: 'RANGES', helm: 'nodePort.addresses={RANGES}' },
            where: 'workstation',
          },
          restartAgent,
        ],
        check: 'kubectl kpr doctor --check devices-selected',
      },
    },
    otherDevice: {
      message: 'NodePorts are not served on the node’s InternalIP {{address}}: its device {{device}} is not selected',
      remedy: {
        steps: [
          {
            text: 'See what Kubernetes takes for the node’s address; where it is wrong, correct --node-ip of the kubelet',
            command: 'kubectl get nodes -o wide',
            where: 'workstation',
          },
          {
            text: 'Otherwise name the devices, this one and those selected now',
            sets: { key: 'devices', value: '{{devices}}', helm: 'devices' },
            where: 'workstation',
            risk: 'devices that are not named are no longer served, nor masqueraded by eBPF; name all that carry such traffic',
          },
          restartAgent,
        ],
        check:
          'kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- cilium-dbg shell -- db/show node-addresses',
      },
    },
    defaultRouteDevice: {
      message:
        'The default route leaves by {{device}}, which is not selected ({{selected}}): answers of this node’s pods to clients outside bypass Cilium and keep the pods’ addresses',
      remedy: {
        steps: [
          {
            text: 'Name it beside those that are selected now',
            sets: { key: 'devices', value: '{{devices}}', helm: 'devices' },
            where: 'workstation',
            risk: 'NodePorts are then served at its addresses as well, unless nodeport-addresses says otherwise',
          },
          restartAgent,
        ],
        check: 'kubectl kpr doctor --check devices-selected --node {{node}}',
      },
      alternatives: [letChoose],
    },
    otherUplink: {
      severity: 'info',
      harm: 'note',
      message:
        '{{device}} has an address and is not among the devices that were named ({{selected}}); whether the default route leaves by it was not read',
    },
    directRoutingElsewhere: {
      message:
        'The device for direct routing is {{device}}, which does not hold the node’s InternalIP; {{right}} does ({{address}}): requests that need a backend on another node may be lost',
      remedy: {
        steps: [
          {
            text: 'Name the device of the InternalIP; where nodes differ, a CiliumNodeConfig does it for some of them',
            sets: { key: 'direct-routing-device', value: '{{right}}', helm: 'nodePort.directRoutingDevice' },
            where: 'workstation',
            risk: 'an agent that finds no such device does not start; try it on one node, with a CiliumNodeConfig',
          },
          restartAgent,
        ],
        check: 'kubectl kpr doctor --check devices-selected --node {{node}}',
      },
    },
    addressGone: {
      message: 'NodePorts are served at {{address}}, which no interface of the node has any more',
      remedy: {
        steps: [restartAgent],
        check:
          'kubectl -n {{namespace}} exec {{agentPod}} -c cilium-agent -- cilium-dbg shell -- db/show node-addresses',
      },
    },
    internalIPGone: {
      severity: 'error',
      message:
        'The node’s InternalIP {{address}} is on no interface of it, while another one is: nothing that is sent there arrives',
      remedy: {
        steps: [
          {
            text: 'See why the interface lost it (DHCP, router advertisements, a network manager), and bring it back',
            command: 'ip address',
            where: 'node',
          },
        ],
        check: 'kubectl kpr doctor --check devices-selected --node {{node}}',
      },
    },
    strangeAddress: {
      brief: 'other nodes know a node by an address that is not its own',
      severity: 'error',
      message:
        'Its CiliumNode says {{address}}, an address that the node does not have ({{own}}): what other nodes send to its pods, and answers for it, go elsewhere',
      remedy: {
        steps: [
          {
            text: 'Restart its agent, which writes the address anew',
            restart: 'agent',
            where: 'workstation',
            risk: 'the node’s tables keep working while it restarts; changes of Services reach it late',
          },
        ],
        check: 'kubectl kpr doctor --check devices-selected,nodes-reach-pods',
      },
    },
    ciliumNodeGone: {
      brief: 'other nodes do not know a node, for its CiliumNode is gone',
      severity: 'error',
      message:
        'Its CiliumNode is gone, by which other nodes know where its pods are: they have taken away what leads there, and backends on this node are lost to them',
      remedy: {
        steps: [
          {
            text: 'Restart its agent, which writes it anew',
            restart: 'agent',
            where: 'workstation',
            risk: 'the node’s tables keep working while it restarts; changes of Services reach it late',
          },
        ],
        check: 'kubectl kpr doctor --check devices-selected,nodes-reach-pods',
      },
    },
    sharedAddress: {
      brief: 'nodes have the same InternalIP',
      severity: 'error',
      message: 'These nodes have the same InternalIP, {{address}}: traffic between them is delivered to the wrong node',
      remedy: {
        steps: [
          { text: 'See the addresses of all nodes', command: 'kubectl get nodes -o wide', where: 'workstation' },
          {
            text: 'Set --node-ip of the kubelet to the address of the shared network on each node, and restart it',
            command: 'systemctl restart kubelet',
            where: 'node',
          },
        ],
        check: 'kubectl get nodes -o wide',
      },
    },
  },
});
