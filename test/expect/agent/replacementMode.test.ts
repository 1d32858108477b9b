import { expect, test } from 'vitest';
import { refusesReplacement, replacementMode } from '../../../src/expect/agent/replacementMode.ts';
import { parseVersion } from '../../../src/knowledge/version.ts';

test.each([
  ['True', 'on'],
  ['true', 'on'],
  ['Strict', 'on'],
  ['strict', 'on'],
  ['1', 'on'],
  ['False', 'off'],
  ['false', 'off'],
  ['Disabled', 'off'],
  ['Partial', 'partial'],
  ['probe', 'partial'],
  ['yes', undefined],
  ['', undefined],
])('%s', (text, expected) => {
  expect(replacementMode(text)).toBe(expected);
});

test.each([
  ['1.15.19', ['strict', 'partial', 'true', 'false', 'nonsense'], []],
  ['1.16.0', ['true', 'false'], ['strict', 'partial', 'True', '1', 't']],
  ['1.18.11', ['true', 'false'], ['strict', 'True', '0']],
  ['1.19.0', ['true', 'false', 'True', '1', 't', 'F'], ['strict', 'disabled', 'yes', 'tRUE']],
])('%s starts with some, and with others not', (text, taken, refused) => {
  const version = parseVersion(text);
  if (version === undefined) throw new Error('no version');
  expect([...taken, ...refused].filter((value) => refusesReplacement(value, version))).toEqual(refused);
});
