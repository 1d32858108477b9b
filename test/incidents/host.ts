import type { Node, Pod } from '../../src/model/kubernetes.ts';
import type { Snapshot } from '../../src/model/Snapshot.ts';
import { type Incident, missed, seen, unseen } from './Incident.ts';
import { aNode, aTry } from '../support/healthy.ts';
import { anIntent } from '../support/anIntent.ts';
import { cluster } from './scene.ts';

/** Packets of pods pass the host's own routing, which filters by the way back. */
const filtering = (value: string): Snapshot =>
  cluster({
    all: {
      status: { routing: { intraHost: 'Legacy' } },
      sysctls: new Map([
        ['net.ipv4.ip_forward', '1'],
        ['net.ipv4.conf.all.rp_filter', value],
      ]),
    },
  });

/** A pod of n2 with this address, when kube-proxy is about to go; the agent of n2 gave 10.244.2.20. */
const beforeChange = (podIP: string): Snapshot => ({
  ...cluster({
    pods: [
      {
        metadata: { name: 'till-1', namespace: 'shop' },
        spec: { nodeName: 'n2' },
        status: { phase: 'Running', podIP, startTime: '2026-11-20T09:00:00Z' },
      },
    ],
  }),
  intent: anIntent('remove-kube-proxy'),
});

/** What lies in the host, in encryption and in parts around Services. */
const directly = { 'routing-mode': 'native', 'auto-direct-node-routes': 'true' };
const far: Node = { ...aNode('n2'), status: { addresses: [{ type: 'InternalIP', address: '198.51.100.12' }] } };
/** n2 is on another network, and the default route of n1 leads to its pods, or the network does not know them. */
const acrossNetworks = (isRouted: boolean): Snapshot => {
  const outcome = isRouted ? 'open' : 'timeout';
  return cluster({
    settings: directly,
    nodes: [far],
    pods: [podOn('n2', '10.244.2.7')],
    all: { status: { routing: { interHost: 'Native' } } },
    n1: {
      routes4: [
        { from: 0n, device: 'eth0', isDefault: true },
        { from: 0x0a_f4_01_00n, device: 'cilium_host', isDefault: false },
        { from: 0x0a_f4_02_00n, device: 'eth0', isDefault: true },
      ],
      reachProbe: {
        tries: [aTry('n2', 'pod', '10.244.2.7', 80, outcome), aTry('n2', 'node', '198.51.100.12', 10_250)],
      },
    },
    n2: {
      interfaces: [{ name: 'eth0', up: true, addresses: ['198.51.100.12'] }],
      nodeAddresses: [{ address: '198.51.100.12', nodePort: true, primary: true, device: 'eth0' }],
    },
  });
};
const podOn = (node: string, ip: string): Pod => ({
  metadata: { name: `web-${node}`, namespace: 'default' },
  spec: { nodeName: node },
  status: { phase: 'Running', podIP: ip, podIPs: [{ ip }], startTime: '2026-11-21T08:00:00Z' },
});

export const hostIncidents: readonly Incident[] = [
  seen(
    ['cilium/cilium#31124', 'cilium/cilium#31091'],
    'agents are to make routes to each other’s pods, and nodes are on different networks',
    'KPR1019 n1',
    { scenario: acrossNetworks(false), sibling: acrossNetworks(true) },
  ),
  missed(
    ['cilium/cilium#46100', 'cilium/cilium#37919', 'cilium/cilium#47176'],
    'with WireGuard between nodes packets of hosts are too large, and their second fragments are dropped',
    'KPR4010',
    'connections are opened and closed, and nothing large is sent',
  ),
  missed(
    ['cilium/cilium#43493', 'cilium/cilium#33685'],
    'beside another CNI answers of Gateways are lost between nodes',
    'KPR4010',
    'connections end at Envoy, which answers; what is behind it is not asked for',
  ),
  seen(
    ['cilium/cilium#10645', 'cilium/cilium#19909', 'cilium/cilium#13130', 'cilium/cilium#20072'],
    'systemd makes the filter for reverse paths strict, and pods lose other nodes',
    'KPR1019 n1,n2',
    { scenario: filtering('1'), sibling: filtering('2') },
  ),
  missed(
    'cilium/cilium#31565',
    'a firewall’s filter for reverse paths drops packets of pods',
    'KPR1018',
    'by which link the kernel would answer, which a rule of nftables may ask',
  ),
  missed(
    'cilium/cilium#35388',
    'firewalld lets no answers of TCP through to pods',
    'KPR1018',
    'what becomes of answers: only the first packet of a connection is led through filters',
  ),
  seen(
    [
      'k8snetworkplumbingwg/multus-cni#972',
      'k8snetworkplumbingwg/multus-cni#1132',
      'siderolabs/talos#10468',
      'Cray-HPE/csm#4109',
    ],
    'another CNI’s configuration is left, and pods get its network',
    'KPR8007 n2',
    { scenario: beforeChange('10.85.0.9'), sibling: beforeChange('10.244.2.20') },
  ),
  seen(
    [
      'cilium/cilium#15366',
      'cilium/cilium#16602',
      'cilium/cilium#23394',
      'cilium/cilium#29405',
      'cilium/cilium#17103',
      'cilium/cilium#31943',
    ],
    'pods that started before the agent never reach Services',
    'KPR8007 n2',
    { scenario: beforeChange('10.244.2.77'), sibling: beforeChange('10.244.2.20') },
  ),
  unseen(
    ['cilium/cilium#12978'],
    'IPsec and NodePorts by eBPF are refused together',
    'past',
    'a release that refuses them: those that are known here take both',
  ),
  missed(
    ['cilium/cilium#32899', 'cilium/cilium#45497'],
    'with WireGuard and policies of layer 7 pods do not reach NodePorts of other nodes',
    'KPR4010',
    'connections show it where they begin in such a pod (--connect --source pod:…), and reports here have none',
  ),
  missed(
    'cilium/cilium#33184',
    'pods do not reach NodePorts of a node that was added again',
    'KPR4010',
    'connections show it where they begin in such a pod (--connect --source pod:…), and reports here have none',
  ),
  unseen(
    'cilium/cilium#45950',
    'with WireGuard a pod does not reach its own node',
    'otherPart',
    'the way of packets to the node itself, on which there is no Service',
  ),
  unseen(
    [
      'kubernetes-sigs/cluster-api-provider-aws#3511',
      'cert-manager/cert-manager#2319',
      'cert-manager/cert-manager#5189',
    ],
    'webhooks time out that a provider’s control plane cannot reach in an overlay',
    'otherPart',
    'webhooks, and where the API servers’ network ends',
  ),
  unseen(
    ['rwlove/home-ops#11562', 'kubermatic/kubermatic#16014'],
    'a policy is judged on the backend, not on the address that was dialled',
    'otherPart',
    'network policies, and what their authors meant',
  ),
  unseen(
    'cilium/cilium#47400',
    'a redirect to the proxy of layer 7 is lost on a VLAN of a bridge',
    'outside',
    'how bridges and VLANs of the host hand packets on',
  ),
  unseen(
    ['k3s-io/k3s#7736', 'cilium/cilium#24372'],
    'an installer’s iptables-restore cuts the node off',
    'moment',
    'what an installer did before it ended',
  ),
  unseen(
    ['cilium/cilium#31689', 'cilium/cilium#32148', 'cilium/cilium#39665'],
    'leases of announcements are held by nodes that do not answer for the address',
    'outside',
    'who answers in the network for the address',
  ),
  unseen(
    'kubernetes/kops#9447',
    'kube-proxy is taken from the first server before Cilium is there, and the roll-out stops',
    'noCluster',
    'what the installer does before there is an agent',
  ),
  unseen(
    'k0sproject/k0s#2301',
    'a cluster of k0s does not come up with Cilium in the place of kube-proxy',
    'told',
    'anything but a question without an answer',
  ),
];
