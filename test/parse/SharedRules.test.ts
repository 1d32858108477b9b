import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { IptablesTable } from '../../src/model/NodeFacts.ts';
import { parseIptablesSave } from '../../src/parse/parseIptablesSave.ts';
import { SharedRules } from '../../src/parse/rules/SharedRules.ts';
import { proxyDump } from '../bench/proxyDump.ts';
import { proxyText } from '../support/proxyRecordings.ts';
import { valueOf } from './recorded.ts';

const here = { backend: 'nft', family: 'ipv4' } as const;
const tablesOf = (text: string): readonly IptablesTable[] => valueOf(parseIptablesSave(text)).tables;
const dump = (node: number): readonly IptablesTable[] => tablesOf(`${[...proxyDump(600, node)].join('\n')}\n`);
const rulesOf = (tables: readonly IptablesTable[]) =>
  tables.flatMap(({ chains }) => chains.flatMap(({ rules }) => rules));

test('the rules of many nodes read as they were', () => {
  const shared = new SharedRules();
  for (const node of [0, 1, 2]) expect(shared.share(here, dump(node))).toEqual(dump(node));
  for (const node of ['n1', 'n2']) {
    const tables = tablesOf(proxyText(`shop/${node}/iptables-save.txt`));
    expect(shared.share(here, tables)).toEqual(tables);
  }
});

test('what no packet has met is held once, chains too', () => {
  const shared = new SharedRules();
  const [first, second] = [rulesOf(shared.share(here, dump(0))), rulesOf(shared.share(here, dump(1)))];
  const known = new Set(first);
  const own = second.filter((rule) => !known.has(rule));
  expect(own.length).toBeLessThan(second.length / 10);
  expect(own.filter(({ packets }) => packets !== 0).length).toBeGreaterThan(own.length / 2);
  const quiet = '*nat\n:KUBE-SEP-X - [0:0]\n[0:0] -A KUBE-SEP-X -j MARK\nCOMMIT\n';
  const [a, b] = [shared.share(here, tablesOf(quiet)), shared.share(here, tablesOf(quiet))];
  expect(a[0]?.chains[0]).toBe(b[0]?.chains[0]);
});

test('equal rules at two places of a node stay two', () => {
  const text = '*nat\n[0:0] -A X -j Y\n[0:0] -A X -j Y\nCOMMIT\n*filter\n[0:0] -A X -j Y\nCOMMIT\n';
  const shared = new SharedRules();
  const own = [
    ...rulesOf(shared.share(here, tablesOf(text))),
    ...rulesOf(shared.share({ ...here, backend: 'legacy' }, tablesOf(text))),
    ...rulesOf(shared.share({ ...here, family: 'ipv6' }, tablesOf(text))),
  ];
  expect(new Set(own).size).toBe(9);
});

test('chains that differ in anything are not the same', () => {
  const counter = fc.constantFrom('[0:0] ', '[1:60] ', '[18446744073709551615:0] ', '');
  const line = fc.tuple(counter, fc.constantFrom('-A X -j Y', '-A X -j Z', '-A X'));
  const chain = fc.record({
    head: fc.constantFrom(':X - [0:0]', ':X ACCEPT [0:0]', ':X ACCEPT [1:2]'),
    rules: fc.array(line, { maxLength: 3 }),
  });
  fc.assert(
    fc.property(fc.array(chain, { maxLength: 5 }), (nodes) => {
      const shared = new SharedRules();
      for (const { head, rules } of nodes) {
        const tables = tablesOf(
          ['*nat', head, ...rules.map(([own, rule]) => `${own}${rule}`), 'COMMIT', ''].join('\n'),
        );
        expect(shared.share(here, tables)).toEqual(tables);
      }
    }),
  );
});
