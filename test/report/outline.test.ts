import { describe, expect, test } from 'vitest';
import type { FindingReport } from '../../src/report/ReportDocument.ts';
import { blocksOf } from '../../src/report/outline/blocksOf.ts';
import { outlineOf } from '../../src/report/outline/outlineOf.ts';
import { aFindingReport, broken, unknowns } from './documents.ts';

const takenAt = '2026-11-21T10:00:00Z';
const service = (name: string) => ({ kind: 'Service', namespace: 'shop', name });
const of = (code: string, more: Partial<FindingReport> = {}): FindingReport =>
  aFindingReport({ code, message: `what ${code} says`, ...more });
/** Each block as its codes: the first, what is like it, and what follows from them. */
const shapes = (findings: readonly FindingReport[]) =>
  blocksOf({ findings, takenAt }).map(({ lead, others, effects }) =>
    [
      [lead, ...others].map(({ code }) => code).join(' + '),
      ...effects.map(({ code, findings: all }) => `${code} ${all.length}`),
    ].join(', '),
  );

describe('blocks', () => {
  test('what follows from a cause stands in its block, however long the chain is', () => {
    expect(
      shapes([of('KPR1010'), of('KPR4001', { effectOf: 0 }), of('KPR6002', { effectOf: 1 }), of('KPR3001')]),
    ).toEqual(['KPR1010, KPR4001 1, KPR6002 1', 'KPR3001']);
  });

  test('effects of one code are one', () => {
    const refused = [1, 2, 3].map((i) =>
      of('KPR1011', { effectOf: 0, message: `${i} frontends`, objects: [service(`s${i}`)] }),
    );
    const [block] = blocksOf({ findings: [of('KPR1010'), ...refused], takenAt });
    expect(block?.effects.map(({ text, objects }) => [text, objects.length])).toEqual([[refused[0]?.brief, 3]]);
  });

  test('what shows in the same way elsewhere is one block, and so is what is about one object', () => {
    const [a, b] = [service('a'), service('b')];
    const annotations = [
      of('KPR5005', { variant: 'unknownKey', objects: [a] }),
      of('KPR5005', { variant: 'switchOff', objects: [a] }),
      of('KPR5005', { variant: 'switchOff', objects: [b] }),
      of('KPR5005', { variant: 'asLabel', objects: [service('c')] }),
    ];
    expect(shapes(annotations)).toEqual(['KPR5005 + KPR5005 + KPR5005', 'KPR5005']);
    expect(shapes([of('KPR5005', { objects: [a] }), of('KPR5011', { objects: [a] })])).toHaveLength(2);
  });

  test('outages stand before other harm, harm before traps, traps before notes', () => {
    expect(
      shapes([
        of('KPR2001', { harm: 'trap' }),
        of('KPR5011', { harm: 'note', severity: 'info' }),
        of('KPR5005', { severity: 'warning' }),
        of('KPR4001'),
        of('KPR1010', { variant: 'full' }),
        of('KPR6002', { outage: true, effectOf: 4 }),
      ]),
    ).toEqual(['KPR1010, KPR6002 1', 'KPR4001', 'KPR5005', 'KPR2001', 'KPR5011']);
  });

  test.each([
    ['2026-11-21T09:59:20Z', 'for about 40 seconds'],
    ['2026-11-21T09:55:10Z', 'for about 5 minutes'],
    ['2026-11-21T04:10:00Z', 'for about 6 hours'],
    ['2026-11-12T10:00:00Z', 'for about 9 days'],
  ])('since %s it is so %s, by what is so for the longest', (since, lasted) => {
    const findings = [of('KPR1001', { since: '2026-11-21T09:59:50Z' }), of('KPR1001', { since }), of('KPR1001')];
    expect(blocksOf({ findings, takenAt }).map((block) => block.lasted)).toEqual([lasted]);
    expect(outlineOf({ ...broken, findings, takenAt }).headline.text).toContain(`(${lasted})`);
  });

  test('where nothing tells since when, nothing is said', () => {
    expect(blocksOf({ findings: [of('KPR1001')], takenAt }).map((block) => block.lasted)).toEqual([undefined]);
  });

  test('every finding stands in one block', () => {
    const { causes, notes } = outlineOf(broken);
    const shown = [...causes, ...notes].flatMap(({ lead, others, effects }) =>
      [lead].concat(
        others,
        effects.flatMap(({ findings }) => findings),
      ),
    );
    expect(shown.toSorted((a, b) => a.code.localeCompare(b.code))).toEqual(
      broken.findings.toSorted((a, b) => a.code.localeCompare(b.code)),
    );
  });
});

test('what is unknown stands together by its reason', () => {
  const blocked = { ...unknowns, findings: [aFindingReport({ code: 'KPR1002', check: 'agents-answer' })] };
  expect(outlineOf(blocked).unknowns.map(({ why, checks }) => [why, checks.length])).toEqual([
    [{ kind: 'finding', code: 'KPR1002' }, 4],
    [{ kind: 'sysdump' }, 1],
    [{ kind: 'reason', reason: 'forbidden' }, 1],
  ]);
});
