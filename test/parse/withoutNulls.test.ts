import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { withoutNulls } from '../../src/parse/withoutNulls.ts';

test.each([
  [{ a: null, b: 1 }, { b: 1 }],
  [{ a: { b: null } }, { a: {} }],
  [{ a: [{ b: null, c: 2 }, { c: 3 }] }, { a: [{ c: 2 }, { c: 3 }] }],
  [
    [null, { a: null }],
    [null, {}],
  ],
  [null, null],
])('%j', (value, clean) => {
  const before = structuredClone(value);
  expect(withoutNulls(value)).toStrictEqual(clean);
  expect(value).toStrictEqual(before);
});

const hasNullMember = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  Object.values(value).some((member) => (member === null && !Array.isArray(value)) || hasNullMember(member));

test('no member of any object is null, and what has none is the same value', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const clean = withoutNulls(value);
      expect(hasNullMember(clean)).toBe(false);
      expect(clean === value).toBe(!hasNullMember(value));
      expect(withoutNulls(clean)).toBe(clean);
    }),
  );
});

test('what is deeper than any object of the API is left as it is', () => {
  const deep: unknown = JSON.parse(`{"a":${'['.repeat(100_000)}${']'.repeat(100_000)},"b":null}`);
  expect(Object.keys(withoutNulls(deep) as object)).toEqual(['a']);
});
