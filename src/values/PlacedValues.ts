import { isRecord } from '../text/isRecord.ts';
import type { ChartValue, ChartValues } from '../knowledge/charts/ChartTable.ts';

/** Where a key is written: in a file, or in a flag of the command line. */
export type KeyPlace =
  | { readonly kind: 'file'; readonly file: string; readonly line: number; readonly column: number }
  | { readonly kind: 'flag'; readonly flag: '--set' | '--set-string'; readonly text: string };

/** Keys from the root of the values to one of them. */
export type KeyPath = readonly string[];

/** As Helm’s --set takes it: a dot that belongs to a key has a backslash before it. */
export const pathText = (path: KeyPath): string => path.map(keyText).join('.');

const keyText = (key: string): string => key.replaceAll('.', '\\.');

/** The text of a path that goes one key further. */
export const furtherPath = (text: string, key: string): string =>
  text === '' ? keyText(key) : `${text}.${keyText(key)}`;

/** PlacedValues from one source or several, and where each key stands. */
export interface PlacedValues {
  readonly tree: ChartValues;
  /** By the text of its path; of several places the one that counts. */
  readonly places: ReadonlyMap<string, KeyPlace>;
}

export const isValueMap = (value: ChartValue | undefined): value is ChartValues => isRecord(value);

/** A single value as text: `true` and `"true"` are the same; undefined: a map, a list, or nothing. */
export const plainText = (value: ChartValue | undefined): string | undefined =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;

/** What stands at a path; undefined: nothing. */
export function valueAt(tree: ChartValues, path: KeyPath): ChartValue | undefined {
  let value: ChartValue | undefined = tree;
  for (const key of path) value = isValueMap(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  return value;
}

/** With another value at a path; undefined takes it away, and what is empty after that goes, too. */
export function withValueAt(tree: ChartValues, path: KeyPath, value: ChartValue | undefined): ChartValues {
  const [key, ...rest] = path;
  if (key === undefined) return tree;
  const old = Object.hasOwn(tree, key) ? tree[key] : undefined;
  const below = rest.length === 0 ? value : withValueAt(isValueMap(old) ? old : {}, rest, value);
  const isGone = below === undefined || (value === undefined && isValueMap(below) && Object.keys(below).length === 0);
  return isGone
    ? Object.fromEntries(Object.entries(tree).filter(([other]) => other !== key))
    : { ...tree, [key]: below };
}

/** Without what stands at any of these paths; what is empty after that goes, too. */
export function withoutPaths(tree: ChartValues, paths: readonly KeyPath[]): ChartValues {
  const byKey = Map.groupBy(paths, ([key = '']) => key);
  const kept = Object.entries(tree).flatMap(([key, value]): [string, ChartValue][] => {
    const own = byKey.get(key);
    if (own === undefined) return [[key, value]];
    const rests = own.map(([, ...rest]) => rest);
    if (!isValueMap(value) || rests.some((rest) => rest.length === 0)) return [];
    const below = withoutPaths(value, rests);
    return Object.keys(below).length === 0 ? [] : [[key, below]];
  });
  return Object.fromEntries(kept);
}
