import { expect, test } from 'vitest';
import { suggest } from '../../src/text/suggest.ts';

const words = ['node', 'node-selector', 'type', 'lb-algorithm', 'src-ranges-policy'];

test.each([
  ['node-selectr', 'node-selector'],
  ['nodeselector', 'node-selector'],
  ['lb-algorith', 'lb-algorithm'],
  ['Type', 'type'],
  ['source-ranges-policy', 'src-ranges-policy'],
  ['nod', 'node'],
  ['color', undefined],
  ['', undefined],
])('%s', (word, expected) => {
  expect(suggest(word, words)).toBe(expected);
});

test.each([
  ['docter', ['doctor', 'capture'], 'doctor'],
  ['dcotor', ['doctor', 'capture'], 'doctor'],
  ['cap', ['doctor', 'capture'], 'capture'],
  ['xyz', ['doctor', 'capture'], undefined],
  ['KPR1070', ['KPR1007', 'KPR2001'], 'KPR1007'],
  ['KPR0000', ['KPR1007', 'KPR2002'], undefined],
  ['', ['doctor'], undefined],
])('%s was probably meant to be…', (typed, known, expected) => {
  expect(suggest(typed, known)).toBe(expected);
});
