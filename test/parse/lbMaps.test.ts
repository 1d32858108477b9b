import { describe, expect, test } from 'vitest';
import { parseMapFrontends } from '../../src/parse/parseMapFrontends.ts';
import { parseMapSizes } from '../../src/parse/parseMapSizes.ts';
import { recorded, valueOf, versions, whyOf } from './recorded.ts';
import { aFrontendKey } from '../support/keys.ts';

const entries = (dump: object) => Object.fromEntries(valueOf(parseMapFrontends(JSON.stringify(dump))));

const map = (name: string, entries: number, type = 'hash') =>
  JSON.stringify({ id: 1, type, name, flags: 1, bytes_key: 12, max_entries: entries });

describe('frontends of the maps', () => {
  test.each(versions)('recorded with %s', (version) => {
    const frontends = valueOf(parseMapFrontends(recorded(version, 'bpf-lb-frontends.json')));
    expect(frontends.get(aFrontendKey('10.96.0.10:53/UDP'))).toEqual({ selectable: 2 });
    expect(frontends.get(aFrontendKey('0.0.0.0:31080/TCP'))).toEqual({ selectable: 3 });
    expect(frontends.get(aFrontendKey('0.0.0.0:31081/TCP/i'))).toEqual({ selectable: 3 });
    expect([...frontends.values()]).toContainEqual({ selectable: 0 });
    expect([...frontends.keys()].filter((key) => key.includes(':0/'))).toEqual([]);
    expect(frontends.size).toBe(15);
  });

  test.each([
    [
      'slots behind the count take no new connections',
      {
        '10.0.0.1:80/TCP (0)': ['0 1[1] (6) [0x2 0x0]'],
        '10.0.0.1:80/TCP (1)': ['3 0[0] (6) [0x2 0x0]'],
        '10.0.0.1:80/TCP (2)': ['4 0[0] (6) [0x2 0x0]'],
      },
      { '10.0.0.1:80/TCP': { selectable: 1 } },
    ],
    [
      'IPv6, in its canonical form',
      { '[fd00:0::a]:80/TCP (0)': ['0 4[0] (9) [0x20 0x0]'] },
      { '[fd00::a]:80/TCP': { selectable: 4 } },
    ],
    [
      'wildcard rows',
      { '10.0.0.1:0/ANY (0)': ['0 0[0] (0) [0x0 0x0]'], '[fd00::1]:0/ANY (0)': ['0 0[0] (0) [0x0 0x0]'] },
      {},
    ],
    [
      'without protocol, before 1.17',
      { '10.0.0.1:53 (0)': ['0 2 (5) [0x0 0x0]'], '10.0.0.1:53 (1)': ['1 0 (5) [0x0 0x0]'] },
      { '10.0.0.1:53/ANY': { selectable: 2 } },
    ],
    [
      'all slots together, before 1.13',
      {
        '10.0.0.1:53': ['7 0 (5) [0x0 0x0]', '0 2 (5) [0x0 0x0]', '8 0 (5) [0x0 0x0]'],
        '10.0.0.2:80': ['0 0 (6) [0x0 0x0]'],
      },
      { '10.0.0.1:53/ANY': { selectable: 2 }, '10.0.0.2:80/ANY': { selectable: 0 } },
    ],
    [
      'no count, the oldest form: slots are counted',
      {
        '10.0.0.1:53 (0)': ['0 (5) [FLAGS: 0x0]'],
        '10.0.0.1:53 (2)': ['8 (5) [FLAGS: 0x0]'],
        '10.0.0.1:53 (1)': ['7 (5) [FLAGS: 0x0]'],
      },
      { '10.0.0.1:53/ANY': { selectable: 2 } },
    ],
    ['slots without slot 0: no frontend', { '10.0.0.1:53/UDP (1)': ['8 0[0] (5) [0x0 0x0]'] }, {}],
    ['an empty map', {}, {}],
  ])('%s', (_, dump, expected) => {
    expect(entries(dump)).toEqual(expected);
  });

  test('the text table', () => {
    const text = `SERVICE ADDRESS               BACKEND ADDRESS (REVNAT_ID) (SLOT)
10.96.0.10:53/UDP (0)         0 2[0] (3) [0x0 0x0]
10.96.0.10:53/UDP (1)         8 0[0] (3) [0x0 0x0]
10.96.0.10:0/ANY (0)          0 0[0] (0) [0x0 0x0]
`;
    expect(valueOf(parseMapFrontends(text))).toEqual(new Map([['10.96.0.10:53/UDP', { selectable: 2 }]]));
    expect(valueOf(parseMapFrontends('No entries found.\n')).size).toBe(0);
  });

  test.each([
    ['', 'nothing was printed'],
    ['{"10.0.0.1:80/TCP (0)": ["0 3[0]', 'no JSON'],
    ['{"nonsense (0)": ["0 3[0] (6) [0x2 0x0]"]}', 'a frontend of the map: nonsense'],
    ['{"10.0.0.1:80/TCP (0)": ["three"]}', 'the entry of 10.0.0.1:80/TCP (0): three'],
    ['{"10.0.0.1:80/TCP (0)": 3}', 'is no list of texts'],
    ['Unable to open map', 'no table of map entries'],
  ])('%j is no dump', (text, why) => {
    expect(whyOf(parseMapFrontends(text))).toContain(why);
  });
});

describe('sizes', () => {
  test('a JSON object a line, names cut by the kernel', () => {
    const text = `${map('cilium_lb4_serv', 65_536)}\n${map('cilium_lb6_back', 1000)}\n${map('cilium_lb4_sour', 5, 'lpm_trie')}\n`;
    expect(Object.fromEntries(valueOf(parseMapSizes(text)))).toEqual({
      cilium_lb4_services_v2: 65_536,
      cilium_lb6_backends_v3: 1000,
      cilium_lb4_source_range: 5,
    });
  });

  test('among all maps of a node: reverse_sk is not reverse_nat', () => {
    const text = `[${map('cilium_lb4_reve', 110_861, 'lru_hash')},${map('cilium_lb4_reve', 65_536)},${map('cilium_ct4_glob', 3)}]`;
    expect(Object.fromEntries(valueOf(parseMapSizes(text)))).toEqual({ cilium_lb4_reverse_nat: 65_536 });
  });

  test('the text of bpftool', () => {
    const text =
      '2219: hash  name cilium_lb4_serv  flags 0x81\n\tkey 12B  value 12B  max_entries 65536  memlock 1054224B\n2220: lru_hash  name cilium_lb4_reve  flags 0x0\n\tkey 16B  value 8B  max_entries 9  memlock 1B\n';
    expect(Object.fromEntries(valueOf(parseMapSizes(text)))).toEqual({ cilium_lb4_services_v2: 65_536 });
  });

  test('no map', () => {
    expect(valueOf(parseMapSizes('\n')).size).toBe(0);
    expect(whyOf(parseMapSizes('Error: bpf obj get'))).toContain('no list of maps');
  });
});
