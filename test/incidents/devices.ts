import type { Node } from '../../src/model/kubernetes.ts';
import type { NodeAddress } from '../../src/model/NodeFacts.ts';
import type { Snapshot } from '../../src/model/Snapshot.ts';
import { type NodeChanges } from '../support/aSnapshot.ts';
import { aNode, anAgentPod } from '../support/healthy.ts';
import { shop, shopSlice } from '../support/shopCluster.ts';
import { type Incident, missed, seen, unseen } from './Incident.ts';
import { cluster, crashing, type Scene, settings } from './scene.ts';

const row = (address: string, device: string, nodePort = true): NodeAddress => ({
  address,
  device,
  nodePort,
  primary: true,
});
const links = (...list: readonly (readonly [string, ...string[]])[]): NodeChanges => ({
  interfaces: list.map(([name, ...addresses]) => ({ name, up: true, addresses })),
});
const selected = (directRoutingDevice: string | undefined, ...names: readonly string[]): NodeChanges => ({
  status: { kpr: { devices: names.map((name) => ({ name, addresses: [] })), directRoutingDevice } },
});
const internal = (name: string, ...addresses: string[]): Node => {
  const node = aNode(name);
  return {
    ...node,
    status: { ...node.status, addresses: addresses.map((address) => ({ type: 'InternalIP', address })) },
  };
};
const n2 = (changes: NodeChanges, scene: Scene = {}): Snapshot => cluster({ n2: changes, ...scene });
const named = (devices: string, changes: Readonly<Record<string, string>> = {}): NodeChanges => ({
  startedConfig: settings({ devices, ...changes }),
});
const configured = (devices: string): Scene => ({ facts: { ciliumConfig: settings({ devices }) } });
const way = (device: string) =>
  ({ defaultRoutes: [{ family: 'ipv4', gateway: '192.0.2.1', device, metric: 100 }] }) as const;
const ipv6 = { 'enable-ipv6': 'true' };
const sixOn = (address: string): NodeChanges => ({
  ...links(['eth0', '172.30.0.12', '2001:db8::12', 'fe80::12']),
  nodeAddresses: [
    row('172.30.0.12', 'eth0'),
    ...['2001:db8::12', 'fe80::12'].map((one) => row(one, 'eth0', one === address)),
  ],
});
const sixOn1: NodeChanges = {
  ...links(['eth0', '172.30.0.11', '2001:db8::11', 'fe80::11']),
  nodeAddresses: [row('172.30.0.11', 'eth0'), row('2001:db8::11', 'eth0')],
};
const dualStack = [internal('n1', '172.30.0.11', '2001:db8::11'), internal('n2', '172.30.0.12', '2001:db8::12')];
const six = (scene: Scene): Snapshot => cluster({ nodes: dualStack, settings: ipv6, n1: sixOn1, ...scene });

const onlyByConnecting = 'connections show it (--connect --source here), and reports here have none';

const ranged = (ranges: string): Scene => ({
  settings: { 'nodeport-addresses': ranges },
  services: [shop({ type: 'NodePort', ports: [{ name: 'http', port: 80, nodePort: 30_080, protocol: 'TCP' }] })],
  slices: [shopSlice()],
});
const twoAddresses = (served: string, other: string): NodeChanges => ({
  ...links(
    ['lo', '127.0.0.1'],
    ['eth0', '172.30.0.11', '172.30.0.98'],
    ['cilium_host', '10.244.1.121'],
    ['cilium_vxlan'],
  ),
  nodeAddresses: [row(served, 'eth0'), row(other, 'eth0', false)],
});

export const deviceIncidents: readonly Incident[] = [
  seen(
    ['cilium/cilium#33527', 'cilium/cilium#37427', 'cozystack/cozystack#1985'],
    'the agent ends, since the node’s address is on a bridge and it finds no device for direct routing',
    'KPR1001 n2',
    {
      scenario: cluster({
        systemPods: [crashing('unable to determine direct routing device. Use --direct-routing-device to specify it')],
        n2: { ...links(['eth0'], ['br0', '172.30.0.12']), agent: { ready: false } },
      }),
      sibling: cluster({
        systemPods: [anAgentPod('n2')],
        n2: {
          ...links(['eth0'], ['br0', '172.30.0.12']),
          ...selected('br0', 'br0'),
          nodeAddresses: [row('172.30.0.12', 'br0')],
          ...way('br0'),
        },
      }),
    },
  ),
  seen('cilium/cilium#16019', 'an agent takes its own device for one of the node’s', 'KPR1009 n2', {
    scenario: n2(selected('eth0', 'eth0', 'cilium_host')),
    sibling: n2(selected('eth0', 'eth0', 'eth1')),
  }),
  seen(
    ['cilium/cilium#26882', 'cilium/cilium#27121'],
    'the physical NIC is selected, and the node’s address is on its VLAN',
    'KPR1009 n2',
    {
      scenario: n2({
        ...links(['eth0', '10.9.0.2'], ['eth0.700', '172.30.0.12']),
        ...selected('eth0', 'eth0'),
        nodeAddresses: [row('10.9.0.2', 'eth0')],
      }),
      sibling: n2({
        ...links(['eth0', '10.9.0.2'], ['eth0.700', '172.30.0.12']),
        ...selected('eth0.700', 'eth0.700'),
        ...way('eth0.700'),
        nodeAddresses: [row('172.30.0.12', 'eth0.700')],
      }),
    },
  ),
  seen(
    ['cilium/cilium#12317', 'cilium/cilium#17463'],
    'the node’s address is on the loopback device, and no device is found',
    'KPR1009 n2',
    {
      scenario: n2({ ...links(['lo', '127.0.0.1', '172.30.0.12'], ['eth0', '10.1.0.2']), ...selected(undefined) }),
      sibling: n2({
        ...links(['lo', '127.0.0.1', '172.30.0.12'], ['eth0', '10.1.0.2']),
        nodeAddresses: [row('172.30.0.12', 'lo')],
      }),
    },
  ),
  seen(
    ['cilium/cilium#12095', 'docs: kube-proxy free, node addresses'],
    'all nodes call the address of their NAT interface their own',
    'KPR1009 n1,n2',
    {
      scenario: cluster({ nodes: [internal('n1', '10.0.2.15'), internal('n2', '10.0.2.15')] }),
      sibling: cluster({ nodes: [internal('n1', '172.30.0.11'), internal('n2', '172.30.0.12')] }),
    },
  ),
  seen('cilium/cilium#24481', 'an address that a node has got is not served until its agent restarts', 'KPR1009 n2', {
    scenario: n2(
      {
        ...links(['eth0', '172.30.0.12', '172.30.0.99']),
        nodeAddresses: [row('172.30.0.12', 'eth0'), row('172.30.0.99', 'eth0', false)],
      },
      { nodes: [internal('n2', '172.30.0.99', '172.30.0.12')] },
    ),
    sibling: n2(
      {
        ...links(['eth0', '172.30.0.12', '172.30.0.99']),
        nodeAddresses: [row('172.30.0.12', 'eth0'), row('172.30.0.99', 'eth0')],
      },
      { nodes: [internal('n2', '172.30.0.99', '172.30.0.12')] },
    ),
  }),
  unseen(
    ['cilium/cilium#37691', 'cilium/cilium#36136'],
    'NodePorts are not served at an address that keepalived or kube-vip moves between nodes',
    'wish',
    'that clients use this address and not the nodes’',
  ),
  seen('cilium/cilium#30746', 'the device of a pod is taken for one of the node’s, and the agent ends', 'KPR1009 n2', {
    scenario: n2(selected('lxc0a1b2c3d4e5f', 'eth0', 'lxc0a1b2c3d4e5f'), { version: '1.16.0' }),
    sibling: n2(selected('eth0', 'eth0', 'enx0050b6'), { version: '1.16.0' }),
  }),
  seen(
    'hobby-kube/provisioning#107',
    'NodePorts are served at the link-local IPv6 address instead of the public one',
    'KPR1009 n2',
    {
      scenario: six({ version: '1.19.4', n2: sixOn('fe80::12') }),
      sibling: six({ version: '1.19.4', n2: sixOn('2001:db8::12') }),
    },
  ),
  seen(
    ['cilium/cilium#44436', 'cilium/cilium#36752', 'cilium/cilium#44778'],
    'of two IPv6 addresses the link-local one is taken for NodePorts',
    'KPR1012 n2',
    {
      scenario: six({ version: '1.19.1', n2: sixOn('fe80::12') }),
      sibling: six({ version: '1.19.1', n2: sixOn('2001:db8::12') }),
    },
  ),
  seen('cilium/cilium#19497', 'devices are limited to the inner one, and pods lose the way out', 'KPR1009 n2', {
    scenario: n2(
      {
        ...named('lan0'),
        ...links(['lan0', '172.30.0.12'], ['wan0', '198.51.100.12']),
        ...selected('lan0', 'lan0'),
        ...way('wan0'),
        nodeAddresses: [row('172.30.0.12', 'lan0')],
      },
      {
        ...configured('lan0'),
        n1: {
          ...named('lan0'),
          ...links(['lan0', '172.30.0.11']),
          ...selected('lan0', 'lan0'),
          ...way('lan0'),
          nodeAddresses: [row('172.30.0.11', 'lan0')],
        },
      },
    ),
    sibling: n2(
      {
        ...named('lan0 wan0'),
        ...links(['lan0', '172.30.0.12'], ['wan0', '198.51.100.12']),
        ...selected('lan0', 'lan0', 'wan0'),
        ...way('wan0'),
        nodeAddresses: [row('172.30.0.12', 'lan0'), row('198.51.100.12', 'wan0')],
      },
      {
        ...configured('lan0 wan0'),
        n1: {
          ...named('lan0 wan0'),
          ...links(['lan0', '172.30.0.11']),
          ...selected('lan0', 'lan0'),
          ...way('lan0'),
          nodeAddresses: [row('172.30.0.11', 'lan0')],
        },
      },
    ),
  }),
  seen(
    ['canonical/k8s-snap#2802', 'cilium/cilium#43819', 'cilium/cilium#47400'],
    'answers of local backends leave by the default route’s device, which is not selected',
    'KPR1009 n1,n2',
    {
      scenario: cluster({
        ...configured('eth1 eth2'),
        n1: serviceNics('172.30.0.11', '192.0.2.11'),
        n2: serviceNics('172.30.0.12', '192.0.2.12'),
        version: '1.20.2',
      }),
      sibling: cluster({
        ...configured('eth1 eth2'),
        n1: { ...serviceNics('172.30.0.11', '192.0.2.11'), ...way('eth1') },
        n2: { ...serviceNics('172.30.0.12', '192.0.2.12'), ...way('eth1') },
        version: '1.20.2',
      }),
    },
  ),
  seen(
    'canonical/k8s-operator#808',
    'direct routing goes by the load balancer’s VLAN, which the nodes’ addresses are not on',
    'KPR1009 n2',
    {
      scenario: n2(twoVlans('bond0.2392')),
      sibling: n2(twoVlans('bond0.74')),
    },
  ),
  seen('cilium/cilium#31528', 'a node got another address, and NodePorts stay at the one of before', 'KPR1009 n2', {
    scenario: n2({ ...links(['eth0', '172.30.0.12']), nodeAddresses: [row('172.30.0.77', 'eth0')] }),
    sibling: n2({
      ...links(['eth0', '172.30.0.12', '172.30.0.77']),
      nodeAddresses: [row('172.30.0.12', 'eth0'), row('172.30.0.77', 'eth0')],
    }),
  }),
  seen(
    ['deckhouse/deckhouse#19816', 'deckhouse/deckhouse#19866'],
    'the ranges that NodePorts are to be served in leave a node out',
    'KPR1009 n2',
    {
      scenario: n2({ nodeAddresses: [row('172.30.0.12', 'eth0', false)] }, ranged('10.50.0.0/16,172.30.0.11/32')),
      sibling: n2({ nodeAddresses: [row('172.30.0.12', 'eth0')] }, ranged('172.30.0.0/16')),
    },
  ),
  seen(
    ['cilium/cilium#14558', 'cilium/cilium#21471', 'cilium/cilium#33011'],
    'a device has two addresses, Kubernetes knows the node by the second, and NodePorts are served at the first',
    'KPR1009 n1',
    {
      scenario: cluster({ nodes: [internal('n1', '172.30.0.98')], n1: twoAddresses('172.30.0.11', '172.30.0.98') }),
      sibling: cluster({ nodes: [internal('n1', '172.30.0.98')], n1: twoAddresses('172.30.0.98', '172.30.0.11') }),
    },
  ),
  missed(
    'cilium/cilium#29299',
    'a network card that a cloud adds later is not among the devices until the agent restarts',
    'KPR1009',
    'which cards are to serve, where no address of Kubernetes is on them: many clusters have cards that are not to',
  ),
  missed(
    'rustyrazorblade/easy-db-lab#805',
    'a network manager takes a card that a cloud added for pods, and with it a second default route',
    'KPR1009',
    'two default routes are healthy where somebody meant them',
  ),
  missed(
    ['cilium/cilium#15200', 'cilium/cilium#10462'],
    'between two network cards of one subnet the way back is not found',
    'KPR4010',
    onlyByConnecting,
  ),
  missed(
    ['cilium/cilium#19908', 'cilium/cilium#29567', 'cilium/cilium#9786'],
    'first packets are lost, since nobody knows the next hop’s MAC address',
    'KPR4010',
    onlyByConnecting,
  ),
  missed(
    ['cilium/cilium#29583', 'cilium/cilium#26128'],
    'large answers are lost on a way of a smaller MTU',
    'KPR4010',
    'connections are opened and closed, and nothing large is sent',
  ),
];

/** eth0 has the node's address; eth1 and eth2 are for load balancers, and are all that is selected. */
function serviceNics(address: string, balanced: string): NodeChanges {
  return {
    startedConfig: settings({ devices: 'eth1 eth2' }),
    ...links(['eth0', '10.4.0.2'], ['eth1', address], ['eth2', balanced]),
    ...selected('eth1', 'eth1', 'eth2'),
    nodeAddresses: [row(address, 'eth1'), row(balanced, 'eth2')],
    ...way('eth0'),
  };
}

function twoVlans(directRoutingDevice: string): NodeChanges {
  return {
    ...links(['bond0.74', '172.30.0.12'], ['bond0.2392', '192.0.2.12']),
    status: {
      kpr: {
        devices: [
          { name: 'bond0.74', addresses: ['172.30.0.12'] },
          { name: 'bond0.2392', addresses: ['192.0.2.12'] },
        ],
        directRoutingDevice,
      },
    },
    nodeAddresses: [row('172.30.0.12', 'bond0.74'), row('192.0.2.12', 'bond0.2392')],
    ...way('bond0.74'),
  };
}
