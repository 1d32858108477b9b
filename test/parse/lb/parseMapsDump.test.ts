import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bracketed, protocols } from '../../../src/model/lb/address.ts';
import { flagNames, frontendTypes, wordsOfFlags } from '../../../src/model/lb/lbFlags.ts';
import { isWildcard, selectableSlots } from '../../../src/model/lb/LbTable.ts';
import { parseMapsDump } from '../../support/parseMapsDump.ts';
import { sampleNames, sampleNodes, sampleText } from '../../support/lbSamples.ts';
import { printMapsDump } from '../../support/printMapsDump.ts';
import { aFrontendKey } from '../../support/keys.ts';

const withoutShares = (text: string): string => text.replaceAll(/\(\d+\)/g, '(1)');

describe.each(sampleNames)('lb/maps-dump of Cilium %s', (sample) => {
  it.each(sampleNodes)('on %s is understood wholly: printed again it is the same', (node) => {
    const text = sampleText(sample, node, 'lb-maps-dump.txt');
    const table = parseMapsDump(text);
    expect(table).toMatchObject({ notUnderstood: [], unreadable: undefined });
    // What it prints for Maglev besides, the share of each backend, is not kept.
    expect(printMapsDump(table)).toBe(withoutShares(text.trimEnd().concat('\n')));
  });
});

it('reads a row with all that it says', () => {
  const table = parseMapsDump(sampleText('1.20.1', 'n1', 'lb-maps-dump.txt'));
  const frontend = table.frontends.get(aFrontendKey('172.30.0.11:31081/TCP/i'));
  expect(frontend).toMatchObject({
    address: '172.30.0.11',
    port: 31081,
    protocol: 'TCP',
    scope: 'internal',
    count: 3,
    inactiveCount: 0,
    affinityTimeout: 10800,
    algorithm: 'undef',
    flags: { type: 'NodePort', names: new Set(['Local', 'two-scopes', 'sessionAffinity']) },
  });
  expect(frontend?.slots.map(({ backend }) => backend)).toEqual([
    '10.244.0.221:8080/TCP',
    '10.244.1.129:8080/TCP',
    '10.244.1.218:8080/TCP',
  ]);
  expect([...table.frontends.values()].filter(isWildcard)).toHaveLength(6);
});

const svc = (rest: string): string =>
  `SVC: ID=1 ADDR=10.0.0.1:80/TCP SLOT=0 LBALG=undef AFFTimeout=0 COUNT=1 QCOUNT=2 FLAGS=${rest}\n`;

const backend = (id: number, state: string): string => `BE: ID=${id} ADDR=10.1.0.${id}:80/TCP STATE=${state}\n`;
const slot = (number: number): string =>
  `SVC: ID=1 ADDR=10.0.0.1:80/TCP SLOT=${number} BEID=${number} COUNT=0 QCOUNT=0 FLAGS=ClusterIP\n`;

describe('rows of other kinds', () => {
  it('IPv6 is one address however it is spelled', () => {
    const table = parseMapsDump(
      'SVC: ID=1 ADDR=[FD00:0::1]:80/TCP/i SLOT=0 LBALG=undef AFFTimeout=0 COUNT=0 QCOUNT=0 FLAGS=ClusterIP\n',
    );
    expect([...table.frontends.keys()]).toEqual(['[fd00::1]:80/TCP/i']);
  });

  it('flags with blanks in them', () => {
    const flags = parseMapsDump(svc('LoadBalancer+check source-range+deny')).frontends.get(
      aFrontendKey('10.0.0.1:80/TCP'),
    )?.flags;
    expect(flags).toEqual({ type: 'LoadBalancer', names: new Set(['check source-range', 'deny']), unknown: [] });
  });

  it('an L7 proxy stands where affinity does', () => {
    const line =
      'SVC: ID=1 ADDR=10.0.0.1:80/TCP SLOT=0 L7Proxy=12345 COUNT=0 QCOUNT=0 FLAGS=ClusterIP+l7-load-balancer\n';
    expect(parseMapsDump(line).frontends.get(aFrontendKey('10.0.0.1:80/TCP'))).toMatchObject({
      l7ProxyPort: 12345,
      affinityTimeout: undefined,
    });
  });

  it('slots behind the count are there, but take no new connections', () => {
    const backends = backend(1, 'active') + backend(2, 'terminating') + backend(3, 'terminating');
    const frontend = parseMapsDump(slot(3) + svc('ClusterIP') + slot(1) + backends + slot(2)).frontends.get(
      aFrontendKey('10.0.0.1:80/TCP'),
    );
    expect(frontend?.slots.map(({ number }) => number)).toEqual([1, 2, 3]);
    expect(frontend && selectableSlots(frontend)?.map(({ backend: key }) => key)).toEqual(['10.1.0.1:80/TCP']);
  });

  it('a slot whose backend is gone has none', () => {
    const table = parseMapsDump('SVC: ID=1 ADDR=10.0.0.1:80/TCP SLOT=1 BEID=7 COUNT=0 QCOUNT=0 FLAGS=ClusterIP\n');
    expect(table.frontends.get(aFrontendKey('10.0.0.1:80/TCP'))).toMatchObject({
      hasMaster: false,
      slots: [{ number: 1, backendId: 7, backend: undefined }],
    });
  });
});

describe('what is not understood is said, and the rest is read', () => {
  const good = svc('ClusterIP');
  it.each([
    ['a new kind of entry', 'SOCK: ID=1'],
    [
      'a protocol of the future',
      'SVC: ID=2 ADDR=10.0.0.2:80/DCCP SLOT=0 LBALG=undef AFFTimeout=0 COUNT=0 QCOUNT=0 FLAGS=ClusterIP',
    ],
    ['a port that is none', 'BE: ID=2 ADDR=10.0.0.2:80000/TCP STATE=active'],
    ['a row cut in half', 'SVC: ID=2 ADDR=10.0.0.2:80/TCP SLOT=0 LBALG=undef AFFTi'],
    ['a slot without backend', 'SVC: ID=2 ADDR=10.0.0.2:80/TCP SLOT=1 COUNT=0 QCOUNT=0 FLAGS=ClusterIP'],
    ['an error among the rows', 'Error: unable to dump'],
  ])('%s', (_, line) => {
    const table = parseMapsDump(`${good}${line}\n${good.replace('10.0.0.1', '10.0.0.9')}`);
    expect(table.notUnderstood.map((one) => one.line)).toEqual([line]);
    expect([...table.frontends.keys()]).toEqual(['10.0.0.1:80/TCP', '10.0.0.9:80/TCP']);
  });

  it.each([
    ['flag', svc('ClusterIP+teleport'), 'unknown: flag teleport; the rest of the row was read'],
    ['column', svc('ClusterIP').replace('QCOUNT', 'HUE=3 QCOUNT'), 'unknown: HUE; the rest of the row was read'],
    [
      'state',
      `${svc('ClusterIP')}BE: ID=1 ADDR=10.1.0.1:80/TCP STATE=zen\n`,
      'unknown: state zen; the rest of the row was read',
    ],
  ])('an unknown %s leaves the row readable', (_, text, why) => {
    const table = parseMapsDump(text);
    expect(table.notUnderstood.map((one) => one.why)).toEqual([why]);
    expect(table.frontends.get(aFrontendKey('10.0.0.1:80/TCP'))).toMatchObject({ count: 1, inactiveCount: 2 });
  });

  it('a text of which nothing is understood is no table; an empty one is', () => {
    expect(parseMapsDump('Error: connection refused\n').unreadable).toMatch(/connection refused/);
    expect(parseMapsDump('')).toMatchObject({ unreadable: undefined, frontends: new Map() });
  });
});

describe('any input', () => {
  const word = fc.constantFrom(
    'SVC: ',
    'BE: ',
    'REV: ',
    'MAGLEV: ',
    'ID=',
    'ADDR=',
    '10.0.0.1:80/TCP',
    '[fd00::1]:53/UDP/i',
    'SLOT=1 ',
    'COUNT=',
    'FLAGS=',
    ' ',
    '\n',
    '=',
    '99999999999',
    '[',
    ']',
  );
  it('never throws, and says of every line that it does not understand', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(word, fc.string())).map((parts) => parts.join('')),
        (text) => {
          const table = parseMapsDump(text);
          expect(table.frontends.size + table.notUnderstood.length + table.backends.size).toBeGreaterThanOrEqual(0);
          if (table.frontends.size === 0 && table.notUnderstood.length === 0 && table.backends.size === 0) {
            expect(text.split('\n').every((line) => /^\r?$|^(REV|AFF|SRCRANGE|MAGLEV): /.test(line))).toBe(true);
          }
        },
      ),
    );
  });

  const address = fc.oneof(
    fc.ipV4(),
    fc.ipV6().map((text) => new URL(`http://[${text}]`).hostname.slice(1, -1)),
  );
  const port = fc.integer({ min: 0, max: 65535 });
  const backendLine = fc
    .tuple(address, port, fc.constantFrom(...protocols))
    .map(([ip, at, proto]) => `${bracketed(ip)}:${at}/${proto}`);
  const frontend = fc.record({
    address: backendLine,
    internal: fc.boolean(),
    type: fc.constantFrom(...frontendTypes),
    flags: fc.uniqueArray(fc.constantFrom(...flagNames)),
    counts: fc.tuple(port, port, port),
    slots: fc.uniqueArray(fc.integer({ min: 1, max: 5 })),
  });
  it('round trip: what is printed is read, in any order of lines', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(frontend, { selector: (one) => `${one.address}${one.internal}` }),
        fc.uniqueArray(backendLine),
        fc.infiniteStream(fc.nat()),
        (rows, backends, seed) => {
          const lines = backends.map((key, at) => `BE: ID=${at + 1} ADDR=${key} STATE=active`);
          for (const [at, { address: key, internal, type, flags, counts, slots }] of rows.entries()) {
            const words = wordsOfFlags(type, new Set(flags)).join('+');
            const start = `SVC: ID=${at + 1} ADDR=${key}${internal ? '/i' : ''}`;
            lines.push(
              `${start} SLOT=0 LBALG=maglev AFFTimeout=${counts[2]} COUNT=${counts[0]} QCOUNT=${counts[1]} FLAGS=${words}`,
            );
            for (const slot of slots) lines.push(`${start} SLOT=${slot} BEID=${slot} COUNT=0 QCOUNT=0 FLAGS=${words}`);
          }
          const shuffled = lines.map((line) => ({ line, at: seed.next().value })).toSorted((a, b) => a.at - b.at);
          const table = parseMapsDump(shuffled.map(({ line }) => `${line}\n`).join(''));
          // IPv4-mapped and other spellings are made canonical, so what is printed is read to the same once more.
          expect(table.notUnderstood).toEqual([]);
          expect(printMapsDump(parseMapsDump(printMapsDump(table)))).toBe(printMapsDump(table));
          expect(table.frontends.size).toBeLessThanOrEqual(rows.length);
        },
      ),
    );
  });
});
