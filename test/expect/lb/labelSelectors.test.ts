import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchesSelector, parseSelector } from '../../../src/expect/lb/labelSelectors.ts';

const labels = { pool: 'edge', zone: 'a', 'service.cilium.io/node': 'x', weight: '7' };

describe('selectors as text', () => {
  it.each([
    ['', true],
    ['pool=edge', true],
    ['pool==edge, zone!=b', true],
    ['pool in (core, edge),zone notin (b)', true],
    ['service.cilium.io/node', true],
    ['!gpu', true],
    ['weight>5', true],
    ['weight<5', false],
    ['pool notin (edge)', false],
    ['missing notin (edge)', true],
    ['missing=x', false],
    ['!pool', false],
  ])('%s', (text, matches) => {
    const selector = parseSelector(text);
    expect(selector).toBeDefined();
    expect(matchesSelector(selector, labels)).toBe(matches);
  });

  it.each(['pool in edge', 'pool=edge zone=a', '=x', 'pool,', '!pool=edge', '(', 'a in (b'])(
    'not of that form: %s',
    (text) => {
      expect(parseSelector(text)).toBeUndefined();
    },
  );

  it('never throws', () => {
    fc.assert(fc.property(fc.string(), (text) => void matchesSelector(parseSelector(text), labels)));
  });
});

describe('selectors of the API', () => {
  it('an empty one matches everything, an absent one nothing', () => {
    expect(matchesSelector({}, labels)).toBe(true);
    expect(matchesSelector(undefined, labels)).toBe(false);
  });

  it('labels and expressions must all hold', () => {
    const selector = {
      matchLabels: { pool: 'edge' },
      matchExpressions: [{ key: 'zone', operator: 'In', values: ['a'] }],
    };
    expect(matchesSelector(selector, labels)).toBe(true);
    expect(matchesSelector({ ...selector, matchLabels: { pool: 'core' } }, labels)).toBe(false);
    expect(matchesSelector({ matchExpressions: [{ key: 'zone', operator: 'Unheard' }] }, labels)).toBe(false);
  });
});
