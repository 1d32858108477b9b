import type { Branch } from '../../src/knowledge/releases.ts';
import { chartOf, formerKeys } from '../../src/knowledge/charts/index.ts';
import { findValues } from '../../src/values/findValues.ts';
import { judgeValues, type ValuesJudgement } from '../../src/values/judgeValues.ts';
import type { KeyVerdict } from '../../src/values/KeyVerdict.ts';
import { mergeValues } from '../../src/values/mergeValues.ts';
import { readYaml } from '../../src/values/readYaml.ts';
import { type Chart, readChart } from '../../src/values/renderChart.ts';

export const withoutCluster = { kubernetesVersion: 'v1.34.0', namespace: 'kube-system' } as const;

const charts = new Map<Branch, Promise<Chart>>();

export async function chartFor(branch: Branch): Promise<Chart> {
  const known = charts.get(branch) ?? chartOf(branch).then(readChart);
  charts.set(branch, known);
  return known;
}

/** What becomes of a text with values. */
export async function judged(text: string, branch: Branch = '1.20'): Promise<ValuesJudgement> {
  const chart = await chartFor(branch);
  const { values } = findValues(readYaml(text, 'values.yaml'), 'values.yaml', chart.table.keys);
  return judgeValues(mergeValues(values), chart, await formerKeys(), withoutCluster);
}

/** `tunnel renamed, refused -> routingMode: native` */
export const lineOf = ({ key, kind, refused, right }: KeyVerdict): string =>
  `${key} ${kind}${refused ? ', refused' : ''}${right === undefined ? '' : ` -> ${right}`}`;

export const linesOf = async (text: string, branch?: Branch): Promise<string[]> =>
  (await judged(text, branch)).verdicts.map(lineOf);
