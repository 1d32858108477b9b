import { expect, test } from 'vitest';
import { nearest } from '../../../src/expect/lb/nearest.ts';

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
  expect(nearest(word, words)).toBe(expected);
});
