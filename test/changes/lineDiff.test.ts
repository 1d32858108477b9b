import { applyPatch } from 'diff';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lineDiff, type Run } from '../../src/changes/lineDiff.ts';
import { unifiedPatch } from '../../src/report/diff/unifiedPatch.ts';

const side = (runs: readonly Run[], left: 'removed' | 'added'): string[] =>
  runs.filter(({ kind }) => kind !== left).flatMap(({ lines }) => lines);

/** Few different lines, so that most stand several times; and many, so that most are anchors. */
const texts = fc.oneof(
  fc.tuple(
    fc.array(fc.constantFrom('a', 'b', 'c', ' ', '-x', '+y', '')),
    fc.array(fc.constantFrom('a', 'b', 'c', '-x', '')),
  ),
  fc.tuple(fc.array(fc.nat(60).map(String)), fc.array(fc.nat(60).map(String))),
  fc
    .tuple(fc.uniqueArray(fc.nat(500).map(String), { maxLength: 60 }), fc.array(fc.nat(100)))
    .map(([lines, gone]): [string[], string[]] => [lines, lines.filter((_, i) => !gone.includes(i))]),
);
const names = { oldName: 'a', newName: 'b', oldTime: '', newTime: '' };
const asText = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');

const many = (word: string): string[] => Array.from({ length: 3000 }, (_, i) => `${word} ${i % 1500}`);

describe('lineDiff', () => {
  test('tells both texts', () => {
    fc.assert(
      fc.property(texts, ([before, after]) => {
        const runs = lineDiff(before, after);
        expect(side(runs, 'added')).toEqual(before);
        expect(side(runs, 'removed')).toEqual(after);
      }),
    );
  });

  test('of equal texts there is one run', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1 }), (lines) => {
        expect(lineDiff(lines, [...lines])).toEqual([{ kind: 'same', lines }]);
      }),
    );
  });

  test('what removed stands before what added in its place', () => {
    fc.assert(
      fc.property(texts, ([before, after]) => {
        const kinds = lineDiff(before, after).map(({ kind }) => kind);
        expect(kinds.join(' ')).not.toMatch(/added removed|same same|removed removed|added added/);
      }),
    );
  });

  test('a gap that is too large to compare is replaced as a whole, around what both have', () => {
    const runs = lineDiff(['first', ...many('old'), 'last'], ['first', ...many('new'), 'last']);
    expect(runs.map(({ kind, lines }) => [kind, lines.length])).toEqual([
      ['same', 1],
      ['removed', 3000],
      ['added', 3000],
      ['same', 1],
    ]);
  });
});

describe('unifiedPatch', () => {
  test.each([0, 1, 3, 1000])('applied with %i lines of context it gives the text after', (context) => {
    fc.assert(
      fc.property(texts, ([before, after]) => {
        const patch = unifiedPatch(before, after, names, context);
        if (patch === '') expect(after).toEqual(before);
        else expect(applyPatch(asText(before), patch)).toBe(asText(after));
      }),
    );
  });

  test('is empty for equal texts', () => {
    expect(unifiedPatch(['a', 'b'], ['a', 'b'], names, 3)).toBe('');
  });

  test('has the form that people know', () => {
    const before = ['1', '2', '3', '4', '5', '6', '7', '8', '9'];
    const after = ['1', '2', 'three', '4', '5', '6', '7', '9'];
    const sides = { oldName: 'before/n1/x', newName: 'after/n1/x', oldTime: 'T1', newTime: 'T2' };
    expect(unifiedPatch(before, after, sides, 1)).toBe(
      [
        '--- before/n1/x\tT1',
        '+++ after/n1/x\tT2',
        '@@ -2,3 +2,3 @@',
        ' 2',
        '-3',
        '+three',
        ' 4',
        '@@ -7,3 +7,2 @@',
        ' 7',
        '-8',
        ' 9',
        '',
      ].join('\n'),
    );
  });
});
