import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addressNumber } from '../../src/model/addressNumber.ts';
import { parseRouteRules } from '../../src/parse/parseRouteRules.ts';
import { parseRoutes } from '../../src/parse/parseRoutes.ts';
import { perlPrograms } from '../../src/programs/programs.ts';
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

  test('many to the same network, and many in a row that overlap, are read in no time, or not at all', () => {
    const many = Array.from(
      { length: 30_000 },
      (_, at) => `default dev a metric ${at + 1}\n10.0.${at & 255}.${at >> 8} dev b\n`,
    );
    const begun = process.cpuUsage().user;
    expect(spansOf(many.join(''))[0]).toBe('0.0.0.0 a default');
    const rows = Array.from({ length: 30_000 }, (_, at) => `10.${at >> 8}.${at & 255}.0/24-11.0.0.0/24 dev a\n`);
    expect(whyOf(parseRoutes('ipv4')(rows.join('')))).toContain('more than 256 routes');
    expect((process.cpuUsage().user - begun) / 1000).toBeLessThan(3000);
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

/** What the node's program makes of what `ip` prints there. */
function inLittle(printed: string, exitCode = 0): { readonly text: string; readonly exitCode: number | null } {
  const folder = mkdtempSync(join(tmpdir(), 'kpr-routes-'));
  try {
    writeFileSync(join(folder, 'printed'), printed);
    writeFileSync(join(folder, 'ip'), `#!/bin/sh\ncat "${folder}/printed"\nexit ${exitCode}\n`, { mode: 0o755 });
    const env = { ...process.env, PATH: `${folder}:${process.env['PATH']}` };
    const { stdout, stderr, status } = spawnSync('perl', ['-e', perlPrograms.routes4], { encoding: 'utf8', env });
    expect(stderr).toBe('');
    return { text: stdout, exitCode: status };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function textOf({ at, length, way }: { at: number; length: number; way: string }): string {
  const network = `10.0.${length > 24 ? at : at - (at % 2 ** (24 - length))}.${length > 24 ? `${at}` : `0/${length}`}`;
  return way === 'ways'
    ? `${network} proto bgp \n\tnexthop via 1.1.1.1 dev a weight 1 \n\tnexthop via 1.1.2.1 dev b weight 1 \n`
    : `${network} ${way} \n`;
}

describe('routes in little', () => {
  test('a thousand to other nodes are two lines', () => {
    const toNodes = Array.from({ length: 1000 }, (_, at) => {
      const own = at === 7 ? '10.100.7.9 dev cilium_host proto kernel scope link \n' : '';
      return `10.${100 + (at >> 8)}.${at & 255}.0/24 via 10.100.7.9 dev cilium_host proto kernel src 10.100.7.9 mtu 1450 \n${own}`;
    });
    const printed = `default via 172.30.1.1 dev eth0 \n${toNodes.join('')}172.30.1.0/24 dev eth0 scope link \n`;
    const { text } = inLittle(printed);
    expect(text.split('\n')).toHaveLength(6);
    expect(text).toContain('10.100.8.0/24-10.103.231.0/24 via');
    expect(spansOf(text)).toEqual(spansOf(printed));
  });

  test('say what all of them say', () => {
    const route = fc.record({
      at: fc.nat(15),
      length: fc.constantFrom(22, 23, 24, 24, 24, 32),
      way: fc.constantFrom('dev a', 'dev a', 'dev b', 'via 1.2.3.4 dev a metric 7', 'dev c dead linkdown', 'ways'),
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(route, { selector: (one) => textOf(one).split(' ')[0], minLength: 1, maxLength: 30 }),
        (routes) => {
          const printed = routes
            .toSorted((a, b) => a.at - b.at || b.length - a.length)
            .map((one) => textOf(one))
            .join('');
          expect(spansOf(inLittle(printed).text)).toEqual(spansOf(printed));
        },
      ),
      { numRuns: 60 },
    );
  });

  test('a program that failed has failed', () => {
    expect(inLittle('default dev a\n', 2)).toEqual({ text: 'default dev a\n', exitCode: 2 });
  });

  test.each(['10.0.2.0/24-10.0.1.0/24 dev a', '10.0.1.0/24-10.0.2.0/25 dev a', '10.0.1.0/24-fd00::/24 dev a'])(
    'no such span: %s',
    (line) => {
      expect(whyOf(parseRoutes('ipv4')(line))).toContain('a line of ip route');
    },
  );
});

test('rules of routes with single blanks', () => {
  const text = '0:\tfrom all lookup local \n5270:\tfrom all lookup 52\n';
  expect(valueOf(parseRouteRules(text))).toEqual(['0: from all lookup local', '5270: from all lookup 52']);
  expect(whyOf(parseRouteRules(''))).toBe('no rule was printed');
  expect(whyOf(parseRouteRules('RTNETLINK answers: x'))).toContain('a line of ip rule');
});
