import type { ChartTable, ChartValues } from '../knowledge/charts/ChartTable.ts';
import { coalesced } from './mergeValues.ts';
import type { DataMap } from './template/Data.ts';
import { evaluate, type TemplateFailure, type Surroundings } from './template/evaluate.ts';
import type { TemplateNode, Template } from './template/TemplateNode.ts';
import { parseTemplate } from './template/parseTemplate.ts';

/** A chart, ready to be rendered with values again and again. */
export interface Chart {
  readonly table: ChartTable;
  readonly files: ReadonlyMap<string, Template>;
  readonly defined: ReadonlyMap<string, readonly TemplateNode[]>;
}

export const readChart = (table: ChartTable): Chart => ({
  table,
  files: new Map(Object.entries(table.files).map(([name, text]) => [name, parseTemplate(text)])),
  defined: new Map(Object.entries(table.defined).map(([name, text]) => [name, parseTemplate(text).nodes])),
});

export interface Rendered {
  /** Everything for which Helm would refuse the values; Helm itself ends with the first. */
  readonly failures: readonly TemplateFailure[];
  /** The data of cilium-config, as far as it could be rendered. */
  readonly config: ReadonlyMap<string, string>;
}

/** Where values are rendered for: what Helm would be told by a cluster. */
export type RenderTarget = Omit<Surroundings, 'chartVersion'>;

const configMap = 'cilium-configmap.yaml';

export function renderChart({ table, files, defined }: Chart, values: ChartValues, target: RenderTarget): Rendered {
  const all = coalesced(table.values, values) as DataMap;
  const failures: TemplateFailure[] = [];
  let config: ReadonlyMap<string, string> = new Map();
  for (const [name, template] of files) {
    const evaluation = evaluate(template, defined, all, { ...target, chartVersion: table.version });
    failures.push(...evaluation.failures);
    if (name === configMap) config = configOf(evaluation.text);
  }
  return { failures: withoutCopies(failures), config };
}

/** The data of cilium-config alone. */
export function renderConfig(
  { table, files, defined }: Chart,
  values: ChartValues,
  target: RenderTarget,
): Rendered['config'] {
  const template = files.get(configMap);
  if (template === undefined) return new Map();
  const all = coalesced(table.values, values) as DataMap;
  return configOf(evaluate(template, defined, all, { ...target, chartVersion: table.version }).text);
}

/** The same refusal may stand in several files. */
const withoutCopies = (failures: readonly TemplateFailure[]): readonly TemplateFailure[] => [
  ...new Map(failures.map((failure) => [failure.message, failure])).values(),
];

/** The lines of a ConfigMap’s data that have their value on the same line. */
function configOf(text: string): ReadonlyMap<string, string> {
  const [, data = ''] = /^data:\n([\s\S]*)/m.exec(text) ?? [];
  const [own = ''] = data.split(/^---/m);
  return new Map(
    [...own.matchAll(/^ {2}([\w.-]+):[ ]*(.*)$/gm)].map(([, key = '', value = '']) => [key, plain(value.trim())]),
  );
}

function plain(value: string): string {
  const [, quoted] = /^'(.*)'$/.exec(value) ?? [];
  if (quoted !== undefined) return quoted;
  if (!value.startsWith('"')) return value;
  try {
    return String(JSON.parse(value));
  } catch {
    return value;
  }
}
