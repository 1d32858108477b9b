import type { ChartTable, KeyTree } from '../knowledge/charts/ChartTable.ts';
import { suggest } from '../text/suggest.ts';
import { isKnownKey, pathsOf } from './unknownKeys.ts';
import type { KeyPath } from './PlacedValues.ts';

/** The value of the chart that was probably meant by a key that it never had; undefined: none is near. */
export function keySuggester({
  keys,
  options,
}: Pick<ChartTable, 'keys' | 'options'>): (path: KeyPath) => string | undefined {
  // Charts have two thousand names, and a file may have some hundred others.
  const byOption = new Map(
    Object.entries(options)
      .toReversed()
      .map(([option, key]) => [bare(option), key]),
  );
  let byLast: ReadonlyMap<string, readonly KeyPath[]> | undefined;
  const allByLast = (): ReadonlyMap<string, readonly KeyPath[]> =>
    (byLast ??= Map.groupBy(pathsOf(keys), (path) => bare(path.at(-1) ?? '')));
  return (path) =>
    ofOldLayout(path, keys) ??
    spelledOtherwise(path, keys) ??
    optionOf(path, byOption) ??
    misspelt(path, keys) ??
    nestedElsewhere(path, allByLast);
}

/** Up to 1.8 most values stood below `global`; a part of the chart’s own name above them is as common. */
function ofOldLayout([first, ...rest]: KeyPath, keys: KeyTree): string | undefined {
  const isOld =
    (first === 'global' || first === 'cilium' || first === 'config' || first === 'agent') && rest.length > 0;
  return isOld && isKnownKey(rest, keys) ? rest.join('.') : undefined;
}

/** In another case, with `-` or `_`. */
function spelledOtherwise(path: KeyPath, keys: KeyTree): string | undefined {
  let known: KeyTree | true = keys;
  const found: string[] = [];
  for (const key of path) {
    if (known === true) break;
    const typed = bare(key);
    const same: string | undefined = Object.keys(known).find((one) => bare(one) === typed);
    const member: KeyTree | true | undefined = same === undefined ? undefined : known[same];
    if (same === undefined || member === undefined) return undefined;
    found.push(same);
    known = member;
  }
  return found.join('.') === path.join('.') ? undefined : found.join('.');
}

const bare = (key: string): string => key.replaceAll(/[-_.]/g, '').toLowerCase();

/** The name of the agent’s option, as it stands in cilium-config or in camel case. */
function optionOf(path: KeyPath, byOption: ReadonlyMap<string, string>): string | undefined {
  if (path.length > 2) return undefined;
  return byOption.get(bare(path.at(-1) ?? '')) ?? byOption.get(bare(path.join('')));
}

/** One key of the path has a letter wrong. */
function misspelt(path: KeyPath, keys: KeyTree): string | undefined {
  const parent = path.slice(0, -1);
  const siblings = childrenOf(parent, keys);
  const last = path.at(-1) ?? '';
  const near = siblings === undefined || last.length < 4 ? undefined : suggest(last, Object.keys(siblings));
  return near === undefined || bare(near).length < 4 ? undefined : [...parent, near].join('.');
}

function childrenOf(path: KeyPath, keys: KeyTree): KeyTree | undefined {
  let known: KeyTree | true | undefined = keys;
  for (const key of path)
    known = known === true || known === undefined || !Object.hasOwn(known, key) ? undefined : known[key];
  return known === true ? undefined : known;
}

/** The only value whose path ends so, or the only one below the same first key. */
function nestedElsewhere(path: KeyPath, byLast: () => ReadonlyMap<string, readonly KeyPath[]>): string | undefined {
  const last = path.at(-1) ?? '';
  if (last === 'enabled' || last.length < 5) return undefined;
  const all = byLast().get(bare(last)) ?? [];
  const near = all.filter(([first]) => first === path[0]);
  const [only, ...others] = near.length > 0 ? near : all;
  return others.length === 0 ? only?.join('.') : undefined;
}
