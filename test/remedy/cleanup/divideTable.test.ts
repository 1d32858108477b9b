import { expect, test } from 'vitest';
import { divideTable } from '../../../src/remedy/cleanup/divideTable.ts';
import { aTable, fixture, tablesOf } from './tables.ts';

const hash = (letter: string): string => letter.repeat(16);
const svc = `KUBE-SVC-${hash('A')}`;
const sep = `KUBE-SEP-${hash('B')}`;
const portals = '-m comment --comment "kubernetes service portals" -j KUBE-SERVICES';
const masks = [
  '-A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING',
  '-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000',
  '-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN',
];
const service = [
  `-A PREROUTING ${portals}`,
  `-A OUTPUT ${portals}`,
  `-A KUBE-SERVICES -d 10.96.0.1/32 -p tcp -j ${svc}`,
  `-A ${svc} -m comment --comment "default/web -> 10.0.0.1:80" -j ${sep}`,
  `-A ${sep} -s 10.0.0.1/32 -j KUBE-MARK-MASQ`,
  `-A ${sep} -p tcp -j DNAT --to-destination 10.0.0.1:80`,
];
const all = ['KUBE-SERVICES', svc, sep, 'KUBE-MARK-MASQ', 'KUBE-POSTROUTING'];

const divided = (
  table: Parameters<typeof divideTable>[0],
  kubelet?: string,
): { gone: string[]; jumps: string[]; kept: Record<string, string> } => {
  const { chains, jumps, kept } = divideTable(table, kubelet);
  return {
    gone: chains.map(({ name }) => name).toSorted(),
    jumps: jumps.map(({ line }) => line),
    kept: Object.fromEntries(kept.map(({ chain, why }) => [chain, why])),
  };
};

test('a Service’s chains, what leads to them, and the marks', () => {
  expect(divided(aTable('nat', ...service, ...masks))).toEqual({
    gone: all.toSorted(),
    jumps: [service[0], service[1], masks[0]],
    kept: {},
  });
});

test('a jump that is there twice goes twice', () => {
  const { jumps } = divided(aTable('nat', `-A PREROUTING ${portals}`, ...service));
  expect(jumps).toEqual([service[0], service[0], service[1]]);
});

test.each<[string, string[]]>([
  ['a kubelet’s', [':KUBE-KUBELET-CANARY - [0:0]', '-A KUBE-MARK-DROP -j MARK --set-xmark 0x8000/0x8000']],
  ['CRI-O’s', ['-A PREROUTING -j KUBE-HOSTPORTS', `-A KUBE-HP-${hash('C')} -j DNAT --to-destination 10.0.0.1:80`]],
  ['kube-router’s', [':KUBE-POD-FW-ABCDEFGHIJKLMNOP - [0:0]', '-A FORWARD -j KUBE-ROUTER-FORWARD']],
  ['one with a prefix and no hash', [':KUBE-SVC-mine - [0:0]', '-A OUTPUT -j KUBE-SVC-mine']],
  ['Cilium’s', ['-A FORWARD -m comment --comment "cilium-feeder: CILIUM_FORWARD" -j CILIUM_FORWARD']],
])('of others nothing goes: %s', (_, lines) => {
  expect(divided(aTable('nat', ...lines))).toEqual({ gone: [], jumps: [], kept: {} });
});

test('what a chain of somebody else leads to stays, with all that it leads to', () => {
  const { gone, jumps, kept } = divided(aTable('nat', ...service, ...masks, `-A CNI-DN-1 -p tcp -j ${svc}`));
  expect(gone).toEqual(['KUBE-SERVICES']);
  expect(jumps).toEqual([service[0], service[1]]);
  expect(kept).toEqual({
    [svc]: 'a rule of somebody else in CNI-DN-1 leads there',
    [sep]: 'a chain that stays leads there',
    'KUBE-MARK-MASQ': 'a chain that stays leads there',
    'KUBE-POSTROUTING': 'it works together with KUBE-MARK-MASQ, which stays',
  });
});

test('portmap marks by KUBE-MARK-MASQ: both marks stay, and the way to them', () => {
  const { gone, jumps, kept } = divided(
    aTable('nat', ...service, ...masks, '-A CNI-HOSTPORT-SETMARK -j KUBE-MARK-MASQ'),
  );
  expect(gone).toEqual(['KUBE-SERVICES', svc, sep].toSorted());
  expect(jumps).toEqual([service[0], service[1]]);
  expect(Object.keys(kept).toSorted()).toEqual(['KUBE-MARK-MASQ', 'KUBE-POSTROUTING']);
});

test('a kubelet that writes the marks, too, keeps them', () => {
  const { gone, kept } = divided(aTable('nat', ...service, ...masks), 'the kubelet (v1.26.3) writes the same');
  expect(gone).toEqual(['KUBE-SERVICES', svc, sep].toSorted());
  expect(kept).toEqual({
    'KUBE-MARK-MASQ': 'the kubelet (v1.26.3) writes the same',
    'KUBE-POSTROUTING': 'the kubelet (v1.26.3) writes the same',
  });
});

test.each([
  [
    'narrower than kube-proxy’s',
    '-A PREROUTING -s 192.0.2.0/24 -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
  ],
  ['without its comment', '-A PREROUTING -j KUBE-SERVICES'],
  ['with another comment', '-A PREROUTING -m comment --comment "my own" -j KUBE-SERVICES'],
])('a jump of a built-in chain that is not kube-proxy’s stays, and its target: %s', (_, line) => {
  const { gone, jumps, kept } = divided(aTable('nat', line, ...service));
  expect(kept).toHaveProperty('KUBE-SERVICES');
  expect(gone).toEqual([]);
  // kube-proxy's own go, so that its Services are out of the way.
  expect(jumps).toEqual([service[0], service[1]]);
});

test('a chain that holds a rule which leads to somebody else’s stays', () => {
  const { gone, kept } = divided(
    aTable('filter', '-A KUBE-FORWARD -j MY-CHAIN', '-A MY-CHAIN -j ACCEPT', '-A KUBE-SERVICES -j REJECT'),
  );
  expect(gone).toEqual(['KUBE-SERVICES']);
  expect(kept).toEqual({
    'KUBE-FORWARD': 'it holds a rule that is not kube-proxy’s: -A KUBE-FORWARD -j MY-CHAIN',
  });
});

const toForward = '-A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD';
test.each<[string, string, string[], string[]]>([
  [
    'a firewall’s, behind kube-proxy’s jump',
    'filter',
    [toForward, '-A KUBE-FORWARD -j MY-CHAIN'],
    ['-A KUBE-FORWARD -j MY-CHAIN'],
  ],
  ['one that logs', 'filter', [toForward, '-A KUBE-FORWARD -j LOG'], ['-A KUBE-FORWARD -j LOG']],
  ['behind several chains of kube-proxy’s', 'nat', [...service, `-A ${sep} -j MY-CHAIN`], [`-A ${sep} -j MY-CHAIN`]],
  ['where no packet comes today', 'filter', ['-A KUBE-FORWARD -j MY-CHAIN'], []],
  [
    'where packets come by a rule of others alone',
    'filter',
    ['-A FORWARD -j KUBE-FORWARD', '-A KUBE-FORWARD -j MY-CHAIN'],
    [],
  ],
  [
    'behind the marks',
    'nat',
    [...service, ...masks, '-A KUBE-POSTROUTING -j MY-CHAIN', '-A KUBE-MARK-MASQ -j MY-CHAIN'],
    [],
  ],
  ['none', 'nat', [...service, ...masks], []],
])('rules of others that would do nothing any more: %s', (_, table, lines, cutOff) => {
  expect(divideTable(aTable(table, ...lines), undefined).cutOff.map(({ line }) => line)).toEqual(cutOff);
});

test('somebody else’s rule behind the marks goes on to work: the way to them stays', () => {
  const { jumps, kept } = divided(aTable('nat', ...masks, '-A KUBE-POSTROUTING -j MY-CHAIN'));
  expect(jumps).toEqual([]);
  expect(kept['KUBE-POSTROUTING']).toBe('it holds a rule that is not kube-proxy’s: -A KUBE-POSTROUTING -j MY-CHAIN');
});

test('up to 1.24 kube-proxy leads to the kubelet’s KUBE-MARK-DROP, which stays', () => {
  const table = aTable('nat', `-A KUBE-FW-${hash('D')} -j KUBE-MARK-DROP`, ':KUBE-MARK-DROP - [0:0]');
  expect(divided(table)).toEqual({ gone: [`KUBE-FW-${hash('D')}`], jumps: [], kept: {} });
});

test('a recorded node: every chain and jump of kube-proxy, and nothing else', () => {
  for (const table of tablesOf(fixture('with-kube-proxy-1.36.txt'))) {
    const { chains, jumps, kept } = divideTable(table, undefined);
    const gone = new Set(chains.map(({ name }) => name));
    const left = table.chains
      .filter(({ name }) => !gone.has(name))
      .map(({ name, rules }) => [name, rules.filter((rule) => !jumps.includes(rule)).map(({ line }) => line)])
      .flat(2);
    expect(left.filter((line) => /KUBE-(?!FIREWALL|IPTABLES-HINT|KUBELET-CANARY)/.test(line))).toEqual([]);
    expect([...gone].filter((name) => !name.startsWith('KUBE-'))).toEqual([]);
    expect([...gone]).not.toContain('KUBE-FIREWALL');
    expect(kept).toEqual([]);
  }
});

test('a table without kube-proxy', () => {
  for (const table of tablesOf(fixture('cilium-alone-1.18.txt')))
    expect(divideTable(table, undefined)).toEqual({ chains: [], jumps: [], kept: [], cutOff: [] });
});
