import type { Snapshot } from '../../src/model/Snapshot.ts';
import { type Incident, missed, seen, unseen } from './Incident.ts';
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
export const hostIncidents: readonly Incident[] = [
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
