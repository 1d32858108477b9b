import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addressNumber } from '../../src/model/addressNumber.ts';
import { parseRouteRules } from '../../src/parse/parseRouteRules.ts';
import { parseRoutes } from '../../src/parse/parseRoutes.ts';
import { valueOf, whyOf } from './recorded.ts';

/** Of a node of three in a tunnel. */
const tunnelled = `default via 172.30.1.1 dev eth0 
10.244.1.0/24 via 10.244.1.1 dev cilium_host proto kernel src 10.244.1.1 
10.244.1.1 dev cilium_host proto kernel scope link 
10.244.2.0/24 via 10.244.1.1 dev cilium_host proto kernel src 10.244.1.1 mtu 1450 
10.244.3.0/24 via 10.244.1.1 dev cilium_host proto kernel src 10.244.1.1 mtu 1450 
172.30.1.0/24 dev eth0 proto kernel scope link src 172.30.1.11 
`;

/** `FROM DEVICE`, with `default` where only that leads there. */
const spansOf = (text: string, family: 'ipv4' | 'ipv6' = 'ipv4'): string[] =>
  valueOf(parseRoutes(family)(text)).map(({ from, device, isDefault }) =>
    [dotted(from), device ?? 'nowhere', ...(isDefault ? ['default'] : [])].join(' '),
  );
const dotted = (number: bigint): string =>
  number >= 1n << 32n ? number.toString(16) : [24n, 16n, 8n, 0n].map((by) => (number >> by) & 255n).join('.');

describe('routes as spans of addresses', () => {
  test('what nodes have for each other is one', () => {
    expect(spansOf(tunnelled)).toEqual([
      '0.0.0.0 eth0 default',
      '10.244.1.0 cilium_host',
      '10.244.4.0 eth0 default',
      '172.30.1.0 eth0',
      '172.30.2.0 eth0 default',
    ]);
  });

  test.each<[string, string, string[]]>([
    ['none at all', '', ['0.0.0.0 nowhere']],
    [
      'the more special one counts',
      '10.0.0.0/8 dev a\n10.1.0.0/16 dev b\n',
      ['0.0.0.0 nowhere', '10.0.0.0 a', '10.1.0.0 b', '10.2.0.0 a', '11.0.0.0 nowhere'],
    ],
    [
      'of two that are alike the one with the lower metric',
      'default dev a metric 200\ndefault dev b metric 100\n',
      ['0.0.0.0 b default'],
    ],
    [
      'one that leads nowhere',
      'default dev a\nblackhole 10.0.0.0/8 proto bird\n',
      ['0.0.0.0 a default', '10.0.0.0 nowhere', '11.0.0.0 a default'],
    ],
    [
      'the kernel passes over one that is dead',
      'default dev a\n10.0.0.0/8 dev b dead linkdown\n',
      ['0.0.0.0 a default'],
    ],
    [
      'over several ways',
      '10.0.0.0/8 proto bgp metric 20\n\tnexthop via 10.0.0.1 dev a weight 1\n\tnexthop via 10.0.1.1 dev b weight 1\n',
      ['0.0.0.0 nowhere', '10.0.0.0 a', '11.0.0.0 nowhere'],
    ],
    ['to the end of all addresses', '255.0.0.0/8 dev a\n', ['0.0.0.0 nowhere', '255.0.0.0 a']],
  ])('%s', (_, text, expected) => {
    expect(spansOf(text)).toEqual(expected);
  });

  test('of IPv6', () => {
    const text = 'fd00:10:244:1::/64 dev cilium_host metric 1024 pref medium\nfe80::/64 dev eth0 metric 256\n';
    expect(spansOf(text, 'ipv6').slice(0, 2)).toEqual([
      '0.0.0.0 nowhere',
      'fd000010024400010000000000000000 cilium_host',
    ]);
  });

  test('what is none', () => {
    for (const text of ['RTNETLINK answers: x', '10.0.0.0/33 dev a', 'fd00::/64 dev a', '\tnexthop dev a'])
      expect(whyOf(parseRoutes('ipv4')(text))).toContain('a line of ip route');
  });

  test('lead each address where the longest prefix does', () => {
    const prefix = fc.record({
      number: fc.nat(255),
      length: fc.integer({ min: 0, max: 8 }),
      device: fc.constantFrom('a', 'b', 'c'),
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(prefix, { selector: ({ number, length }) => `${number >> (8 - length)}/${length}` }),
        fc.nat(255),
        (prefixes, asked) => {
          const lines = prefixes.map(
            ({ number, length, device }) =>
              `${(number >> (8 - length)) << (8 - length)}.0.0.0/${length} dev ${device}\n`,
          );
          const matching = prefixes.filter(({ number, length }) => number >> (8 - length) === asked >> (8 - length));
          const best = matching.toSorted((a, b) => b.length - a.length)[0];
          const address = addressNumber(`${asked}.0.0.0`);
          const span = valueOf(parseRoutes('ipv4')(lines.join(''))).findLast(({ from }) => from <= address);
          expect(span?.device).toBe(best?.device);
        },
      ),
    );
  });
});

test('rules of routes with single blanks', () => {
  const text = '0:\tfrom all lookup local \n5270:\tfrom all lookup 52\n';
  expect(valueOf(parseRouteRules(text))).toEqual(['0: from all lookup local', '5270: from all lookup 52']);
  expect(whyOf(parseRouteRules(''))).toBe('no rule was printed');
  expect(whyOf(parseRouteRules('RTNETLINK answers: x'))).toContain('a line of ip rule');
});
