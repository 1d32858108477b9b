import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isWildcard, selectableSlots } from '../../../src/model/lb/LbTable.ts';
import { parseBpfLbList } from '../../../src/parse/lb/parseBpfLbList.ts';
import { parseMapsDump } from '../../support/parseMapsDump.ts';
import { sampleLbList, sampleNames, sampleNodes, sampleText } from '../../support/lbSamples.ts';
import { aFrontendKey } from '../../support/keys.ts';

describe.each(sampleNames)('bpf lb list of Cilium %s', (sample) => {
  it.each(sampleNodes)('on %s says the same as lb/maps-dump', (node) => {
    const list = sampleLbList(sample, node);
    const dump = parseMapsDump(sampleText(sample, node, 'lb-maps-dump.txt'));
    expect(list).toMatchObject({ notUnderstood: [], unreadable: undefined, torn: new Set() });
    // The list says nothing of the affinity map.
    const sorted = (table: typeof list): unknown =>
      [...table.frontends.values()]
        .map((frontend) => Object.assign({}, frontend, { notSticky: undefined }))
        .toSorted((a, b) => a.key.localeCompare(b.key));
    expect(sorted(list)).toEqual(sorted(dump));
    expect(list.revNat).toEqual(dump.revNat);
    expect(list.sourceRanges).toEqual(dump.sourceRanges);
  });
});

const json = (value: unknown): string => JSON.stringify(value);

describe('the three text eras', () => {
  const eras: readonly [string, object][] = [
    [
      '1.12 and older: slots grouped under the frontend',
      {
        '10.96.0.10:53': ['0.0.0.0:0 (5) (0) [ClusterIP, non-routable]', '10.0.1.7:53 (5) (1)', '10.0.1.8:53 (5) (2)'],
      },
    ],
    [
      '1.13 to 1.16: a slot a key',
      {
        '10.96.0.10:53 (0)': ['0.0.0.0:0 (5) (0) [ClusterIP, non-routable] '],
        '10.96.0.10:53 (1)': ['10.0.1.7:53 (5) (1)'],
        '10.96.0.10:53 (2)': ['10.0.1.8:53 (5) (2)'],
      },
    ],
  ];
  it.each(eras)('%s', (_, list) => {
    const table = parseBpfLbList({ list: json(list) });
    expect(table.notUnderstood).toEqual([]);
    expect([...table.frontends.values()]).toMatchObject([
      {
        key: '10.96.0.10:53/ANY',
        id: 5,
        hasMaster: true,
        count: undefined,
        slots: [
          { number: 1, backend: '10.0.1.7:53/ANY' },
          { number: 2, backend: '10.0.1.8:53/ANY' },
        ],
      },
    ]);
  });

  it('1.17 and newer: with protocols, IPv6 and scopes', () => {
    const table = parseBpfLbList({
      list: json({
        '[fd00::A]:80/TCP/i (0)': ['[::]:0 (9) (0) [LoadBalancer, Local, two-scopes] '],
        '[fd00::A]:80/TCP/i (1)': ['[fd00:1::2]:8080/TCP (9) (1)'],
        '10.96.0.10:0/ANY (0)': ['0.0.0.0:0 (0) (0) [ClusterIP, non-routable] '],
      }),
      frontends: json({
        '[fd00::A]:80/TCP/i (0)': ['16777816 1[0] (9) [0x64 0x20]'],
        '[fd00::A]:80/TCP/i (1)': ['12 0[0] (9) [0x64 0x20]'],
        '10.96.0.10:0/ANY (0)': ['0 0[0] (0) [0x0 0x0]'],
      }),
    });
    const frontend = table.frontends.get(aFrontendKey('[fd00::a]:80/TCP/i'));
    // One field holds the algorithm (here random) above 24 bits of seconds.
    expect(frontend).toMatchObject({ scope: 'internal', count: 1, algorithm: 'random', affinityTimeout: 600 });
    expect(frontend?.slots).toEqual([{ number: 1, backendId: 12, backend: '[fd00:1::2]:8080/TCP' }]);
    expect([...table.frontends.values()].filter(isWildcard)).toHaveLength(1);
    expect(table.notUnderstood).toEqual([]);
  });
});

it('a slot whose backend is not found points to nothing', () => {
  const list = json({
    '10.0.0.1:80/TCP (0)': ['0.0.0.0:0 (1) (0) [ClusterIP] '],
    '10.0.0.1:80/TCP (1)': ['backend 7 not found'],
  });
  expect(parseBpfLbList({ list }).frontends.get(aFrontendKey('10.0.0.1:80/TCP'))?.slots).toEqual([
    { number: 1, backendId: 7, backend: undefined },
  ]);
});

it('a frontend that changed between the two commands is torn', () => {
  const list = {
    '10.0.0.1:80/TCP (0)': ['0.0.0.0:0 (1) (0) [ClusterIP] '],
    '10.0.0.1:80/TCP (1)': ['10.1.0.1:80/TCP (1) (1)'],
  };
  const frontends = {
    '10.0.0.1:80/TCP (0)': ['0 0[0] (1) [0x0 0x0]'],
    '10.0.0.2:80/TCP (0)': ['0 0[0] (2) [0x0 0x0]'],
  };
  expect(parseBpfLbList({ list: json(list), frontends: json(frontends) }).torn).toEqual(
    new Set(['10.0.0.1:80/TCP', '10.0.0.2:80/TCP']),
  );
});

it('source ranges are sorted and canonical, per service ID', () => {
  const sourceRanges = json({ '192.168.0.0/16 (5)': null, '10.1.2.3/8 (5)': [''], 'fd00::/64 (6)': [] });
  expect(parseBpfLbList({ list: '{}', sourceRanges }).sourceRanges).toEqual(
    new Map([
      [5, ['10.0.0.0/8', '192.168.0.0/16']],
      [6, ['fd00::/64']],
    ]),
  );
});

describe('bad input', () => {
  it.each(['', '[]', 'null', '"x"', 'Error: unable to open map', '{"10.0.0.1:80/TCP (0)": ["0.0'])(
    'no object of lists: %s',
    (list) => {
      expect(parseBpfLbList({ list }).unreadable).toMatch(/printed no JSON/);
    },
  );

  it('half an answer of a flag is said, and the list is read without counts', () => {
    const list = sampleText('1.20.1', 'n1', 'bpf-lb-list.json');
    const table = parseBpfLbList({ list, frontends: '{"10.' });
    expect(table.notUnderstood.map(({ why }) => why)).toEqual([
      'bpf lb list --frontends printed no JSON object of lists',
    ]);
    expect([...table.frontends.values()].every((frontend) => selectableSlots(frontend) === undefined)).toBe(true);
  });

  it('rows of the future are said, and the rest is read', () => {
    const list = json({
      '10.0.0.1:80/DCCP (0)': ['0.0.0.0:0 (1) (0) [ClusterIP] '],
      '10.0.0.2:80/TCP (0)': ['0.0.0.0:0 (2) (0) [ClusterIP, teleport] '],
      '10.0.0.2:80/TCP (1)': ['somewhere else'],
      '10.0.0.3:80/TCP (0)': ['0.0.0.0:0 (3) (0) [ClusterIP] '],
    });
    const table = parseBpfLbList({ list });
    expect(table.notUnderstood.map(({ line }) => line)).toEqual([
      '10.0.0.1:80/DCCP (0) 0.0.0.0:0 (1) (0) [ClusterIP] ',
      '10.0.0.2:80/TCP (0) 0.0.0.0:0 (2) (0) [ClusterIP, teleport] ',
      '10.0.0.2:80/TCP (1) somewhere else',
    ]);
    expect([...table.frontends.keys()]).toEqual(['10.0.0.2:80/TCP', '10.0.0.3:80/TCP']);
  });

  it('never throws', () => {
    const value = fc.oneof(
      fc.string(),
      fc.constantFrom('10.0.0.1:80/TCP (1) (1)', 'backend  not found', '0 3[0] (6) [0x2 0x80]', '0.0.0.0:0 (1) (0) ]['),
    );
    const key = fc.oneof(fc.string(), fc.constantFrom('10.0.0.1:80/TCP (0)', '(', ' (', ') ('));
    const text = fc.oneof(fc.string(), fc.dictionary(key, fc.oneof(fc.array(value), value, fc.jsonValue())).map(json));
    fc.assert(
      fc.property(text, text, text, text, text, (list, frontends, backends, revnat, sourceRanges) => {
        const table = parseBpfLbList({ list, frontends, backends, revnat, sourceRanges });
        for (const frontend of table.frontends.values()) selectableSlots(frontend);
      }),
    );
  });
});
