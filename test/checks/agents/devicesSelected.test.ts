import { expect, test } from 'vitest';
import { devicesSelected } from '../../../checks/agents/devicesSelected.ts';
import {
  aMissing,
  aSnapshot,
  type ClusterChanges,
  codesOf,
  findingsOf,
  type NodeChanges,
  type SnapshotChanges,
} from '../../support/aSnapshot.ts';
import type { Service } from '../../../src/model/kubernetes.ts';
import { aNode, ciliumConfig } from '../../support/healthy.ts';
import { shop, shopCluster } from '../../support/shopCluster.ts';
import { standardCases } from '../../support/standardCases.ts';

const eth0 = { name: 'eth0', addresses: ['172.30.0.12'] };
const row = (address: string, device: string, nodePort = true) => ({ address, device, nodePort, primary: true });
const interfaces = (...list: readonly [string, string][]) =>
  list.map(([name, address]) => ({ name, up: true, addresses: [address] }));
const internalIP = (name: string, ...addresses: string[]) =>
  aNode(name, { status: { addresses: addresses.map((address) => ({ type: 'InternalIP', address })) } });
const n2 = (changes: NodeChanges): SnapshotChanges => ({ nodes: { n2: changes } });
const dualStack = (changes: NodeChanges): SnapshotChanges => ({
  facts: { nodes: [aNode('n1'), internalIP('n2', '172.30.0.12', 'fd00::12')] },
  nodes: { n2: { startedConfig: new Map([...ciliumConfig, ['enable-ipv6', 'true']]), ...changes } },
});
const elsewhere = {
  nodeAddresses: [row('10.9.0.2', 'eth0')],
  interfaces: interfaces(['eth0', '10.9.0.2'], ['bond0.7', '172.30.0.12']),
};

const notServed: NodeChanges = {
  nodeAddresses: [row('172.30.0.99', 'eth0'), row('172.30.0.12', 'eth0', false)],
  interfaces: interfaces(['eth0', '172.30.0.12'], ['eth0', '172.30.0.99']),
};
const named = (text: string) => ({ startedConfig: new Map([...ciliumConfig, ['devices', text]]) });
const eth1 = { name: 'eth1', addresses: ['192.0.2.12'] };
/** eth0 has the default route and the InternalIP. */
const bypassed: NodeChanges = {
  ...named('eth1'),
  status: { kpr: { devices: [eth1], directRoutingDevice: 'eth1' } },
  nodeAddresses: [row('192.0.2.12', 'eth1')],
  interfaces: interfaces(['eth0', '172.30.0.112'], ['eth1', '192.0.2.12']),
};
const elsewhereRouted: NodeChanges = {
  status: { kpr: { devices: [eth0, eth1], directRoutingDevice: 'eth1' } },
};
const way = (device: string, metric: number) => ({ family: 'ipv4', gateway: '192.0.2.1', device, metric }) as const;

test.each<[string, SnapshotChanges, string[]]>([
  ['the default route leaves by another device', n2(bypassed), ['warning defaultRouteDevice n2']],
  [
    'the better of two leaves by a selected one',
    n2({ ...bypassed, defaultRoutes: [way('eth0', 100), way('eth1', 50)] }),
    [],
  ],
  ['nobody named devices', n2({ ...bypassed, startedConfig: ciliumConfig }), []],
  [
    'routes were not read, and another device has an address',
    n2({ ...bypassed, defaultRoutes: aMissing('notCollected') }),
    ['info otherUplink n2'],
  ],
  ['direct routing by a device without the InternalIP', n2(elsewhereRouted), ['warning directRoutingElsewhere n2']],
  ['a served address that is gone', n2({ nodeAddresses: [row('172.30.0.99', 'eth0')] }), ['warning addressGone n2']],
  ['one InternalIP of two is on no interface', dualStack({}), ['error internalIPGone n2']],
  ['healthy', {}, []],
  ['no device', n2({ status: { kpr: { devices: [], directRoutingDevice: undefined } } }), ['error noDevice n2']],
  [
    'no direct routing device',
    n2({ status: { kpr: { directRoutingDevice: undefined } } }),
    ['warning noDirectRouting n2'],
  ],
  [
    'a device of Cilium',
    n2({ status: { kpr: { devices: [eth0, { name: 'cilium_host', addresses: [] }] } } }),
    ['warning wrongDeviceToo n2'],
  ],
  [
    'a device of a pod',
    n2({ status: { kpr: { devices: [eth0, { name: 'lxc12ab', addresses: [] }] } } }),
    ['warning wrongDeviceToo n2'],
  ],
  ['several devices', n2({ status: { kpr: { devices: [eth0, { name: 'eth1', addresses: [] }] } } }), []],
  ['the address on another device', n2(elsewhere), ['warning otherDevice n2']],
  ['the address not served on its device', n2(notServed), ['warning notServed n2']],
  [
    'ranges are named: left out by intention',
    n2({ ...elsewhere, startedConfig: new Map([['nodeport-addresses', '10.9.0.0/16']]) }),
    [],
  ],
  [
    'an address that NAT makes',
    n2({ nodeAddresses: [row('10.9.0.2', 'eth0')], interfaces: interfaces(['eth0', '10.9.0.2']) }),
    [],
  ],
  [
    'the IPv6 address while IPv6 is off',
    { facts: { nodes: [aNode('n1'), internalIP('n2', '172.30.0.12', 'fd00::12')] } },
    [],
  ],
  [
    'dual stack',
    dualStack({
      nodeAddresses: [row('172.30.0.12', 'eth0'), row('fd00::12', 'eth0')],
      interfaces: interfaces(['eth0', '172.30.0.12'], ['eth0', 'fd00::12']),
    }),
    [],
  ],
  [
    'dual stack, the link-local address instead',
    dualStack({
      nodeAddresses: [row('172.30.0.12', 'eth0'), row('fe80::1', 'eth0')],
      interfaces: interfaces(['eth0', 'fd00::12'], ['eth0', '172.30.0.12'], ['eth0', 'fe80::1']),
    }),
    ['warning notServed n2'],
  ],
  [
    'one address on two nodes',
    { facts: { nodes: [internalIP('n1', '10.0.2.15'), internalIP('n2', '10.0.2.15')] } },
    ['error sharedAddress n1,n2'],
  ],
])('%s', (_, changes, expected) => {
  expect(
    findingsOf(devicesSelected, aSnapshot(changes)).map(
      ({ severity, variant, nodes }) => `${severity} ${variant} ${nodes.join()}`,
    ),
  ).toEqual(expected);
});

test('the remedy keeps the devices that are selected now', () => {
  expect(findingsOf(devicesSelected, aSnapshot(n2(elsewhere)))[0]?.params).toEqual({
    address: '172.30.0.12',
    device: 'bond0.7',
    devices: 'eth0 bond0.7',
  });
});

const off = { status: { kpr: { mode: 'False', nodePort: undefined } } };
test.each<[SnapshotChanges, string[]]>([
  [{}, []],
  [n2({ nodeAddresses: aMissing('timeout') }), ['unknown n2 timeout']],
  [n2({ nodeAddresses: [row('10.9.0.2', 'eth0')], interfaces: aMissing('timeout') }), ['unknown n2 timeout']],
  [{ facts: { nodes: aMissing('forbidden') } }, ['unknown forbidden']],
  [{ nodes: { n1: off, n2: off } }, ['skipped: no node serves NodePorts through eBPF']],
])('what is not read is unknown, what is off is skipped (%#)', (changes, expected) => {
  expect(codesOf(devicesSelected, aSnapshot(changes))).toEqual(expected);
});

const twice = { nodes: [internalIP('n1', '10.0.2.15'), internalIP('n2', '10.0.2.15')] };

const ranged = (ranges: string, isServed = false, spec: Service['spec'] = nodePorts): SnapshotChanges =>
  shopCluster({
    services: [shop(spec)],
    n2: {
      startedConfig: new Map([...ciliumConfig, ['nodeport-addresses', ranges]]),
      nodeAddresses: [row('172.30.0.12', 'eth0', isServed)],
    },
  });
const nodePorts: Service['spec'] = { type: 'NodePort', ports: [{ port: 80, nodePort: 30_080 }] };

test.each<[string, SnapshotChanges, string[]]>([
  ['no address is within the ranges that are named', ranged('10.50.0.0/16, fd00::/8'), ['KPR1009 n2']],
  ['one is', ranged('172.30.0.0/16', true), []],
  ['no Service has a NodePort', ranged('10.50.0.0/16', false, {}), []],
  ['NodePorts are for the node itself', ranged('127.0.0.0/8,::1/128'), []],
])('%s', (_, changes, expected) => {
  expect(codesOf(devicesSelected, aSnapshot(changes))).toEqual(expected);
});

const severities = (changes: SnapshotChanges): string[] =>
  findingsOf(devicesSelected, aSnapshot(changes)).map(({ severity }) => severity);

test('where all nodes are outside of the ranges, no NodePort is served', () => {
  const outside = {
    startedConfig: new Map([...ciliumConfig, ['nodeport-addresses', '10.50.0.0/16']]),
    nodeAddresses: [row('172.30.0.12', 'eth0', false)],
  };
  const both = shopCluster({ services: [shop(nodePorts)], n2: outside });
  expect(severities({ ...both, nodes: { ...both.nodes, n1: outside } })).toEqual(['error']);
  expect(severities(ranged('10.50.0.0/16'))).toEqual(['warning']);
});

const host = { name: 'cilium_net', addresses: [] };
const onHost = (devices: readonly (typeof eth0 | typeof host)[], changes: NodeChanges = {}): SnapshotChanges =>
  n2({
    ...named('cilium_net'),
    status: { kpr: { devices, directRoutingDevice: 'cilium_net' } },
    nodeAddresses: [row('10.244.1.1', 'cilium_host', false)],
    interfaces: interfaces(['eth0', '172.30.0.12'], ['cilium_net', '10.244.1.1']),
    ...changes,
  });
test.each<[string, SnapshotChanges, string[]]>([
  ['alone', onHost([host]), ['error onlyWrongDevices eth0']],
  [
    'alone, and the address of the node is on no interface',
    onHost([host], { interfaces: interfaces(['eth0', '10.9.0.2']) }),
    ['error onlyWrongDevices eth0'],
  ],
  [
    'alone, and nobody knows a better one',
    onHost([host], { interfaces: [], defaultRoutes: aMissing('notCollected') }),
    ['warning wrongDevice undefined'],
  ],
  [
    'beside one of two that are right',
    onHost([eth0, host], { nodeAddresses: [row('172.30.0.12', 'eth0')] }),
    ['warning wrongDeviceToo eth0'],
  ],
])('a device that leads nowhere, %s: told once, with all that are to be named', (_, changes, expected) => {
  const found = findingsOf(devicesSelected, aSnapshot(changes)).filter(({ variant }) => !/Routing/.test(variant));
  expect(found.map(({ severity, variant, params }) => `${severity} ${variant} ${params['devices']}`)).toEqual(expected);
});

const known = (...addresses: readonly (readonly [string, string])[]): ClusterChanges => ({
  ciliumNodes: [
    { metadata: { name: 'n2' }, spec: { addresses: addresses.map(([type, ip]) => ({ type, ip })) } },
    { metadata: { name: 'n1' } },
    { metadata: { name: 'n9' }, spec: { addresses: [{ type: 'InternalIP', ip: '172.30.0.99' }] } },
  ],
});
const stale = known(['InternalIP', '172.30.0.77'], ['CiliumInternalIP', '10.244.2.1']);
test.each<[string, SnapshotChanges, string[]]>([
  ['that nobody here has', { facts: stale }, ['KPR1009 n2']],
  ['of Kubernetes', { facts: known(['InternalIP', '172.30.0.12']) }, []],
  [
    'of an interface',
    { facts: stale, ...n2({ interfaces: interfaces(['eth0', '172.30.0.12'], ['eth1', '172.30.0.77']) }) },
    [],
  ],
  ['and none of its own is known', { facts: { ...stale, nodes: [aNode('n1'), internalIP('n2')] } }, []],
  [
    'and interfaces were not read',
    { facts: stale, ...n2({ interfaces: aMissing('timeout') }) },
    ['unknown n2 timeout'],
  ],
  ['of which nothing was read', { facts: { ciliumNodes: aMissing('forbidden') } }, []],
])('a CiliumNode says an address %s', (_, changes, expected) => {
  expect(codesOf(devicesSelected, aSnapshot(changes))).toEqual(expected);
});

const ciliumNode = (name: string) => ({ metadata: { name } });
test.each<[string, SnapshotChanges, string[]]>([
  ['of one node is gone', { facts: { ciliumNodes: [ciliumNode('n1')] } }, ['KPR1009 n2']],
  ['of no node is there: nodes know each other otherwise', { facts: { ciliumNodes: [] } }, []],
  [
    'of a node whose agent has just started is not there yet',
    {
      facts: { ciliumNodes: [ciliumNode('n1')] },
      nodes: { n2: { agent: { startedAt: '2026-11-21T09:59:30Z' } } },
    },
    [],
  ],
])('a CiliumNode %s', (_, changes, expected) => {
  expect(codesOf(devicesSelected, aSnapshot(changes))).toEqual(expected);
});

standardCases(devicesSelected, {
  faulty: {
    KPR1009: {
      noDevice: n2({ status: { kpr: { devices: [], directRoutingDevice: undefined } } }),
      wrongDevice: onHost([host], { interfaces: [], defaultRoutes: aMissing('notCollected') }),
      wrongDeviceToo: n2({ status: { kpr: { devices: [eth0, { name: 'cilium_host', addresses: [] }] } } }),
      onlyWrongDevices: onHost([host]),
      strangeAddress: { facts: stale },
      ciliumNodeGone: { facts: { ciliumNodes: [ciliumNode('n1')] } },
      noDirectRouting: n2({ status: { kpr: { directRoutingDevice: undefined } } }),
      notServed: n2(notServed),
      defaultRouteDevice: n2(bypassed),
      otherUplink: n2({ ...bypassed, defaultRoutes: aMissing('notCollected') }),
      directRoutingElsewhere: n2(elsewhereRouted),
      addressGone: n2({ nodeAddresses: [row('172.30.0.99', 'eth0')] }),
      internalIPGone: dualStack({}),
      otherDevice: n2(elsewhere),
      outsideRanges: ranged('10.50.0.0/16'),
      sharedAddress: { facts: twice },
    },
  },
  notApplicable: { nodes: { n1: off, n2: off } },
  hostile: (text) =>
    n2({ status: { kpr: { devices: [{ name: `x${text}`, addresses: [] }], directRoutingDevice: undefined } } }),
});
