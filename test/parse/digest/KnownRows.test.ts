import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { wordsOfFlags } from '../../../src/model/lb/lbFlags.ts';
import type { Frontend, LbTable } from '../../../src/model/lb/LbTable.ts';
import { KnownRows } from '../../../src/parse/digest/KnownRows.ts';
import { parseLbMaps } from '../../../src/parse/lb/parseLbMaps.ts';
import { parseMapEntries } from '../../../src/parse/lb/parseMapEntries.ts';
import { type DumpBackend, type DumpRow, type DumpTables, printMapDump } from '../../support/mapDump.ts';
import { aFrontendKey } from '../../support/keys.ts';
import { sayDigest, sha256 } from '../../support/sayDigest.ts';

function whole(dump: string): LbTable {
  const read = parseMapEntries(dump);
  if (!read.ok) throw new Error(read.why);
  return parseLbMaps(read.maps);
}

/**
 * All of a row that anything may follow from, with what belongs to its ID; IDs and the order of slots are the
 * node's.
 */
const meaning = (table: LbTable, row: Frontend) => {
  const { id, slots, count, flags, ...rest } = row;
  const part = (taking: boolean) =>
    slots
      .filter(({ number }) => number <= (count ?? 0) === taking)
      .map(({ backend }) => backend ?? '-')
      .toSorted();
  return {
    ...rest,
    count,
    flags: wordsOfFlags(flags.type, flags.names),
    hasId: id !== 0,
    taking: part(true),
    others: part(false),
    numbers: slots.map(({ number }) => number),
    reverse: table.revNat?.get(id),
    ranges: table.sourceRanges?.get(id) ?? [],
    maglev: table.maglev?.has(id),
  };
};

const meanings = (table: LbTable) =>
  new Map([...table.frontends].map(([key, row]) => [key as string, meaning(table, row)]));

/** Asks each node in turn, and gives what was read of it and how much it said. */
function ask(rows: KnownRows, dump: string, nonce = 'nonce-1') {
  const known = rows.known(nonce);
  const said = sayDigest(dump, known.words);
  const read = rows.read(said, known);
  if (!read.ok) throw new Error(`${read.why}\n${said.slice(0, 400)}`);
  return { ...read.value, said };
}

const address = (node: number) => [`172.30.1.${node}`, `10.244.${node}.7`];

/** A node of a cluster: the same Services as on all others, with IDs and an order of its own. */
function aNode(
  node: number,
  services: number,
  change: (rows: DumpRow[], backends: DumpBackend[]) => void = () => {},
): DumpTables {
  const rows: DumpRow[] = [];
  let id = 1 + node * 7;
  const of = (i: number) => [0, 1, 2].map((at) => i * 3 + at + 1 + node * 13);
  const backends = Array.from({ length: services * 3 }, (_, i) => ({
    id: i + 1 + node * 13,
    address: `10.128.${i >> 8}.${i & 255}`,
    port: 8080,
  }));
  for (let i = 0; i < services; i++) {
    const slots = node % 2 === 0 ? of(i) : of(i).toReversed();
    rows.push({ address: `10.97.${i >> 8}.${i & 255}`, port: 80, id: id++, flags: 0, slots });
    if (i % 5 !== 0) continue;
    for (const one of ['0.0.0.0', ...address(node)])
      rows.push({ address: one, port: 30_000 + i, id: id++, flags: one === '0.0.0.0' ? 0x2 : 0x42, slots });
    // Only the first nodes have a backend of their own.
    const own = node < 3 ? of(i).slice(node, node + 1) : [];
    rows.push({ address: `10.98.0.${i & 255}`, port: 443, id: id++, flags: 0x64, slots: own });
  }
  change(rows, backends);
  return { rows, backends };
}

/** Affinity sticks to all backends of two rows that take connections, and to one of three of another. */
const sticking = (node: number) =>
  printMapDump(
    aNode(node, 200, (all, backends) => {
      const affine = (at: number, lacking: number) => {
        const row = all[at];
        if (row === undefined) throw new Error('no such row');
        const sticky = row.slots.toSorted((a, b) => a - b).slice(lacking);
        all[at] = { ...row, affinity: 10_800, sticky };
      };
      affine(6, 0);
      affine(8, 2);
      affine(7, 1);
      const [ending] = all[7]?.slots.toSorted((a, b) => a - b) ?? [];
      for (const [at, one] of backends.entries()) if (one.id === ending) backends[at] = { ...one, state: 1 };
    }),
  );

describe('tables that nodes say in little', () => {
  test('are those that they hold, and equal ones travel once', () => {
    const rows = new KnownRows(sha256);
    const first = ask(rows, printMapDump(aNode(1, 200)));
    const dumps = [2, 3, 4].map((node) => printMapDump(aNode(node, 200)));
    for (const dump of dumps) {
      const { table, sizes, said } = ask(rows, dump);
      expect(meanings(table)).toEqual(meanings(whole(dump)));
      expect(said.length).toBeLessThan(dump.length / 5);
      const entries = dump.split('\n')[3]?.match(/\{/g)?.length;
      expect(sizes[0]).toEqual({ name: 'cilium_lb4_services_v2', maxEntries: 65536, entries });
    }
    expect(first.said.length).toBeGreaterThan(dumps[0]?.length ?? 0);
  });

  test('what a node has that others have not comes, and nothing else', () => {
    const rows = new KnownRows(sha256);
    ask(rows, printMapDump(aNode(1, 200)));
    const dump = printMapDump(
      aNode(2, 200, (all) => {
        all.splice(0, 1);
        all.push({ address: '172.30.1.2', port: 9100, id: 60_000, flags: 0x48, slots: [27] });
      }),
    );
    const { table, said } = ask(rows, dump);
    expect(meanings(table)).toEqual(meanings(whole(dump)));
    expect(said.length).toBeLessThan(dump.length / 4);
    expect(table.frontends.get(aFrontendKey('172.30.1.2:9100/TCP'))?.id).toBe(60_000);
    expect(table.frontends.has(aFrontendKey('10.97.0.0:80/TCP'))).toBe(false);
  });

  test('backends that affinity cannot stick to are counted, where they take connections', () => {
    const rows = new KnownRows(sha256);
    ask(rows, sticking(1));
    const { table } = ask(rows, sticking(2));
    expect(meanings(table)).toEqual(meanings(whole(sticking(2))));
    const lacking = [...table.frontends.values()].filter(({ affinityTimeout }) => affinityTimeout !== 0);
    expect(lacking.map(({ notSticky }) => notSticky).toSorted((a = 0, b = 0) => a - b)).toEqual([0, 0, 2]);
  });

  test('a map that changed while it was read, and says a key twice, comes as it is', () => {
    const rows = new KnownRows(sha256);
    ask(rows, printMapDump(aNode(1, 20)));
    const dump = printMapDump(aNode(2, 20));
    const changed = dump.replace(/\{key:[^}]*\}/, (entry) => `${entry}${entry.replace(/\d\}$/, '1}')}`);
    expect(sayDigest(changed, rows.known('nonce-2').words)).toBe(changed);
    expect(sayDigest(dump, rows.known('nonce-3').words)).toMatch(/^digest /);
  });

  test('any tables, whatever is irregular in them', () => {
    fc.assert(
      fc.property(fc.array(someTables, { minLength: 2, maxLength: 3 }), (nodes) => {
        const rows = new KnownRows(sha256);
        for (const [at, tables] of nodes.entries()) {
          const dump = printMapDump(tables);
          expect(meanings(ask(rows, dump, `nonce-${at}`).table)).toEqual(meanings(whole(dump)));
        }
      }),
      {
        numRuns: 25,
        // A range of the other family's size.
        examples: [
          [
            [
              { rows: [], backends: [], maglev: false },
              { rows: [misfit], backends: [], maglev: false },
            ],
          ],
        ],
      },
    );
  });
});

const misfit: DumpRow = {
  address: 'fd00:0:0:0:0:0:0:1',
  port: 0,
  id: 1,
  flags: 0,
  slots: [],
  ranges: [{ network: '10.0.0.0', length: 8 }],
};

/** From few values, so that rows and nodes often agree. */
const someRow: fc.Arbitrary<DumpRow> = fc.record(
  {
    address: fc.constantFrom('0.0.0.0', '10.0.0.1', '10.0.1.2', 'fd00:0:0:0:0:0:0:1', '0:0:0:0:0:0:0:0'),
    port: fc.constantFrom(0, 80, 443, 30_001),
    protocol: fc.constantFrom(6, 17, 0, 50),
    internal: fc.boolean(),
    id: fc.integer({ min: 0, max: 12 }),
    flags: fc.constantFrom(0, 0x2, 0x42, 0x44, 0x8, 0x100, 0x410, 0x1000, 0x50, 0xc0),
    slots: fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 3 }),
    count: fc.constantFrom(0, 1, 2),
    affinity: fc.constantFrom(0, 0x2000100, 10_800),
    reverse: fc.constantFrom('none' as const, { address: '10.0.0.1', port: 80 }),
    maglev: fc.boolean(),
    ranges: fc.constantFrom([], [{ network: '10.0.0.0', length: 8 }]),
    sticky: fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 2 }),
  },
  { requiredKeys: ['address', 'port', 'id', 'flags', 'slots'] },
);
const someBackend: fc.Arbitrary<DumpBackend> = fc.record(
  {
    id: fc.integer({ min: 1, max: 6 }),
    address: fc.constantFrom('10.1.0.1', '10.1.0.2', 'fd00:0:0:0:0:0:1:1'),
    port: fc.constantFrom(80, 8080),
    state: fc.constantFrom(0, 1, 2),
  },
  { requiredKeys: ['id', 'address', 'port'] },
);
const someTables: fc.Arbitrary<DumpTables> = fc.record({
  // A key has one row.
  rows: fc.uniqueArray(someRow, {
    maxLength: 12,
    selector: ({ address: at, port, protocol = 6, internal = false }) => `${at} ${port} ${protocol} ${internal}`,
  }),
  backends: fc.array(someBackend, { minLength: 3, maxLength: 8 }),
  maglev: fc.boolean(),
});

describe('an answer that does not fit is none', () => {
  const dump = printMapDump(aNode(2, 20));
  const told = () => {
    const rows = new KnownRows(sha256);
    ask(rows, printMapDump(aNode(1, 20)));
    return rows;
  };
  test.each([
    ['a digest of another length', (said: string) => said.replace(/^(digest 1 .{63})./, '$1'), 'its digest is none'],
    ['another version', (said: string) => said.replace('digest 1', 'digest 2'), 'its digest is none'],
    [
      'buckets without an end',
      (said: string) => said.replace(/^buckets /m, `buckets ${'.'.repeat(2e7)}`),
      'its buckets',
    ],
    ['counts without an end', (said: string) => said.replace(/^entries /m, `entries ${'1 '.repeat(1e7)}`), 'how many'],
    [
      'addresses without an end',
      (said: string) => said.replace(/^own/m, `own${' 400a000000001'.repeat(2e6)}`),
      'its addresses',
    ],
    ['a bucket too few', (said: string) => said.replace(/^buckets ./m, 'buckets '), 'its buckets'],
    ['another digest', (said: string) => said.replace(/^digest 1 ./, 'digest 1 g'), 'its digest is none'],
    ['other rows', (said: string) => said.replace(/^buckets \./m, 'buckets +'), 'not that of its rows'],
    ['rows of nobody', (said: string) => said.replace(/^buckets \./m, 'buckets 01234567'), 'not known'],
    ['other addresses', (said: string) => said.replace(/^own \S+/m, 'own'), 'not that of its rows'],
    ['a map too many', (said: string) => `${said}cilium_lb4_new\n\n`, 'other maps'],
    ['its end lost', (said: string) => said.slice(0, said.indexOf('cilium_lb4_reverse')), 'other maps'],
  ])('%s', (_, change, why) => {
    const rows = told();
    const known = rows.known('nonce-2');
    const said = sayDigest(dump, known.words);
    const read = rows.read(change(said), known);
    expect(read).toMatchObject({ ok: false, why: expect.stringContaining(why) });
    expect(rows.take(change(said))).toBeUndefined();
  });

  test('what was said before', () => {
    const rows = told();
    const said = sayDigest(dump, rows.known('nonce-2').words);
    expect(rows.read(said, rows.known('nonce-3'))).toMatchObject({
      ok: false,
      why: 'its digest is not that of its rows',
    });
  });

  test('what is no dump is printed as it came', () => {
    for (const text of ['', 'Error: bpf obj get', 'cilium_lb4_services_v2\n{key:'])
      expect(sayDigest(text, ['nonce', ''])).toBe(text);
  });
});
