import { describe, expect, it } from 'vitest';
import type { Datapath } from '../../../src/expect/lb/datapath.ts';
import SemVer from 'semver/classes/semver.js';
import { behaviourOf } from '../../../src/expect/lb/versionGates.ts';
import { plainRow } from '../../../src/expect/trace/traceContext.ts';
import { type Target, type TraceSource, wayOf } from '../../../src/expect/trace/traceWay.ts';
import { known } from '../../../src/model/Fact.ts';
import type { Protocol } from '../../../src/model/lb/address.ts';
import type { FlagName, FrontendType } from '../../../src/model/lb/lbFlags.ts';
import { frontendKey } from '../../../src/model/lb/keys.ts';

const minor = (number: number) => behaviourOf(new SemVer(`1.${number}.0`));

const datapath = (more: Partial<Datapath> = {}): Datapath => ({
  behaviour: minor(20),
  replacement: true,
  socketLb: 'everywhere',
  perPacket: false,
  perPacketScoped: true,
  mode: 'snat',
  modeAnnotation: false,
  dsrDispatch: undefined,
  maglevTableSize: undefined,
  xdp: false,
  devices: ['eth0', 'eth1'],
  externalIpMitigation: true,
  noBackend: 'reject',
  programs: known([{ name: 'cil_sock4_connect', attachType: 'cgroup_inet4_connect' }], 'bpftool'),
  assumed: undefined,
  ...more,
});
const hostOnly = { socketLb: 'hostOnly', perPacket: true } as const;

interface Asked {
  readonly flags?: readonly FlagName[];
  readonly protocol?: Protocol;
  readonly more?: Partial<Omit<Target, 'row'>>;
}

const target = (type: FrontendType, { flags = [], protocol = 'TCP', more = {} }: Asked = {}): Target => ({
  row: {
    ...plainRow,
    key: frontendKey('10.0.0.1', 80, protocol, 'external'),
    agentKey: frontendKey('10.0.0.1', 80, protocol, 'external'),
    address: '10.0.0.1',
    port: 80,
    protocol,
    type,
    flags: new Set(flags),
    owner: { kind: 'Service', namespace: 'shop', name: 'cart' },
    portName: '',
  },
  place: 'one',
  isOwnAddress: false,
  isL7: false,
  isInTable: true,
  ...more,
});
const others = { more: { place: 'others' } } as const;

type Case = readonly [what: string, TraceSource, Target, Partial<Datapath>, expected: string];

describe('who translates, in which scope', () => {
  const cases: readonly Case[] = [
    ['a ClusterIP', 'pod', target('ClusterIP'), {}, 'socketLb external'],
    ['a ClusterIP', 'node', target('ClusterIP'), {}, 'socketLb external'],
    ['a ClusterIP', 'external', target('ClusterIP', { flags: ['non-routable'] }), {}, 'nobody external'],
    ['a ClusterIP that is open', 'external', target('ClusterIP'), {}, 'device external'],
    ['a load balancer', 'pod', target('LoadBalancer'), {}, 'socketLb external'],
    ['two scopes', 'pod', target('LoadBalancer', { flags: ['two-scopes', 'Local'] }), {}, 'socketLb internal'],
    ['two scopes', 'external', target('LoadBalancer', { flags: ['two-scopes', 'Local'] }), {}, 'device external'],
    ['NodePorts of other nodes', 'pod', target('NodePort', others), {}, 'socketLb external'],
    ['no address for NodePorts', 'external', target('NodePort', others), {}, 'nobody external'],
    ['an external IP', 'pod', target('ExternalIPs'), {}, 'elsewhere external'],
    ['an external IP', 'external', target('ExternalIPs'), {}, 'device external'],
    ['the node’s own', 'pod', target('ExternalIPs', { more: { isOwnAddress: true } }), {}, 'socketLb external'],
    ['who knows whose', 'pod', target('ExternalIPs', { more: { isOwnAddress: undefined } }), {}, 'unknown external'],
    ['no mitigation', 'pod', target('ExternalIPs'), { externalIpMitigation: false }, 'socketLb external'],
    ['what sockets leave alone', 'pod', target('ExternalIPs'), { perPacket: true }, 'podInterface external'],
    ['what sockets leave alone', 'node', target('ExternalIPs'), { perPacket: true }, 'elsewhere external'],
    [
      'two scopes, one row',
      'pod',
      target('ExternalIPs', { flags: ['two-scopes'], more: { isOwnAddress: true } }),
      {},
      'nobody external',
    ],
    ['L7', 'pod', target('ClusterIP', { more: { isL7: true } }), {}, 'podInterface external'],
    ['L7', 'node', target('ClusterIP', { more: { isL7: true } }), {}, 'socketLb external'],
    ['SCTP', 'node', target('ClusterIP', { protocol: 'SCTP' }), { perPacket: true }, 'nobody external'],
    ['SCTP', 'pod', target('ClusterIP', { protocol: 'SCTP' }), { perPacket: true }, 'podInterface external'],
    ['delegation', 'pod', target('LoadBalancer', { flags: ['delegate-if-local'] }), {}, 'elsewhere external'],
    [
      'delegation, 1.18',
      'pod',
      target('LoadBalancer', { flags: ['delegate-if-local'] }),
      { behaviour: minor(18) },
      'socketLb external',
    ],
    ['host only', 'pod', target('ClusterIP'), hostOnly, 'podInterface external'],
    ['host only', 'node', target('ClusterIP'), hostOnly, 'socketLb external'],
    ['host only, other nodes', 'pod', target('NodePort', others), hostOnly, 'podInterface external'],
    ['… 1.19', 'pod', target('NodePort', others), { ...hostOnly, behaviour: minor(19) }, 'elsewhere external'],
    [
      '… 1.19 with DSR',
      'pod',
      target('NodePort', { ...others, flags: ['dsr'] }),
      { ...hostOnly, behaviour: behaviourOf(new SemVer('1.19.3')) },
      'podInterface external',
    ],
    [
      '… 1.18 with DSR',
      'pod',
      target('NodePort', { ...others, flags: ['dsr'] }),
      { ...hostOnly, behaviour: minor(18) },
      'elsewhere external',
    ],
    [
      'off, left to kube-proxy',
      'pod',
      target('NodePort', { more: { isInTable: false } }),
      { replacement: false, socketLb: 'off', perPacket: true },
      'kubeProxy external',
    ],
    [
      'off, in the table',
      'pod',
      target('LoadBalancer', { flags: ['two-scopes'] }),
      { replacement: false, socketLb: 'off', perPacket: true, perPacketScoped: false },
      'podInterface external',
    ],
    ['off', 'node', target('ClusterIP'), { replacement: false, socketLb: 'off' }, 'kubeProxy external'],
    ['off, with socket LB', 'node', target('ClusterIP'), { replacement: false }, 'socketLb external'],
    ['off', 'external', target('LoadBalancer'), { replacement: false }, 'kubeProxy external'],
  ];
  it.each(cases)('%s from %s', (_, source, to, more, expected) => {
    const { translator, scope } = wayOf(source, to, datapath(more));
    expect(`${translator} ${scope}`).toBe(expected);
  });
});

it.each([
  [{ xdp: true }, [], 'eBPF (XDP) at eth0, eth1'],
  [{ xdp: true }, ['Local'], 'eBPF (tc) at eth0, eth1, because XDP leaves policy Local to it'],
  [{ devices: undefined }, [], 'eBPF (tc) at the node’s devices'],
] as const)('from outside with %j and flags %j: %s', (more, flags, how) => {
  expect(wayOf('external', target('LoadBalancer', { flags }), datapath(more)).how).toBe(how);
});

it('UDP needs more hooks than TCP', () => {
  expect(wayOf('pod', target('ClusterIP', { protocol: 'UDP' }), datapath()).detached).toEqual(['sendmsg4', 'recvmsg4']);
  expect(wayOf('pod', target('ClusterIP'), datapath()).detached).toEqual([]);
});
