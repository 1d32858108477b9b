import type { ChartValues } from '../knowledge/charts/ChartTable.ts';
import type { KeyVerdict } from './KeyVerdict.ts';
import { valueAt } from './PlacedValues.ts';
import { agentConfigFile, type Chart, rendererOf, type RenderTarget } from './renderChart.ts';

type Config = ReadonlyMap<string, string>;

/** What a chart writes into cilium-config. */
export const configOf = (chart: Chart, values: ChartValues, target: RenderTarget): Config =>
  rendererOf(chart, target)(values, new Set([agentConfigFile])).config;

/**
 * What another version’s chart makes of the same values, where nobody has decided it: its default is another one, or it
 * brings something along that is on.
 * @param isDecided whether somebody has set what an option is made of
 */
export const changedDefaults = (
  { before, after }: { readonly before: Chart; readonly after: Chart },
  configs: { readonly before: Config; readonly after: Config },
  isDecided: (option: string, key: string | undefined) => boolean,
): readonly KeyVerdict[] =>
  [...configs.after].flatMap(([option, now]): readonly KeyVerdict[] => {
    const old = configs.before.get(option);
    const key = after.table.options[option];
    if (isDecided(option, key)) return [];
    const names = [before.table.version, after.table.version] as const;
    const message = old === undefined ? newOne(option, now, names) : otherOne(option, [old, now], names, key);
    return message === undefined ? [] : [behaviour(key ?? option, message)];
  });

export const isSetIn =
  (values: ChartValues) =>
  (_: string, key: string | undefined): boolean =>
    key !== undefined && valueAt(values, key.split('.')) !== undefined;

type Names = readonly [before: string, after: string];

function otherOne(
  option: string,
  [old, now]: readonly [string, string],
  [before, after]: Names,
  key: string | undefined,
): string | undefined {
  // From 1.19 on the operator’s intervals have a unit.
  if (old === now || `${old}s` === now) return undefined;
  const kept = key === undefined ? '' : `; ${key}=${old === '' ? '""' : old} keeps it`;
  return `Its default changes: ${option} is ${said(old)} by the chart of ${before}, and ${said(now)} by that of ${after}${kept}`;
}

const newOne = (option: string, now: string, [before, after]: Names): string | undefined =>
  concernsServices.test(option) && !isOff(now)
    ? `New: ${option}=${now} by the chart of ${after}; that of ${before} did not have it`
    : undefined;

const said = (value: string): string => (value === '' ? 'empty' : value);

/** Options that decide how Services are served; of others what is new is no matter of this program. */
const concernsServices = /(^|-)(lb|nodeport|node-port|service|svc|kube-proxy|masquerade|routing|tunnel|pmtud)(-|$)/;

const isOff = (value: string): boolean => /^(false|0|0s|0-0|none|disabled|)$/.test(value);

const behaviour = (key: string, message: string): KeyVerdict => ({
  kind: 'behaviour',
  key,
  path: key.split('.'),
  place: undefined,
  severity: 'info',
  refused: false,
  message,
  right: undefined,
  repair: undefined,
});
