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
import { sampleExpectation, type SampleName, sampleNames, sampleText } from '../support/lbSamples.ts';

/** Pieces that parsers trip over. */
const mean = [
  '',
  ' ',
  '\n',
  '=',
  '"',
  '{',
  '}',
  '[',
  ']',
  '(',
  ')',
  '/',
  ':',
  '0',
  '-1',
  '99999999999999999999',
  'null',
  '__proto__',
  'constructor',
  '/TCP/i',
  '[fd00::1]:80',
  '1e9',
  '\u0000',
  '::',
  '+',
  'FLAGS=',
  'SLOT=65535',
];

const [inputs = 1_000_000, seed = 1] = process.argv.slice(2).map(Number);
const random = generator(seed);
const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;

const expectations = new Map(sampleNames.map((sample) => [sample, sampleExpectation(sample, 'n1')]));
const texts = new Map(sampleNames.map((sample) => [sample, textsOf(sample)]));

const kinds = ['mapsDump', 'lbList', 'serviceList', 'frontends'] as const;
const counts = { readable: 0, unreadable: 0, notUnderstood: 0, differences: 0 };
let slowest = { ms: 0, kind: '' };
const start = performance.now();
for (let i = 0; i < inputs; i++) {
  const sample = pick(sampleNames);
  const kind = pick(kinds);
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
      agent: random() < 0.5 ? { kind: 'noExcuse' } : { kind: 'synchronised', ageSeconds: 60 },
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
  if (kind === 'mapsDump') return parseMapsDump(damaged(excerpt(of.dump)));
  if (kind === 'serviceList') return parseServiceList(damaged(pick(of.services)));
  if (kind === 'frontends') return parseFrontends(damaged(pick(of.frontends)));
  const entries = pick(of.lists);
  return parseBpfLbList({
    list: damaged(entries.list),
    frontends: damaged(entries.frontends),
    revnat: damaged(of.revnat),
    sourceRanges: damaged('{"10.0.0.0/8 (5)":null}'),
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
    dump: read('lb-maps-dump.txt').split('\n'),
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

function excerpt(lines: readonly string[]): string {
  const from = Math.floor(random() * lines.length);
  return lines.slice(from, from + 12).join('\n');
}

/**
 * One to four changes: characters replaced, taken out, doubled, swapped in from a list of mean ones, or
 * the text cut off.
 */
function damaged(text: string): string {
  let changed = text;
  for (let times = 1 + Math.floor(random() * 4); times > 0; times--) {
    const at = Math.floor(random() * changed.length);
    const length = Math.floor(random() * random() * 30);
    const [head, middle, tail] = [changed.slice(0, at), changed.slice(at, at + length), changed.slice(at + length)];
    changed = pick([
      () => head + pick(mean) + tail,
      () => head + tail,
      () => head + middle + middle + tail,
      () => head,
      () => head + String.fromCharCode(Math.floor(random() * 65_536)) + tail,
      () => tail + head,
      () => text,
    ])();
  }
  return changed;
}

/** Mulberry32: the same inputs for the same seed. */
function generator(from: number): () => number {
  let state = from >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
