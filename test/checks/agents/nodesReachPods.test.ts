import { describe, expect, test } from 'vitest';
import { nodesReachPods } from '../../../checks/agents/nodesReachPods.ts';
import type { ReachTry } from '../../../src/model/NodeFacts.ts';
import { aMissing, aSnapshot, codesOf, findingsOf, type SnapshotChanges } from '../../support/aSnapshot.ts';
import { ciliumConfig } from '../../support/healthy.ts';
import { standardCases } from '../../support/standardCases.ts';
import { type Tried, tried } from '../../support/tried.ts';

const two = ['n1', 'n2'];
const pods = (kind: ReachTry['kind']): boolean => kind !== 'node';

/** Pods are not reached where this says so; nodes are. */
const lost = (isLost: (from: string, to: string) => boolean, more: Tried = {}): SnapshotChanges =>
  tried({ answer: (from, to, kind) => (pods(kind) && isLost(from, to) ? 'timeout' : 'open'), ...more });

const isApart = (from: string, to: string): boolean => from !== to && from !== 'n3' && to !== 'n3';
const ofN3 = (from: string, to: string): boolean => from !== to && [from, to].includes('n3');
const withoutHealth = ['pod', 'pod', 'node'] as const;

/** Variants with their nodes. */
const found = (changes: SnapshotChanges): string[] =>
  findingsOf(nodesReachPods, aSnapshot(changes)).map(({ variant, nodes }) => `${variant} ${nodes.join()}`);

test.each<[string, SnapshotChanges, string[]]>([
  ['two nodes', lost((from, to) => from !== to, { nodes: two }), ['apart n1,n2']],
  ['one direction of two nodes', lost((from, to) => from === 'n1' && to === 'n2', { nodes: two }), ['oneWay n1,n2']],
  ['two nodes of three', lost(isApart), ['apart n1,n2']],
  ['one direction', lost((from, to) => from === 'n1' && to === 'n2'), ['oneWay n1,n2']],
  ['one node and all others', lost(ofN3), ['cutOff n3']],
  ['into one node', lost((from, to) => from !== to && to === 'n3'), ['unreached n3']],
  ['out of one node', lost((from, to) => from !== to && from === 'n3'), ['reachesNobody n3']],
  ['every node and every other', lost((from, to) => from !== to), ['allApart n1,n2,n3']],
  ['its own pods', lost((from, to) => from === to && to === 'n2'), ['ofItself n2']],
  ['nobody and any pod', lost(() => true), ['silent n1,n2,n3']],
  ['nobody and the pods of one node', lost((_, to) => to === 'n2'), ['silent n2']],
  [
    'what refuses where it is open for others is on the way',
    tried({ nodes: two, answer: (from, to) => (from === 'n1' && to === 'n2' ? 'refused' : 'open') }),
    ['oneWay n1,n2'],
  ],
  ['who refuses everybody is there', tried({ answer: () => 'refused' }), []],
  ['a pod that has gone', tried({ answer: (_, __, kind) => (kind === 'health' ? 'open' : 'timeout') }), []],
  ['a health endpoint that has gone', tried({ answer: (_, __, kind) => (kind === 'health' ? 'timeout' : 'open') }), []],
  [
    'nodes alone, for a firewall may keep port 10250',
    tried({ answer: (_, __, kind) => (pods(kind) ? 'open' : 'timeout') }),
    [],
  ],
  [
    'pods that answer their own node alone, as under a policy',
    lost((from, to) => from !== to, { kinds: withoutHealth }),
    ['perhapsForbidden n1,n2,n3'],
  ],
  [
    'pods that answer some other node: no policy is behind it',
    lost((from, to) => from === 'n1' && to === 'n2', { kinds: withoutHealth }),
    ['oneWay n1,n2'],
  ],
  [
    'what the node itself refuses, no policy of the other is behind',
    lost((from, to) => from !== to, { nodes: two, kinds: withoutHealth, detail: 'Operation not permitted' }),
    ['apart n1,n2'],
  ],
])('lost between %s', (_, changes, expected) => {
  expect(found(changes)).toEqual(expected);
});

const fromN1 = (detail?: string) =>
  findingsOf(
    nodesReachPods,
    aSnapshot(
      lost((from, to) => from === 'n1' && to === 'n2', { nodes: two, ...(detail !== undefined && { detail }) }),
    ),
  ).map(({ params }) => `${params['pairs']}; ${params['hosts']}`);

test('which way is lost, and whether a packet leaves at all', () => {
  expect(fromN1()).toEqual([expect.stringMatching(/^n1 does not reach the pods of n2; the nodes themselves reach/)]);
  expect(fromN1('Permission denied')).toEqual([
    'n1 does not reach the pods of n2; the kernel of the node that asks refuses to send there: a rule or a route of the host forbids it',
  ]);
  expect(fromN1('No route to host')).toEqual([expect.not.stringContaining('refuses')]);
});

const toLetPass = (cilium: Readonly<Record<string, string>>, more: Tried = {}): string[] => {
  const { nodes } = lost((from, to) => from !== to, { nodes: two, ...more });
  const startedConfig = new Map([...ciliumConfig, ...Object.entries(cilium)]);
  const configured = Object.entries(nodes ?? {}).map(([name, one]) => [name, { ...one, startedConfig }] as const);
  return findingsOf(nodesReachPods, aSnapshot({ nodes: Object.fromEntries(configured) })).map(
    ({ params }) => `${params['traffic']} | ${params['filter']}`,
  );
};

describe('what has to be let pass', () => {
  const ends = 'between n1 (10.244.1.4) and n2 (10.244.2.4), both ways, in firewalls, security groups and routers';

  test.each([
    ['by default', {}, 'UDP 8472 (VXLAN)', 'udp port 8472 and host 10.244.1.4'],
    ['another port', { 'tunnel-port': '8473' }, 'UDP 8473 (VXLAN)', 'udp port 8473 and host 10.244.1.4'],
    ['Geneve', { 'tunnel-protocol': 'geneve' }, 'UDP 6081 (Geneve)', 'udp port 6081 and host 10.244.1.4'],
    ['WireGuard', { 'enable-wireguard': 'true' }, 'UDP 51871 (WireGuard)', 'udp port 51871 and host 10.244.1.4'],
    ['IPsec', { 'enable-ipsec': 'true' }, 'UDP 8472 (VXLAN) and ESP (IPsec)', 'host 10.244.1.4'],
    [
      'without a tunnel',
      { 'routing-mode': 'native' },
      'packets to addresses of pods, such as 10.244.2.1,',
      'host 10.244.2.1 and host 10.244.1.4',
    ],
  ])('%s', (_, cilium, what, filter) => {
    expect(toLetPass(cilium)).toEqual([`${what} ${ends} | ${filter}`]);
  });

  test('and what policies for nodes may keep out, where the host firewall is on', () => {
    expect(toLetPass({ 'enable-host-firewall': 'true' })).toEqual([
      expect.stringMatching(/^UDP 8472 .* routers, and in each CiliumClusterwideNetworkPolicy that selects nodes /),
    ]);
  });

  test('all, where not even the nodes reach each other', () => {
    expect(toLetPass({}, { answer: (from, to) => (from === to ? 'open' : 'timeout') })).toEqual([
      `all traffic ${ends} | host 10.244.1.4`,
    ]);
  });

  test('nothing in between, where the node itself forbids it', () => {
    expect(toLetPass({}, { detail: 'Permission denied' })).toEqual([
      'packets to 10.244.2.1, which a rule (ip rule) or a route of n1 itself forbids | udp port 8472 and host 10.244.1.4',
    ]);
  });

  test('without addresses of nodes: their names', () => {
    expect(toLetPass({}, { kinds: withoutHealth.slice(0, 2), detail: 'Operation not permitted' })).toEqual([
      expect.stringMatching(/^UDP 8472 \(VXLAN\) between n1 and n2, .* \| udp port 8472 and host 10\.244\.2\.1$/),
    ]);
  });
});

const overIPv6 = (from: string, to: string, _: unknown, address: string) =>
  from !== to && address.includes(':') ? 'timeout' : 'open';
const over = (changes: SnapshotChanges) =>
  findingsOf(nodesReachPods, aSnapshot(changes)).map(({ variant, params }) => `${variant}${params['over']}`);

test('a family that is lost alone is named, both are not', () => {
  const prefixes = ['10.244.', 'fd00::'];
  expect(over(tried({ prefixes, answer: overIPv6 }))).toEqual(['allApart over IPv6']);
  expect(over(lost((from, to) => from !== to, { prefixes }))).toEqual(['allApart']);
});

test('of IPv6 alone no family is named', () => {
  expect(over(lost((from, to) => from !== to, { prefixes: ['fd00::'] }))).toEqual(['allApart']);
});

/** n2 runs another system. */
function alone(kinds: readonly ReachTry['kind'][], outcome: ReachTry['outcome'] = 'open'): SnapshotChanges {
  const { nodes } = tried({ nodes: ['n1'], kinds, answer: () => outcome });
  return { nodes: { ...nodes, n2: { coverage: { kind: 'excluded', why: 'windows' }, agent: undefined } } };
}

test.each<[string, SnapshotChanges, string[]]>([
  ['the probe did not end', { nodes: { n2: { reachProbe: aMissing('timeout') } } }, ['unknown n2 timeout']],
  [
    'the program had no processor',
    lost(isApart, { lagMs: { n2: 4000 } }),
    ['unknown n1 timeout', 'unknown n2 timeout'],
  ],
  [
    'nothing on a node could be tried',
    tried({ nodes: two, kinds: ['node'] }),
    ['unknown n1 absent', 'unknown n2 absent'],
  ],
  ['a node alone, and no pod on it', alone([]), ['unknown n1 absent']],
  ['a node alone, whose pods answer it', alone(['pod', 'pod']), []],
  ['a node alone, whose only pod has just gone', alone(['pod'], 'timeout'), ['unknown n1 timeout']],
  [
    'one pod of a node answers nobody any more',
    lost((_, to) => to === 'n2', { kinds: ['pod', 'node'] }),
    ['unknown n2 timeout'],
  ],
])('unknown or well: %s', (_, changes, expected) => {
  expect(codesOf(nodesReachPods, aSnapshot(changes))).toEqual(expected);
});

test('how the nodes themselves fare is said, and what was dropped meanwhile', () => {
  const [finding] = findingsOf(
    nodesReachPods,
    aSnapshot(
      tried({
        nodes: two,
        answer: (from, to) => (from === to ? 'open' : 'timeout'),
        drops: [{ direction: 'egress', reason: 'FIB lookup failed', packets: 4 }],
      }),
    ),
  );
  expect(finding?.params['hosts']).toContain('nor do the nodes reach each other');
  expect(finding?.evidence[0]?.lines).toContain('dropped meanwhile, egress: FIB lookup failed (4)');
});

standardCases(nodesReachPods, {
  faulty: {
    KPR1017: {
      apart: lost(isApart),
      oneWay: lost((from, to) => from === 'n1' && to === 'n2'),
      allApart: lost((from, to) => from !== to),
      cutOff: lost(ofN3),
      unreached: lost((from, to) => from !== to && to === 'n3'),
      reachesNobody: lost((from, to) => from !== to && from === 'n3'),
      ofItself: lost((from, to) => from === to && to === 'n2'),
      silent: lost(() => true),
      perhapsForbidden: lost((from, to) => from !== to, { kinds: withoutHealth }),
    },
  },
  notApplicable: {
    nodes: { n1: { reachProbe: aMissing('notCollected') }, n2: { reachProbe: aMissing('notCollected') } },
  },
  hostile: (text) => lost(isApart, { detail: text, drops: [{ direction: 'ingress', reason: text, packets: 1 }] }),
});
