import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { SortedMap } from '../../src/model/SortedMap.ts';

/** Names of objects' own members among them, and characters of which UTF-16 needs two units. */
const keys = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constantFrom('', '__proto__', 'constructor'));

test.each<[string, fc.Arbitrary<string | number>]>([
  ['texts', keys],
  ['numbers', fc.integer()],
])('answers as a Map does: %s', (_, key) => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(key, fc.option(fc.integer(), { nil: undefined }))),
      fc.array(key),
      (entries, others) => {
        const map = new Map<string | number, number | undefined>(entries);
        const sorted = new SortedMap<string | number, number | undefined>(map);
        expect([...sorted]).toEqual([...map]);
        expect([...sorted.keys()]).toEqual([...map.keys()]);
        expect([...sorted.values()]).toEqual([...map.values()]);
        expect(sorted.size).toBe(map.size);
        for (const one of [...map.keys(), ...others]) {
          expect(sorted.get(one)).toBe(map.get(one));
          expect(sorted.has(one)).toBe(map.has(one));
        }
        expect([...map.keys()].map((one) => sorted.positionOf(one))).toEqual([...map.keys()].map((__, at) => at));
        const seen: unknown[] = [];
        sorted.forEach((value, one) => seen.push([one, value]));
        expect(seen).toEqual([...map]);
      },
    ),
    { numRuns: 200 },
  );
});
