import { usageError } from '../../core/KprError.ts';
import { exitCodes } from '../../core/verdict.ts';
import type { KeyTree } from '../../knowledge/charts/ChartTable.ts';
import { chartOf, formerKeys } from '../../knowledge/charts/index.ts';
import type { Branch } from '../../knowledge/releases.ts';
import { schemaVersion, toolName } from '../../report/DocumentHead.ts';
import type { Format } from '../../report/formats.ts';
import { buildValuesReport, type JudgedTarget } from '../../report/preflight/buildValuesReport.ts';
import type { PreflightDocument, PreflightVerdict, ValuesReport } from '../../report/preflight/PreflightDocument.ts';
import { toolVersion } from '../../terminal/tool.ts';
import { judgeValues, type ValuesJudgement } from '../../values/judgeValues.ts';
import { readChart } from '../../values/renderChart.ts';
import type { Context } from '../Context.ts';
import { print, type SpeechOptions, viewOf } from '../print.ts';
import { fixFiles } from './fixFiles.ts';
import { type GivenValues, readValues, type ValuesOptions } from './readValues.ts';

export interface PreflightOptions extends SpeechOptions {
  readonly values: ValuesOptions;
  /** The versions to go to, oldest first. */
  readonly targets: readonly [Branch, ...Branch[]];
  readonly as:
    | { readonly kind: 'document'; readonly format: Format<PreflightDocument> }
    /** What the files should say for the newest of the versions, as a unified diff. */
    | { readonly kind: 'fix'; readonly writes: boolean };
}

/** Whether a change may be made, as far as the given values tell it. Throws KprError. */
export async function preflight(options: PreflightOptions, { io }: Context): Promise<number> {
  const { as } = options;
  const started = io.now();
  const { report: values, newest, texts, known } = await judgedValues(options);
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
  if (as.kind === 'fix') fixFiles(texts, newest.verdicts, known, as, io);
  else await print(document, as.format, viewOf(options, io), io);
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

interface JudgedValues {
  readonly report: ValuesReport;
  /** For the newest of the versions. */
  readonly newest: ValuesJudgement;
  /** The names of its values. */
  readonly known: KeyTree;
  readonly texts: GivenValues['texts'];
}

async function judgedValues({ values: given, targets }: PreflightOptions): Promise<JudgedValues> {
  if (given.files.length === 0 && given.sets.length === 0)
    throw usageError(
      'preflight needs values',
      'For example: kubectl kpr preflight --values values.yaml --to-version 1.20',
    );
  const former = await formerKeys();
  const [first, ...others] = targets;
  const known = (await chartOf(others.at(-1) ?? first)).keys;
  const { values, sources, elsewhere, texts } = readValues(given, known);
  const judge = async (branch: Branch): Promise<JudgedTarget> => ({
    branch,
    judgement: judgeValues(values, readChart(await chartOf(branch)), former, withoutCluster),
  });
  const judged = [await judge(first), ...(await Promise.all(others.map(judge)))] as const;
  const newest = (judged.at(-1) ?? judged[0]).judgement;
  return { report: buildValuesReport(sources, elsewhere, judged), newest, known, texts };
}
