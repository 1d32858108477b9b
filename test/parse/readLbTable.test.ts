import { assert, constantFrom, property, string } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isKnown, missing } from '../../src/model/Fact.ts';
import type { AnswerName, RawAnswer, RawNode } from '../../src/model/raw.ts';
import { readLbDump } from '../../src/parse/readLbDump.ts';
import { readAgentTable, readLbTable } from '../../src/parse/readLbTable.ts';
import { sampleNames, sampleText } from '../support/lbSamples.ts';

const parts = {
  lbList: 'list',
  lbFrontends: 'frontends',
  lbBackends: 'backends',
  lbRevnat: 'revnat',
  lbSourceRanges: 'source-ranges',
} as const satisfies Partial<Record<AnswerName, string>>;

const said = (text: string, exitCode = 0, stderr = ''): RawAnswer => ({
  text,
  stderr,
  exitCode,
  command: 'bpf lb list',
});

/** What n1 printed, with changes. */
function node(changes: RawNode['answers'] = {}, sample: (typeof sampleNames)[number] = '1.20.1'): RawNode {
  const answers = Object.entries(parts).map(([name, part]) => [
    name,
    said(sampleText(sample, 'n1', `bpf-lb-${part}.json`)),
  ]);
  return { name: 'n1', answers: { ...Object.fromEntries(answers), ...changes } };
}
const tableOf = (raw: RawNode) => {
  const fact = readLbTable(raw);
  if (!isKnown(fact)) throw new Error(fact.detail);
  return fact.value;
};

test.each(sampleNames)('recorded with %s: rows with counts and backends, reverse NAT and source ranges', (sample) => {
  const table = tableOf(node({}, sample));
  const [first] = table.frontends.values();
  expect(first?.count).toBeDefined();
  expect(first?.slots[0]?.backend).toMatch(/^[\d.]+:\d+\/(TCP|UDP)$/);
  expect(table.revNat?.size).toBeGreaterThan(0);
  expect(table.sourceRanges).toBeDefined();
  expect(table.notUnderstood).toEqual([]);
});

test('its source is what a person repeats', () => {
  expect(readLbTable(node())).toMatchObject({ source: 'bpf lb list' });
});

describe('without rows, or without their counts, there is no table', () => {
  const ends: readonly (readonly [string, RawAnswer | undefined, string])[] = [
    ['not asked', undefined, 'notCollected'],
    ['no time', missing('timeout', 'no answer within 5 s'), 'timeout'],
    ['no such program', said('', 127, 'bash: cilium-dbg: command not found'), 'absent'],
    ['failed', said('', 1, 'Unable to open map'), 'unparsed'],
    ['no table', said('Usage: cilium-dbg bpf lb list'), 'unparsed'],
  ];
  const both = ['lbList', 'lbFrontends'] as const;
  describe.each(both)('%s', (name) => {
    test.each(ends)('%s', (_, answer, reason) => {
      const { [name]: _left, ...answers } = node().answers;
      const raw = { name: 'n1', answers: answer === undefined ? answers : { ...answers, [name]: answer } };
      expect(readLbTable(raw)).toMatchObject({ missing: reason });
    });
  });
});

describe('maps that are pinned nowhere', () => {
  const empty = { lbList: said('{}'), lbFrontends: said('{}') };
  const failed = said('', 2, "ls: cannot access 'cilium_lb[46]_backends_v3': No such file or directory");
  test('`bpf lb list` shows an empty table, which it is not', () => {
    expect(readLbTable(node({ ...empty, lbDump: failed }))).toMatchObject({
      missing: 'absent',
      detail: expect.stringContaining('cilium_lb4_services_v2 is not pinned'),
    });
  });
  test('before 1.12 they have other names, and are listed', () => {
    expect(tableOf(node({ lbDump: failed })).frontends.size).toBeGreaterThan(0);
  });
  test('one of them', () => {
    const dump = said('cilium_lb4_backends_v3\n\n\ncilium_lb4_reverse_nat\n\n\n');
    expect(readLbTable(node({ lbDump: dump }))).toMatchObject({ missing: 'absent' });
  });
});

describe('what the other outputs add may be missing', () => {
  test.each(['lbRevnat', 'lbSourceRanges', 'lbBackends'] as const)('%s', (name) => {
    const whole = tableOf(node());
    const table = tableOf(node({ [name]: missing('timeout', 'slow') }));
    expect([...table.frontends.keys()]).toEqual([...whole.frontends.keys()]);
    if (name === 'lbRevnat') expect(table.revNat).toBeUndefined();
    if (name === 'lbSourceRanges') expect(table.sourceRanges).toBeUndefined();
  });
});

describe('the agent’s own table', () => {
  test('as it printed it', () => {
    const read = readAgentTable(sampleText('1.20.1', 'n1', 'service-list.json'));
    expect(read.ok && read.value.frontends.size).toBeGreaterThan(5);
  });

  test.each(['', 'Error: unknown command', '{"a":'])('what is none says so: %j', (text) => {
    expect(readAgentTable(text)).toMatchObject({ ok: false, why: expect.stringMatching(/\S/) });
  });
});

test('any text gives a fact', () => {
  assert(
    property(
      constantFrom('lbList', 'lbFrontends', 'lbRevnat', 'lbSourceRanges', 'lbBackends'),
      string(),
      (name, text) => {
        const fact = readLbTable(node({ [name]: said(text) }));
        expect(isKnown(fact) || fact.detail !== '').toBe(true);
      },
    ),
    { numRuns: 100 },
  );
});

test.each(['lbList', 'lbFrontends', 'lbMaps'] as const)(
  'a dump that failed is not waited for where %s came',
  (name) => {
    const lbDump = missing('timeout', 'no answer');
    expect(readLbDump({ name: 'n1', answers: { lbDump, [name]: said('{}') } })).toBeUndefined();
    expect(readLbDump({ name: 'n1', answers: { lbDump, [name]: lbDump } })).toEqual(lbDump);
  },
);
