import type { ChartTable, ChartValues } from '../knowledge/charts/ChartTable.ts';
import type { TemplateNode } from '../knowledge/charts/TemplateNode.ts';
import { coalesced, type Merges } from './mergeValues.ts';
import type { DataMap } from './template/Data.ts';
import { Copies, evaluator, type TemplateFailure, type Surroundings } from './template/evaluate.ts';

/** A chart, ready to be rendered with values again and again. */
export interface Chart {
  readonly table: ChartTable;
  readonly files: ReadonlyMap<string, readonly TemplateNode[]>;
  readonly defined: ReadonlyMap<string, readonly TemplateNode[]>;
}

export const readChart = (table: ChartTable): Chart => ({
  table,
  files: new Map(Object.entries(table.files)),
  defined: new Map(Object.entries(table.defined)),
});

/** A refusal, and the file of the chart that makes it. */
export interface FileFailure extends TemplateFailure {
  readonly file: string;
}

export interface Rendered {
  /** Everything for which Helm would refuse the values; Helm itself ends with the first. */
  readonly failures: readonly FileFailure[];
  /** The data of cilium-config, as far as it could be rendered. */
  readonly config: ReadonlyMap<string, string>;
}

/** Where values are rendered for: what Helm would be told by a cluster. */
export type RenderTarget = Omit<Surroundings, 'chartVersion'>;

/** Its file of the agents’ configuration. */
export const agentConfigFile = 'cilium-configmap.yaml';

export type Render = (values: ChartValues, only?: ReadonlySet<string>) => Rendered;

/**
 * Renders a chart with several values that are nearly the same: what they have in common is merged and copied once.
 * Of the function that it gives, `only` are some of the chart’s files; undefined: all.
 */
export function rendererOf({ table, files, defined }: Chart, target: RenderTarget): Render {
  const merges: Merges = new WeakMap();
  let copies = new Copies();
  return (values, only) => {
    if (copies.areChanged) copies = new Copies();
    const all = coalesced(table.values, values, merges) as DataMap;
    const evaluate = evaluator(defined, all, { ...target, chartVersion: table.version }, copies);
    return rendered(files, evaluate, only);
  };
}

function rendered(
  files: Chart['files'],
  evaluate: ReturnType<typeof evaluator>,
  only: ReadonlySet<string> | undefined,
): Rendered {
  const failures: FileFailure[] = [];
  let config: ReadonlyMap<string, string> = new Map();
  for (const [file, nodes] of files) {
    if (only?.has(file) === false) continue;
    const evaluation = evaluate(nodes);
    for (const failure of evaluation.failures) failures.push({ ...failure, file });
    if (file === agentConfigFile) config = configOf(evaluation.text);
  }
  return { failures: withoutCopies(failures), config };
}

/** The same refusal may stand in several files. */
const withoutCopies = (failures: readonly FileFailure[]): readonly FileFailure[] => [
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
