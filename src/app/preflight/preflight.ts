import { usageError } from '../../core/KprError.ts';
import { exitCodes } from '../../core/verdict.ts';
import { chartOf, formerKeys } from '../../knowledge/charts/index.ts';
import type { Branch } from '../../knowledge/releases.ts';
import { schemaVersion, toolName } from '../../report/DocumentHead.ts';
import type { Format } from '../../report/formats.ts';
import { buildValuesReport, type JudgedTarget } from '../../report/preflight/buildValuesReport.ts';
import type { PreflightDocument, PreflightVerdict, ValuesReport } from '../../report/preflight/PreflightDocument.ts';
import { toolVersion } from '../../terminal/tool.ts';
import { judgeValues } from '../../values/judgeValues.ts';
import { readChart } from '../../values/renderChart.ts';
import type { Context } from '../Context.ts';
import { print, type SpeechOptions, viewOf } from '../print.ts';
import { readValues, type ValuesOptions } from './readValues.ts';

export interface PreflightOptions extends SpeechOptions {
  readonly values: ValuesOptions;
  /** The versions to go to, oldest first. */
  readonly targets: readonly [Branch, ...Branch[]];
  readonly format: Format<PreflightDocument>;
}

/** Whether a change may be made, as far as the given values tell it. Throws KprError. */
export async function preflight(options: PreflightOptions, { io }: Context): Promise<number> {
  const started = io.now();
  const values = await judgedValues(options);
  const verdict = worst(values.targets.map((target) => target.verdict));
  const document: PreflightDocument = {
    schemaVersion,
    tool: { name: toolName, version: toolVersion },
    command: 'preflight',
    verdict,
    exitCode: exitCodeOf[verdict],
    durationMs: Math.round(io.now() - started),
    values,
  };
  await print(document, options.format, viewOf(options, io), io);
  return document.exitCode;
}

const exitCodeOf = {
  go: exitCodes.ok,
  noGo: exitCodes.findings,
  unknown: exitCodes.couldNotVerify,
} as const satisfies Record<PreflightVerdict, number>;

const worst = (verdicts: readonly PreflightVerdict[]): PreflightVerdict =>
  verdicts.includes('noGo') ? 'noGo' : verdicts.includes('unknown') ? 'unknown' : 'go';

/** What Helm takes for granted where no cluster is asked. */
const withoutCluster = { kubernetesVersion: 'v1.34.0', namespace: 'kube-system' } as const;

async function judgedValues({ values: given, targets }: PreflightOptions): Promise<ValuesReport> {
  if (given.files.length === 0 && given.sets.length === 0)
    throw usageError(
      'preflight needs values',
      'For example: kubectl kpr preflight --values values.yaml --to-version 1.20',
    );
  const former = await formerKeys();
  const charts = await Promise.all(
    targets.map(async (branch) => ({ branch, chart: readChart(await chartOf(branch)) })),
  );
  const [{ chart: first }] = charts as [(typeof charts)[number]];
  const { values, sources, elsewhere } = readValues(given, first.table.keys);
  const judged = charts.map(({ branch, chart }): JudgedTarget => ({
    branch,
    judgement: judgeValues(values, chart, former, withoutCluster),
  }));
  return buildValuesReport(sources, elsewhere, judged);
}
