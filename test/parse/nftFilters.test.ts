import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseNftFilters } from '../../src/parse/nft/parseNftFilters.ts';
import { valueOf, whyOf } from './recorded.ts';

/**
 * Printed by nftFilters.pl of rules that nft loaded, on Linux 6.18: of the chain `input` these, in their order.
 *
 *     ct state established,related accept; iif lo accept; iifname "lxc*" accept; tcp dport { 22, 6443 } accept
 *     udp dport 8472 counter drop; ip saddr 10.0.0.0/8 accept; meta mark & 0xf00 == 0x200 accept
 *     ct state vmap { new : accept, invalid : drop }; tcp dport 30000-32767 reject; jump more
 *
 * Of `more`: ip6 daddr fd00::/8 drop; log prefix "x"; limit rate 3/second accept; oifname != "eth0" return
 */
const recorded = readFileSync(new URL('../fixtures/rules/nft-filters.txt', import.meta.url), 'utf8');
const other = { on: 'other' };
const tcp = { on: 'protocol', protocol: 'tcp' };
const accept = { kind: 'accept' };

test('rules by what they ask, and what they do then', () => {
  const [table, ...more] = valueOf(parseNftFilters(recorded));
  expect(more).toEqual([]);
  expect(table).toMatchObject({ name: 'inet filter', family: undefined, program: 'nft' });
  const chains = [...(table?.chains.values() ?? [])];
  expect(chains.map(({ name, hook, drops }) => [name, hook, drops])).toEqual([
    ['input', 'INPUT', true],
    ['forward', 'FORWARD', true],
    ['more', undefined, false],
  ]);
  const rulesOf = (name: string) =>
    (table?.chains.get(name)?.rules ?? []).map(({ conditions, action, packets }): unknown[] =>
      packets === undefined ? [conditions, action] : [conditions, action, packets],
    );
  expect(rulesOf('input')).toEqual([
    [[{ on: 'state', states: new Set(['ESTABLISHED', 'RELATED']), not: false }], accept],
    [[{ on: 'inLink', name: 'lo' }], accept],
    [[{ on: 'inLink', name: 'lxc+' }], accept],
    [[tcp, other], accept],
    [
      [
        { on: 'protocol', protocol: 'udp' },
        { on: 'port', from: 8472, to: 8472 },
      ],
      { kind: 'drop' },
      0,
    ],
    [
      [
        { on: 'family', family: 'ipv4' },
        { on: 'source', family: 'ipv4', from: 0x0a000000n, to: 0x0affffffn },
      ],
      accept,
    ],
    [[{ on: 'mark', value: 0x200, mask: 0xf00 }], accept],
    [[], { kind: 'mayDecide' }],
    [[tcp, other, other], { kind: 'drop' }],
    [[], { kind: 'jump', chain: 'more' }],
  ]);
  expect(rulesOf('more')).toEqual([
    [
      [
        { on: 'family', family: 'ipv6' },
        { on: 'destination', family: 'ipv6', from: 0xfdn << 120n, to: (0xfen << 120n) - 1n },
      ],
      { kind: 'drop' },
    ],
    [[], { kind: 'goOn' }],
    [[other], accept],
    [[{ on: 'outLink', name: 'eth0', not: true }], { kind: 'return' }],
  ]);
});

test('a table with too many rules is not known, and left out', () => {
  expect(valueOf(parseNftFilters('chain 1 a input 1 0 0 filter\nmore 1 a\n'))).toEqual([]);
});

test('chains that translate filter nothing', () => {
  const [table] = valueOf(parseNftFilters('chain 2 a post 4 100 0 nat\n'));
  expect(table?.chains.get('post')?.hook).toBeUndefined();
});

test.each([
  'nft: not found',
  'chain 9 a b',
  'chain 1 a b 7 0 0 filter',
  'rule 1 a b 4 meta:00',
  'chain 1 a b\nrule 1 a b 4 meta:ff',
])('no such output: %s', (text) => {
  expect(whyOf(parseNftFilters(text))).toContain('no chain and no rule');
});

/**
 * ct state vmap { established : accept, related : accept, invalid : drop };
 * meta l4proto vmap { tcp : jump more, udp : drop }; tcp dport vmap { 1-10 : accept, 22 : drop }
 */
const withMaps = `chain 1 filter input 1 0 0 filter
chain 1 filter more
map 1 filter __map0 0c0001000800010001000000100002000c0002000800010000000000 0c0001000800010004000000100002000c0002000800010000000001 0c0001000800010002000000100002000c0002000800010000000001
map 1 filter __map1 0c0001000500010011000000100002000c0002000800010000000000 0c00010005000100060000001c0002001800020008000100fffffffd090002006d6f726500000000
map 1 filter __map2 0c00010006000100001700000800030000000001 0c0001000600010000160000100002000c0002000800010000000000 0c00010006000100000b00000800030000000001 0c0001000600010000010000100002000c0002000800010000000001 0c00010006000100000000000800030000000001
rule 1 filter input 4 ct:08000100000000010800020000000000 lookup:0b0001005f5f6d6170300000080002000000000108000300000000000800050000000000
rule 1 filter input 7 meta:08000200000000100800010000000001 lookup:0b0001005f5f6d6170310000080002000000000108000300000000000800050000000000
rule 1 filter input 9 meta:08000200000000100800010000000001 cmp:080001000000000108000200000000000c0003000500010006000000 payload:0800010000000001080002000000000208000300000000020800040000000002 lookup:0b0001005f5f6d6170320000080002000000000108000300000000000800050000000000
`;

const state = (name: string) => ({ on: 'state', states: new Set([name]), not: false });

test('a rule that looks a verdict up is one for each element; where one is a range, it may decide anything', () => {
  const [table] = valueOf(parseNftFilters(withMaps));
  const rules = (table?.chains.get('input')?.rules ?? []).map(({ conditions, action }) => [conditions, action]);
  expect(rules).toEqual([
    [[state('INVALID')], { kind: 'drop' }],
    [[state('RELATED')], accept],
    [[state('ESTABLISHED')], accept],
    [[{ on: 'protocol', protocol: 'udp' }], { kind: 'drop' }],
    [[tcp], { kind: 'jump', chain: 'more' }],
    [[tcp], { kind: 'mayDecide' }],
  ]);
});

test('without the elements of the map nothing is known of what it decides', () => {
  const [table] = valueOf(parseNftFilters(withMaps.replaceAll(/^map .*\n/gm, '')));
  expect(table?.chains.get('input')?.rules.map(({ action }) => action.kind)).toEqual(Array(3).fill('mayDecide'));
  expect(whyOf(parseNftFilters(withMaps.replace('map 1 filter __map0 ', 'map 1 filter __map0 xyz ')))).toBeDefined();
});
