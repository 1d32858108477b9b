// `node test/bench/fuzzTables.ts [INPUTS] [SEED]`: recorded answers of the load-balancing commands, damaged at random,
// given to every parser of them and compared with an expectation. Nothing may throw, and nothing may take long. One
// million inputs unless said otherwise.
import { compareTables } from '../../src/expect/parity/compareTables.ts';
import { noChanges } from '../../src/expect/settling/apiChanges.ts';
import { settled } from '../../src/expect/settling/settled.ts';
import { impactOf } from '../support/impactOf.ts';
import type { LbTable } from '../../src/model/lb/LbTable.ts';
import { parseBpfLbList } from '../../src/parse/lb/parseBpfLbList.ts';
import { parseFrontends } from '../support/parseFrontends.ts';
import { parseMapsDump } from '../support/parseMapsDump.ts';
import { parseServiceList } from '../../src/parse/lb/parseServiceList.ts';
import { Mutator } from '../support/fuzz/Mutator.ts';
import { sampleExpectation, type SampleName, sampleNames, sampleText } from '../support/lbSamples.ts';

const [inputs = 1_000_000, seed = 1] = process.argv.slice(2).map(Number);
const mutator = new Mutator(seed);

const expectations = new Map(sampleNames.map((sample) => [sample, sampleExpectation(sample, 'n1')]));
const texts = new Map(sampleNames.map((sample) => [sample, textsOf(sample)]));

const kinds = ['mapsDump', 'lbList', 'serviceList', 'frontends'] as const;
const counts = { readable: 0, unreadable: 0, notUnderstood: 0, differences: 0 };
let slowest = { ms: 0, kind: '' };
const start = performance.now();
for (let i = 0; i < inputs; i++) {
  const sample = mutator.pick(sampleNames);
  const kind = mutator.pick(kinds);
  const before = performance.now();
  const table = parsed(sample, kind);
  if (table.unreadable === undefined) counts.readable++;
  else counts.unreadable++;
  if (table.notUnderstood.length > 0) counts.notUnderstood++;
  const expected = expectations.get(sample);
  if (expected !== undefined && table.unreadable === undefined) {
    const differences = settled(compareTables(expected, table, table), {
      again: undefined,
      changes: noChanges,
      changed: '',
      states: [],
      agent: mutator.random() < 0.5 ? { kind: 'noExcuse' } : { kind: 'synchronised', ageSeconds: 60 },
      canReadAgain: true,
    });
    for (const difference of differences) impactOf('n1', difference);
    counts.differences += differences.length;
  }
  const ms = performance.now() - before;
  if (ms > slowest.ms) slowest = { ms, kind };
}
const seconds = (performance.now() - start) / 1000;
console.log(
  `${inputs} inputs (seed ${seed}) in ${seconds.toFixed(0)} s, none threw; slowest ${slowest.ms.toFixed(0)} ms (${slowest.kind}). ` +
    `${counts.readable} were tables, ${counts.unreadable} were not; ${counts.notUnderstood} had lines that were not understood; ${counts.differences} differences.`,
);

function parsed(sample: SampleName, kind: (typeof kinds)[number]): LbTable {
  const of = texts.get(sample);
  if (of === undefined) throw new Error('no such sample');
  if (kind === 'mapsDump') return parseMapsDump(mutator.text(mutator.excerpt(of.dump, 12)));
  if (kind === 'serviceList') return parseServiceList(mutator.text(mutator.pick(of.services)));
  if (kind === 'frontends') return parseFrontends(mutator.text(mutator.pick(of.frontends)));
  const entries = mutator.pick(of.lists);
  return parseBpfLbList({
    list: mutator.text(entries.list),
    frontends: mutator.text(entries.frontends),
    revnat: mutator.text(of.revnat),
    sourceRanges: mutator.text('{"10.0.0.0/8 (5)":null}'),
  });
}

function pieces(text: string, size: number): readonly string[] {
  const items = JSON.parse(text) as readonly unknown[];
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) =>
    JSON.stringify(items.slice(at * size, at * size + size)),
  );
}

/** Pieces small enough that a million of them take minutes, large enough to hold several rows. */
function textsOf(sample: SampleName) {
  const read = (file: string): string => sampleText(sample, 'n1', file);
  const list = Object.entries(JSON.parse(read('bpf-lb-list.json')) as Record<string, string[]>);
  const frontends = JSON.parse(read('bpf-lb-frontends.json')) as Record<string, string[]>;
  const stream = read('db-frontends.json').split(/(?<=^\})\n/m);
  const [heading = '', ...rows] = read('db-frontends.txt').split('\n');
  return {
    dump: read('lb-maps-dump.txt'),
    services: pieces(read('service-list.json'), 2),
    frontends: [...stream, ...rows.map((row, at) => [heading, row, rows[at + 1] ?? ''].join('\n'))],
    lists: Array.from({ length: 10 }, (_, at) => {
      const some = list.slice(at * 6, at * 6 + 6);
      return {
        list: JSON.stringify(Object.fromEntries(some)),
        frontends: JSON.stringify(Object.fromEntries(some.map(([key]) => [key, frontends[key] ?? []]))),
      };
    }),
    revnat: read('bpf-lb-revnat.json'),
  };
}
