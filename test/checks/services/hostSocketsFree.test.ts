import { expect, it } from 'vitest';
import { hostPortsFree } from '../../../checks/services/hostPortsFree.ts';
import { hostSocketsFree } from '../../../checks/services/hostSocketsFree.ts';
import type { Listener } from '../../../src/model/NodeFacts.ts';
import { aMissing, aSnapshot, codesOf, type SnapshotChanges } from '../../support/aSnapshot.ts';
import { aPod } from '../../support/lbObjects.ts';
import { shop, shopCluster, shopSlice } from '../../support/shopCluster.ts';
import { standardCases } from '../../support/standardCases.ts';

const listening = (address: string, port = 53): { readonly listeners: readonly Listener[] } => ({
  listeners: [{ address, port }],
});
const withHostPort = (listeners: { readonly listeners: readonly Listener[] }, port: object = {}): SnapshotChanges =>
  shopCluster({ pods: [aPod('dns', [{ containerPort: 53, hostPort: 53, ...port }])], n1: listeners });
const onHost = (
  port: number,
  settings: Readonly<Record<string, string>> = {},
  name = 'proxy',
  meta: object = {},
): SnapshotChanges =>
  shopCluster({
    services: [shop({ type: 'NodePort', ports: [{ name: 'http', port: 80, nodePort: 30_080, protocol: 'TCP' }] })],
    slices: [shopSlice()],
    pods: [aPod(name, [{ containerPort: port }], { spec: { hostNetwork: true }, meta })],
    settings,
  });
const off = { status: { kpr: { socketLb: false } } };

it.each<[string, SnapshotChanges, string[]]>([
  ['a resolver on loopback', withHostPort(listening('127.0.0.53')), ['KPR5003 n1']],
  ['one of IPv6', withHostPort(listening('::1')), ['KPR5003 n1']],
  ['what listens at the node’s address', withHostPort(listening('172.30.0.11')), []],
  ['another port', withHostPort(listening('127.0.0.1', 5353)), []],
  ['UDP, of which listeners are not known', withHostPort(listening('127.0.0.1'), { protocol: 'UDP' }), []],
  ['a hostPort at one address of the node', withHostPort(listening('127.0.0.1'), { hostIP: '172.30.0.11' }), []],
  ['a process at a NodePort', onHost(30_080), ['KPR5003 n1']],
  ['one next to it', onHost(30_081), []],
  ['one that goes', onHost(30_080, {}, 'proxy', { deletionTimestamp: '2026-11-21T09:59:59Z' }), []],
  ['bind protection is off', onHost(30_080, { 'node-port-bind-protection': 'false' }), []],
  [
    'listeners were not read',
    shopCluster({
      pods: [aPod('dns', [{ containerPort: 53, hostPort: 53 }])],
      n1: { listeners: aMissing('timeout') },
    }),
    ['unknown n1 timeout'],
  ],
  ['nor is there a need', { nodes: { n1: { listeners: aMissing('timeout') } } }, []],
])('%s', (_, changes, expected) => {
  expect(codesOf(hostSocketsFree, aSnapshot(changes))).toEqual(expected);
});

standardCases(hostSocketsFree, {
  faulty: {
    KPR5003: {
      bindRefused: onHost(30_080),
      hidesLoopback: withHostPort(listening('127.0.0.1')),
      inRange: { raisedBy: hostPortsFree },
      zeroHostIP: { raisedBy: hostPortsFree },
      hidesKubelet: { raisedBy: hostPortsFree },
      twoPods: { raisedBy: hostPortsFree },
      overwritten: { raisedBy: hostPortsFree },
    },
  },
  notApplicable: { nodes: { n1: off, n2: off } },
  hostile: (text) => onHost(30_080, {}, text),
});
