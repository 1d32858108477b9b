import { array, assert, constantFrom, property, string } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseLbMaps } from '../../../src/parse/lb/parseLbMaps.ts';
import { type DumpedMap, parseMapEntries } from '../../../src/parse/lb/parseMapEntries.ts';
import { aFrontendKey } from '../../support/keys.ts';

/** Three digits a byte, as `tr` leaves them of `"0x0a"`. */
const bytes = (hex: string): string => hex.replaceAll(' ', '').replaceAll(/../g, '0$&');
const entry = (key: string, value: string): string => `{key:${bytes(key)}value:${bytes(value)}}`;

// Of a real 1.19.6: kube-dns with two slots of UDP, a wildcard row, an internal NodePort with affinity.
const services = [
  entry('0a60000a 0035 0000 11 00 0000', '00000000 0200 0003 00 00 0000'),
  entry('0a60000a 0035 0200 11 00 0000', '05000000 0000 0003 00 00 0000'),
  entry('0a60000a 0035 0100 11 00 0000', '04000000 0000 0003 00 00 0000'),
  entry('0a60000a 0000 0000 00 00 0000', '00000000 0000 0000 00 00 0000'),
  entry('ac1e010c 7969 0000 06 01 0000', '302a0000 0300 000d 56 20 0000'),
];
const backends = [
  entry('05000000', '0af402cb 0035 11 00 0000 00 00'),
  entry('04000000', '0af401cb 0035 11 01 0000 00 00'),
];
const dump = `cilium_lb4_services_v2
{"id":25311,"type":"hash","name":"cilium_lb4_serv","bytes_key":12,"bytes_value":12,"max_entries":65536,"frozen":0}

${services.join('')}
cilium_lb4_backends_v3
{"id":25312,"type":"hash","name":"cilium_lb4_back","bytes_key":4,"bytes_value":12,"max_entries":32768,"frozen":0}

${backends.join('')}
cilium_lb4_reverse_nat
{"id":25313,"type":"hash","name":"cilium_lb4_reve","max_entries":65536}

${entry('0003', '0a60000a 0035')}
cilium_lb4_source_range
${entry('28000000 0007 0000 0a000000', '00')}
cilium_lb6_source_range
${entry(`40000000 0009 0000 20010db8${'00'.repeat(12)}`, '00')}
cilium_lb4_maglev
${entry('000e', '9e2a0000')}
cilium_lb_affinity_match
${entry('09000000 000e 0000', '00')}
`;
const mapsOf = (text: string): readonly DumpedMap[] => {
  const read = parseMapEntries(text);
  if (!read.ok) throw new Error(read.why);
  return read.maps;
};

describe('parseMapEntries', () => {
  test('maps by name, with their sizes and entries', () => {
    const maps = mapsOf(dump);
    expect(maps.map(({ name, maxEntries, entries }) => [name, maxEntries, entries.size])).toEqual([
      ['cilium_lb4_services_v2', 65536, 5],
      ['cilium_lb4_backends_v3', 32768, 2],
      ['cilium_lb4_reverse_nat', 65536, 1],
      ['cilium_lb4_source_range', undefined, 1],
      ['cilium_lb6_source_range', undefined, 1],
      ['cilium_lb4_maglev', undefined, 1],
      ['cilium_lb_affinity_match', undefined, 1],
    ]);
  });

  test('an empty map, an entry that comes twice, one that was deleted meanwhile, and types that bpftool adds', () => {
    const [map, empty] = mapsOf(
      'cilium_lb4_reverse_nat\n{key:000003value:00a}{key:000003value:00b}{key:000004value:{error:Nosuchfileordirectory}}' +
        '{key:000005value:00cformatted:{key:{value:5}value:{a:1}}}\n\ncilium_lb_affinity_match\n\n',
    );
    expect([...(map?.entries ?? [])]).toEqual([
      ['000003', '00b'],
      ['000005', '00c'],
    ]);
    expect(empty?.entries.size).toBe(0);
  });

  test.each([
    ['', 'no map was printed'],
    ['bpftool: not found', 'not the name of a map'],
    ['cilium_lb4_services_v2\n{key:00a', 'entries of cilium_lb4_services_v2'],
    ['cilium_lb4_services_v2\n{error:Operationnotpermitted}', 'entries of cilium_lb4_services_v2'],
    ['cilium_lb4_services_v2\n{key:000value:{error:Operationnotpermitted}}', 'entries of cilium_lb4_services_v2'],
  ])('%j is no dump', (text, why) => {
    expect(parseMapEntries(text)).toEqual({ ok: false, why: expect.stringContaining(why) });
  });
});

describe('parseLbMaps', () => {
  const table = parseLbMaps(mapsOf(dump));

  test('frontends with their slots in order and what is behind them', () => {
    expect([...table.frontends.keys()]).toEqual(['10.96.0.10:53/UDP', '10.96.0.10:0/ANY', '172.30.1.12:31081/TCP/i']);
    expect(table.frontends.get(aFrontendKey('10.96.0.10:53/UDP'))).toMatchObject({
      hasMaster: true,
      id: 3,
      count: 2,
      inactiveCount: 0,
      slots: [
        { number: 1, backendId: 4, backend: '10.244.1.203:53/UDP' },
        { number: 2, backendId: 5, backend: '10.244.2.203:53/UDP' },
      ],
    });
    expect(table.unreadable).toBeUndefined();
    expect(table.notUnderstood).toEqual([]);
  });

  test('flags and affinity as Cilium prints them', () => {
    const { flags, affinityTimeout, algorithm, scope } =
      table.frontends.get(aFrontendKey('172.30.1.12:31081/TCP/i')) ?? {};
    expect(flags).toMatchObject({ type: 'NodePort' });
    expect(flags?.names).toEqual(new Set(['Local', 'two-scopes', 'sessionAffinity']));
    expect({ affinityTimeout, algorithm, scope }).toEqual({
      affinityTimeout: 10_800,
      algorithm: 'undef',
      scope: 'internal',
    });
  });

  test('backends with their states, reverse NAT, source ranges, affinity', () => {
    expect(table.backends.get(4)).toMatchObject({ key: '10.244.1.203:53/UDP', state: 'terminating' });
    expect(table.backends.get(5)).toMatchObject({ key: '10.244.2.203:53/UDP', state: 'active' });
    expect([...(table.revNat ?? [])]).toEqual([[3, '10.96.0.10:53']]);
    expect([...(table.sourceRanges ?? [])]).toEqual([
      [7, ['10.0.0.0/8']],
      [9, ['2001:db8::/32']],
    ]);
    expect([...(table.affinity ?? [])]).toEqual([[14, [9]]]);
    expect([...(table.maglev ?? [])]).toEqual([[14, undefined]]);
  });

  test('rows of another size are not understood, and nobody knows whose they are', () => {
    const odd = parseLbMaps(mapsOf('cilium_lb4_services_v2\n{key:00a060value:000}\n'));
    expect(odd).toMatchObject({ unattributed: 1, unreadable: expect.any(String) });
  });

  test('a protocol that nobody looks for does not make the rest doubtful', () => {
    const text = dump.replace(bytes('0035 0000 11 00'), bytes('0035 0000 01 00'));
    const read = parseLbMaps(mapsOf(text));
    expect(read.notUnderstood).toHaveLength(1);
    expect(read).toMatchObject({ unattributed: 0, unreadable: undefined });
    expect(read.frontends.get(aFrontendKey('10.96.0.10:53/UDP'))?.hasMaster).toBe(false);
  });

  test('total', () => {
    const pieces = constantFrom(
      '{key:',
      'value:',
      '00a',
      '0ff',
      '}',
      '\n',
      'cilium_lb4_services_v2',
      'cilium_lb6_backends_v3',
    );
    assert(
      property(array(pieces, { maxLength: 60 }), string(), (parts, rest) => {
        const read = parseMapEntries(parts.join('') + rest);
        return !read.ok || parseLbMaps(read.maps).source === 'pinnedMaps';
      }),
    );
  });
});
