import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { IptablesTable } from '../../../src/model/NodeFacts.ts';
import { divideTable } from '../../../src/remedy/cleanup/divideTable.ts';
import { planTable, type TablePlan } from '../../../src/remedy/cleanup/planTable.ts';
import { aTable, fixture, modelOf, restore, tablesOf } from './tables.ts';

const nft = { backend: 'nft', family: 'ipv4' } as const;
const legacy = { backend: 'legacy', family: 'ipv4' } as const;
const hash = (number: number): string =>
  `${number}`.padStart(16, 'A').replaceAll(/[0189]/g, (digit) => 'BCDE'['0189'.indexOf(digit)] ?? 'F');

/** A nat table with this many Services of two endpoints each. */
function services(count: number): IptablesTable {
  const lines = ['-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES'];
  for (let i = 0; i < count; i++) {
    lines.push(`-A KUBE-SERVICES -d 10.96.0.1/32 -p tcp -m tcp --dport ${i} -j KUBE-EXT-${hash(i)}`);
    lines.push(`-A KUBE-EXT-${hash(i)} -j KUBE-SVC-${hash(i)}`);
    for (const end of [2 * i, 2 * i + 1]) {
      lines.push(`-A KUBE-SVC-${hash(i)} -j KUBE-SEP-${hash(end)}`);
      lines.push(`-A KUBE-SEP-${hash(end)} -j KUBE-MARK-MASQ`);
    }
  }
  return aTable('nat', ...lines, '-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000');
}

const planOf = (place: typeof nft | typeof legacy, table: IptablesTable, batch?: number): TablePlan => {
  const plan = planTable(place, table, divideTable(table, undefined), batch);
  if (plan === undefined) throw new Error('nothing to do');
  return plan;
};

test('one payload: chains emptied, jumps deleted by their exact lines, chains deleted', () => {
  const table = aTable(
    'filter',
    '-A INPUT -j KUBE-FIREWALL',
    '-A INPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes load balancer firewall" -j KUBE-PROXY-FIREWALL',
    '-A INPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes load balancer firewall" -j KUBE-PROXY-FIREWALL',
    '-A KUBE-FIREWALL -j DROP',
    '-A KUBE-PROXY-FIREWALL -d 192.0.2.7/32 -j DROP',
  );
  const { stages, states, ...about } = planOf(nft, table);
  expect(about).toEqual({ ...nft, table: 'filter', chains: 1, rules: 3 });
  expect(stages).toEqual([
    `*filter
:KUBE-PROXY-FIREWALL - [0:0]
-D INPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes load balancer firewall" -j KUBE-PROXY-FIREWALL
-D INPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes load balancer firewall" -j KUBE-PROXY-FIREWALL
-X KUBE-PROXY-FIREWALL
COMMIT
`,
  ]);
  // The last is what is left of nothing: sha256 of no text.
  expect(states).toEqual([
    expect.stringMatching(/^[0-9a-f]{64}$/),
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  ]);
});

test('nothing of kube-proxy: no plan', () => {
  expect(planTable(nft, aTable('nat'), { chains: [], jumps: [] })).toBeUndefined();
});

test('large tables of the nft backend go in batches: first what everything hangs on', () => {
  const plan = planOf(nft, services(50), 30);
  const [first, ...rest] = plan.stages;
  expect(first?.split('\n').filter((line) => line.startsWith('-'))).toEqual([
    '-D PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
    '-X KUBE-SERVICES',
  ]);
  expect(rest.map((stage) => stage.split('\n').filter((line) => line.startsWith('-X')).length)).toEqual([
    30, 30, 30, 30, 30, 30, 21,
  ]);
  const order = rest
    .join('')
    .split('\n')
    .filter((line) => line.startsWith('-X'));
  const last = (kind: string): number => order.findLastIndex((line) => line.startsWith(`-X KUBE-${kind}`));
  const firstOf = (kind: string): number => order.findIndex((line) => line.startsWith(`-X KUBE-${kind}`));
  expect(last('EXT')).toBeLessThan(firstOf('SVC'));
  expect(last('SVC')).toBeLessThan(firstOf('SEP'));
  expect(order.at(-1)).toBe('-X KUBE-MARK-MASQ');
  expect(plan.states).toHaveLength(plan.stages.length + 1);
  expect(new Set(plan.states).size).toBe(plan.states.length);
});

test('the legacy backend takes a table at once, however large', () => {
  expect(planOf(legacy, services(50), 30).stages).toHaveLength(1);
});

test('rules that changed have another digest, counters do not count', () => {
  const line = '-A KUBE-SERVICES -d 10.96.0.1/32 -j REJECT';
  const before = planOf(nft, aTable('filter', line)).states[0];
  expect(planOf(nft, aTable('filter', `[5:300] ${line}`)).states[0]).toBe(before);
  expect(planOf(nft, aTable('filter', line, line)).states[0]).not.toBe(before);
  expect(planOf(nft, aTable('filter', line.replace('.1/', '.2/'))).states[0]).not.toBe(before);
});

test.each(['with-kube-proxy-1.36.txt', 'with-kube-proxy-1.36-ipv6.txt'])(
  '%s in the model of iptables-restore',
  (name) => {
    for (const table of tablesOf(fixture(name))) {
      for (const batch of [undefined, 3]) {
        const division = divideTable(table, undefined);
        const plan = planTable(nft, table, division, batch);
        let model = modelOf(table);
        for (const stage of plan?.stages ?? []) model = restore(model, stage);
        const lines = [...model].flat(2);
        expect(lines.filter((line) => /KUBE-(?!FIREWALL|IPTABLES-HINT|KUBELET-CANARY)/.test(line))).toEqual([]);
      }
    }
  },
);

// ---- Whatever stands in a table, only kube-proxy's lines go ---------------------------------------------------------

const owned = [
  'KUBE-SERVICES',
  'KUBE-NODEPORTS',
  `KUBE-SVC-${hash(1)}`,
  `KUBE-SVC-${hash(2)}`,
  `KUBE-SEP-${hash(3)}`,
  'KUBE-MARK-MASQ',
  'KUBE-POSTROUTING',
];
const foreign = [
  'KUBE-HOSTPORTS',
  `KUBE-HP-${hash(1)}`,
  'CNI-DN-abc',
  'CILIUM_PRE_nat',
  'DOCKER',
  'MINE',
  'KUBE-KUBELET-CANARY',
];
const built = ['PREROUTING', 'OUTPUT', 'POSTROUTING'];

/** Chains lead only to those behind them, as the kernel takes no loops. */
const order = [...foreign.slice(0, 4), ...owned, ...foreign.slice(4)];
const aRule = fc
  .tuple(
    fc.constantFrom(...built, ...order),
    fc.constantFrom(
      '',
      '-s 192.0.2.0/24 ',
      '-p tcp -m tcp --dport 80 ',
      '-m comment --comment "kubernetes service portals" ',
      '-m comment --comment "say \\"hi\\" -j KUBE-SERVICES" ',
    ),
    fc.constantFrom('ACCEPT', 'RETURN', 'DROP', ...order),
  )
  .filter(
    ([chain, , target]) =>
      built.includes(chain) || order.indexOf(target) === -1 || order.indexOf(target) > order.indexOf(chain),
  )
  .map(([chain, match, target]) => `-A ${chain} ${match}-j ${target}`);

test('of any mixture of rules, those of others stay line for line, and nothing fails', () => {
  fc.assert(
    fc.property(fc.array(aRule, { maxLength: 30 }), fc.boolean(), fc.constantFrom(2, 1000), (rules, kubelet, batch) => {
      const table = aTable('nat', ...order.map((chain) => `:${chain} - [0:0]`), ...rules);
      const division = divideTable(table, kubelet ? 'an old kubelet' : undefined);
      const gone = new Set(division.chains.map(({ name }) => name));
      const jumps = new Set(division.jumps);
      const expected = table.chains
        .filter(({ name }) => !gone.has(name))
        .map(({ name, rules: lines }) => [name, lines.filter((rule) => !jumps.has(rule)).map(({ line }) => line)]);

      let model = modelOf(table);
      for (const stage of planTable(nft, table, division, batch)?.stages ?? []) model = restore(model, stage);
      expect([...model]).toEqual(expected);
      // By what is not kube-proxy's by name alone: each chain and each of its rules but jumps to kube-proxy's.
      for (const chain of [...built, ...foreign]) {
        const was = table.chains.find(({ name }) => name === chain)?.rules.map(({ line }) => line) ?? [];
        const isOwnJump = (line: string): boolean =>
          built.includes(chain) &&
          / --comment "kubernetes service portals" -j KUBE-/.test(line) &&
          owned.some((name) => line.endsWith(` ${name}`));
        expect((model.get(chain) ?? []).filter((line) => !isOwnJump(line))).toEqual(
          was.filter((line) => !isOwnJump(line)),
        );
      }
    }),
    { numRuns: 300 },
  );
});
