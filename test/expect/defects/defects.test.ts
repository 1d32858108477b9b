import SemVer from 'semver/classes/semver.js';
import { describe, expect, test } from 'vitest';
import { referenceName } from '../../../checks/agents/defectWords.ts';
import { firstWithout, isAffected } from '../../../src/expect/defects/affected.ts';
import type { Defect } from '../../../src/expect/defects/Defect.ts';
import { defects } from '../../../src/expect/defects/defects.ts';
import { branches, newestRead } from '../../../src/knowledge/releases.ts';
import { clusterWith, type Given, saidOf } from '../../support/defectScene.ts';
import { cases, type DefectCase } from './cases.ts';

/** What is said of one defect, without its reference. */
const saidBy = ({ reference }: Defect, given: Given, version: string): readonly string[] =>
  saidOf(clusterWith(given, version)).flatMap((line) => {
    const name = referenceName(reference);
    return line.startsWith(name) ? [line.slice(name.length).trim()] : [];
  });

const told = defects.flatMap((defect): [string, Defect, DefectCase][] => {
  const one = cases[defect.reference];
  return one === undefined ? [] : [[defect.reference, defect, one]];
});

test('every defect has its cases, and there are no others', () => {
  expect(told.map(([reference]) => reference)).toEqual(defects.map(({ reference }) => reference));
  expect(Object.keys(cases)).toHaveLength(defects.length);
});

test('each is told once', () => {
  const all = defects.map(({ reference }) => reference);
  expect(new Set(all).size).toBe(all.length);
  expect(defects.length).toBeGreaterThanOrEqual(40);
});

describe.each(told)('%s', (_, defect, { on, beside, here, apart, says }) => {
  test.each(on)('is said of %s where it meets the cluster', (version) => {
    expect(saidBy(defect, here, version)).toEqual(expect.arrayContaining([...says]));
  });
  test.each(beside)('is not said of %s', (version) => {
    expect(saidBy(defect, here, version)).toEqual([]);
  });
  test.each(on)('is not said of %s without what brings it about', (version) => {
    expect(saidBy(defect, apart, version)).toEqual([]);
  });

  test('these are the ends of its ranges', () => {
    const affected = new Set(on);
    for (const branch of branches) {
      const range = defect.affects[branch];
      if (range === undefined) continue;
      const last = range.fixed === 'never' ? newestRead[branch] : before(range.fixed);
      const isNamed = affected.has(range.from ?? `${branch}.0`) || affected.has(last);
      expect([branch, isNamed]).toEqual([branch, true]);
      if (range.fixed !== 'never') expect([...beside, ...affected]).toContain(range.fixed);
    }
  });
});

const before = (release: string): string => release.replace(/\d+$/, (patch) => String(Number(patch) - 1));

describe('ranges', () => {
  test('begin before they end', () => {
    const wrong = defects.flatMap(({ reference, affects }) =>
      branches
        .filter((branch) => {
          const range = affects[branch];
          const end = range?.fixed === 'never' ? `${branch}.999` : range?.fixed;
          return end !== undefined && new SemVer(range?.from ?? `${branch}.0`).compare(end) >= 0;
        })
        .map((branch) => `${reference} ${branch}`),
    );
    expect(wrong).toEqual([]);
  });

  test('end at releases that were read', () => {
    const unread = defects.flatMap(({ reference, affects }) =>
      branches
        .filter((branch) => {
          const fixed = affects[branch]?.fixed ?? 'never';
          return fixed !== 'never' && new SemVer(fixed).compare(newestRead[branch]) > 0;
        })
        .map((branch) => `${reference} ${branch}`),
    );
    expect(unread).toEqual([]);
  });

  test('say nothing of releases that nobody has read', () => {
    const open = { affects: { '1.19': { fixed: 'never' } } } as const;
    expect(isAffected(open, new SemVer(newestRead['1.19']))).toBe(true);
    expect(isAffected(open, new SemVer('1.19.99'))).toBe(false);
    expect(isAffected(open, new SemVer('1.21.0'))).toBe(false);
  });

  test('what to go to is on this branch, else on the next that is repaired', () => {
    const affects = { '1.17': { fixed: 'never' }, '1.18': { fixed: '1.18.6' }, '1.20': { fixed: 'never' } } as const;
    const from = (version: string) => firstWithout({ affects }, new SemVer(version));
    expect([from('1.17.3'), from('1.18.2'), from('1.20.1')]).toEqual(['1.18.6', '1.18.6', undefined]);
    expect(firstWithout({ affects: { '1.18': { fixed: 'never' } } }, new SemVer('1.18.4'))).toBe('1.19.0');
  });
});

test('where no release helps, something else does', () => {
  const helpless = defects.filter(
    (defect) =>
      defect.workaround === undefined &&
      branches.some((branch) => {
        const range = defect.affects[branch];
        return range !== undefined && firstWithout(defect, new SemVer(`${branch}.0`)) === undefined;
      }),
  );
  expect(helpless.map(({ reference }) => reference)).toEqual([]);
});

test('texts are clauses and sentences', () => {
  for (const { title, meets, symptom, workaround } of defects) {
    expect(title).not.toMatch(/\.$/);
    expect(meets).not.toMatch(/\.$/);
    expect(symptom).toMatch(/^[A-Z“].*\.$/);
    expect(workaround ?? 'None').toMatch(/^[A-Z].*[^.]$/);
  }
});
