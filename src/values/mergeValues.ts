import type { ChartValue, ChartValues } from '../knowledge/charts/ChartTable.ts';
import { isValueMap, type PlacedValues } from './PlacedValues.ts';

/** Several sources as Helm merges them: maps key by key, everything else as a whole; the last one counts. */
export const mergeValues = (all: readonly PlacedValues[]): PlacedValues => ({
  tree: all.reduce<ChartValues>((merged, { tree }) => mergedMaps(merged, tree), {}),
  places: new Map(all.flatMap(({ places }) => [...places])),
});

function mergedMaps(under: ChartValues, over: ChartValues): ChartValues {
  const merged: Record<string, ChartValue> = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const old = Object.hasOwn(merged, key) ? merged[key] : undefined;
    merged[key] = isValueMap(old) && isValueMap(value) ? mergedMaps(old, value) : value;
  }
  return merged;
}

/** What was merged before, by the user’s map that it was made of. */
export type Merges = WeakMap<ChartValues, { readonly under: ChartValues; readonly merged: ChartValues }>;

/**
 * The values that templates see: the chart’s, with the user’s over them. null takes the chart’s value away (helm:
 * pkg/chartutil/coalesce.go).
 * @param merges for whoever merges nearly the same again and again: maps that are the same are merged once
 */
export function coalesced(defaults: ChartValues, values: ChartValues, merges?: Merges): ChartValues {
  const known = merges?.get(values);
  if (known?.under === defaults) return known.merged;
  const merged: Record<string, ChartValue> = { ...defaults };
  for (const [key, value] of Object.entries(values)) {
    const byDefault = Object.hasOwn(merged, key) ? merged[key] : undefined;
    if (value === null && byDefault !== undefined) delete merged[key];
    else merged[key] = isValueMap(byDefault) && isValueMap(value) ? coalesced(byDefault, value, merges) : value;
  }
  merges?.set(values, { under: defaults, merged });
  return merged;
}
