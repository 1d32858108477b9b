import type { ChartValue, ChartValues, KeyTree } from '../knowledge/charts/ChartTable.ts';
import { isValueMap, type KeyPath } from './PlacedValues.ts';

/**
 * The keys that a chart does not have, each at the highest place where that is so.
 * @param defaults the chart's own values; undefined: it has none there
 */
export function unknownKeys(
  tree: ChartValues,
  known: KeyTree,
  defaults: ChartValue | undefined,
  path: KeyPath = [],
): readonly KeyPath[] {
  return Object.entries(tree).flatMap(([key, value]) => {
    const member = Object.hasOwn(known, key) ? known[key] : undefined;
    const at = [...path, key];
    if (member === undefined) return [at];
    if (member === true || !isValueMap(value)) return [];
    const own = isValueMap(defaults) && Object.hasOwn(defaults, key) ? defaults[key] : undefined;
    const below = unknownKeys(value, member, own, at);
    // Templates still look into some maps that values.yaml no longer has: empty, they are as good as unknown.
    return own === undefined && below.length > 0 && hasNothing(value, member) ? [at] : below;
  });
}

/** Nothing that the chart knows of is set in it. */
const hasNothing = (value: ChartValues, known: KeyTree): boolean =>
  Object.entries(value).every(([key, member]) => !Object.hasOwn(known, key) || isEmpty(member));

const isEmpty = (value: ChartValue): boolean =>
  value === null || value === '' || ((isValueMap(value) || Array.isArray(value)) && Object.keys(value).length === 0);

export function isKnownKey(path: KeyPath, known: KeyTree): boolean {
  let member: KeyTree | true = known;
  for (const key of path) {
    if (member === true) return true;
    const below: KeyTree | true | undefined = Object.hasOwn(member, key) ? member[key] : undefined;
    if (below === undefined) return false;
    member = below;
  }
  return true;
}

/** The paths of all keys of a chart. */
export function* pathsOf(known: KeyTree, path: KeyPath = []): Generator<KeyPath> {
  for (const [key, member] of Object.entries(known)) {
    yield [...path, key];
    if (member !== true) yield* pathsOf(member, [...path, key]);
  }
}
