import { readFileSync } from 'node:fs';
import { assert, integer, property, string } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { failureText } from '../../src/text/failureText.ts';
import { listFirst, listNames } from '../../src/text/names.ts';
import { count, plural } from '../../src/text/plural.ts';
import { truncate, truncateMiddle } from '../../src/text/truncate.ts';
import { isHazardous, oneLine, visible, visibleName } from '../../src/text/visible.ts';

test.each([
  [[], ''],
  [['a'], 'a'],
  [['a', 'b'], 'a and b'],
  [['a', 'b', 'c'], 'a, b and c'],
  [['a', 'b', 'c', 'd'], 'a, b and 2 more'],
])('%j in a sentence', (names, text) => {
  expect(listNames(names)).toBe(text);
});

test('a list is whole where all is asked for', () => {
  expect(listNames(['a', 'b', 'c', 'd'], true)).toBe('a, b, c and d');
});

test('a plain list ends after as many as are wanted', () => {
  expect(listFirst(['a', 'b', 'c'], 3)).toBe('a, b, c');
  expect(listFirst(['a', 'b', 'c', 'd'], 3)).toBe('a, b, c and 1 more');
});

test.each([
  [0, 'node', '0 nodes'],
  [1, 'node', '1 node'],
  [2, 'public address', '2 public addresses'],
  [1, 'public address', '1 public address'],
  [2, 'match', '2 matches'],
  [3, 'entry', '3 entries'],
  [2, 'gateway', '2 gateways'],
])('%i %s', (number, noun, text) => {
  expect(count(number, noun)).toBe(text);
  expect(`${number} ${plural(number, noun)}`).toBe(text);
});

const failed = (act: () => unknown): unknown => {
  try {
    return act();
  } catch (error) {
    return error;
  }
};

test('what the system says is told without its codes and calls', () => {
  expect(failureText(failed(() => readFileSync('/nowhere/at, all')))).toBe('no such file or directory');
  expect(failureText(failed(() => readFileSync('/')))).toBe('illegal operation on a directory');
  expect(failureText(Object.assign(new Error('unexpected end of file'), { code: 'Z_BUF_ERROR' }))).toBe(
    'unexpected end of file',
  );
  expect(failureText(new Error('bad indentation\n  1 | a'))).toBe('bad indentation');
  expect(failureText('thrown')).toBe('thrown');
});

describe('truncation', () => {
  test('keeps what fits', () => {
    expect(truncate('abc', 3)).toBe('abc');
    expect(truncateMiddle('abc', 3)).toBe('abc');
  });

  test('says that something is missing', () => {
    expect(truncate('abcdef', 4)).toBe('abc…');
    expect(truncateMiddle('/some/long/folder/name.txt', 13)).toBe('/some/lo….txt');
  });

  test('never exceeds its limit and never halves a character', () => {
    assert(
      property(string({ unit: 'grapheme', maxLength: 40 }), integer({ min: 4, max: 30 }), (text, most) => {
        for (const cut of [truncate(text, most), truncateMiddle(text, most)]) {
          expect(cut.length).toBeLessThanOrEqual(most);
          expect(cut.isWellFormed()).toBe(true);
        }
      }),
    );
  });
});

test('text from outside is made harmless, whatever it is', () => {
  assert(
    property(string({ unit: 'binary', maxLength: 300 }), (text) => {
      for (const safe of [visible(text), visibleName(text)]) expect(isHazardous(safe)).toBe(false);
      for (const control of ['\n', '\t', '\u{1b}', '\u{9b}']) expect(oneLine(text)).not.toContain(control);
    }),
  );
});

test('a name with an escape sequence shows it and does not send it', () => {
  expect(visibleName('a\u{1b}[31mb')).toBe(String.raw`a\x1b[31mb`);
});
