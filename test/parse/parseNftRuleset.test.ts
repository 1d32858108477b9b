import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseNftRuleset } from '../../src/parse/nft/parseNftRuleset.ts';
import { tablesOfRuleset } from '../../src/parse/nft/tablesOfRuleset.ts';
import { printNftRuleset } from '../support/printRules.ts';
import { proxyText } from '../support/proxyRecordings.ts';
import { recorded, valueOf, whyOf } from './recorded.ts';

// What nft 1.0.6 printed of tables of several families, and of one that iptables-nft wrote.
const several = readFileSync(join(import.meta.dirname, '..', 'fixtures', 'rules', 'nft-ruleset.json'), 'utf8');
const texts = [
  ['several families', several],
  ['kube-proxy 1.36', proxyText('shop/n1/nft.json')],
  ['kube-proxy 1.36, every node address', proxyText('shop/n1/nft-all.json')],
  ['kube-proxy beside Cilium', recorded('1.19.6', 'kube-proxy-nft.json')],
] as const;

test.each(texts)('recorded, printed again: equal by value: %s', (_, text) => {
  const ruleset = valueOf(parseNftRuleset(text));
  const again = printNftRuleset(ruleset);
  expect(JSON.parse(again)).toEqual(JSON.parse(text));
  expect(valueOf(parseNftRuleset(again))).toEqual(ruleset);
});

describe('what tables hold', () => {
  const tables = tablesOfRuleset(valueOf(parseNftRuleset(several)));
  const proxy = tables.find(({ name }) => name === 'kube-proxy');

  test('tables by family and name, in their order', () => {
    expect(tables.map(({ family, name }) => `${family} ${name}`)).toEqual([
      'ip kube-proxy',
      'inet firewalld',
      'netdev x',
      'ip nat',
    ]);
  });

  test('chains, and where the kernel calls them', () => {
    expect(proxy?.chains.map(({ name, base }) => [name, base])).toEqual([
      ['svc', undefined],
      ['marking', undefined],
      ['ep', undefined],
      ['nat-prerouting', { type: 'nat', hook: 'prerouting', priority: -100, policy: 'accept' }],
    ]);
    expect(tables.find(({ name }) => name === 'firewalld')?.chains[0]?.base).toEqual({
      type: 'filter',
      hook: 'input',
      priority: 10,
      policy: 'drop',
    });
  });

  test('sets and maps with their elements', () => {
    expect(proxy?.sets.map(({ kind, name, elements }) => [kind, name, elements.length])).toEqual([
      ['set', 'cluster-ips', 1],
      ['set', 'aff', 0],
      ['map', 'service-ips', 1],
    ]);
  });

  test('rules with handle, comment and every statement', () => {
    expect(
      proxy?.rules.get('svc')?.map(({ handle, comment, statements }) => [handle, comment, statements.length]),
    ).toEqual([
      [8, 'a b', 5],
      [10, undefined, 1],
    ]);
    // nft says of a match of iptables only that there is one.
    const [rule] = tables.find(({ name }) => name === 'nat')?.rules.get('PREROUTING') ?? [];
    expect(rule?.statements).toContainEqual({ xt: { type: 'match', name: 'comment' } });
  });
});

const key = fc.constantFrom(
  'table',
  'chain',
  'set',
  'map',
  'rule',
  'metainfo',
  'counter',
  'flowtable',
  'name',
  'family',
  'elem',
  'expr',
  '__proto__',
  'x',
);
const value = fc.letrec((again) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(null, true, 0, -0, 1e300, '', 'ip', 'kube-proxy', '\u0000', '\uD800'),
    fc.array(again('value'), { maxLength: 3 }),
    fc
      .uniqueArray(fc.tuple(key, again('value')), { maxLength: 3, selector: ([name]) => name })
      .map((pairs) => Object.fromEntries(pairs)),
  ),
})).value;

test('any list of objects is printed as it was read, whatever is in it', () => {
  const entry = fc
    .uniqueArray(fc.tuple(key, value), { maxLength: 2, selector: ([name]) => name })
    .map((pairs) => Object.fromEntries(pairs));
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 4 }), (nftables) => {
      const text = JSON.stringify({ nftables });
      const ruleset = valueOf(parseNftRuleset(text));
      expect(printNftRuleset(ruleset)).toBe(`${text}\n`);
      tablesOfRuleset(ruleset);
    }),
  );
});

test('every cut is noticed', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: several.trimEnd().length - 1 }),
      (at) => !parseNftRuleset(several.slice(0, at)).ok,
    ),
  );
});

test.each([
  ['', 'nothing was printed'],
  ['[]', 'no list "nftables"'],
  ['null', 'no list "nftables"'],
  ['{"nftables": {}}', 'no list "nftables"'],
  ['{"nftables": [1]}', 'no object of nftables: 1'],
  ['Error: syntax error', 'no JSON: Error: syntax error'],
])('%j is no ruleset', (text, why) => {
  expect(whyOf(parseNftRuleset(text))).toBe(why);
});
