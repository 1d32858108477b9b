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

/**
 * The values that templates see: the chart’s, with the user’s over them. null takes the chart’s value away (helm:
 * pkg/chartutil/coalesce.go).
 */
export function coalesced(defaults: ChartValues, values: ChartValues): ChartValues {
  const merged: Record<string, ChartValue> = { ...defaults };
  for (const [key, value] of Object.entries(values)) {
    const byDefault = Object.hasOwn(merged, key) ? merged[key] : undefined;
    if (value === null && byDefault !== undefined) delete merged[key];
    else merged[key] = isValueMap(byDefault) && isValueMap(value) ? coalesced(byDefault, value) : value;
  }
  return merged;
}
