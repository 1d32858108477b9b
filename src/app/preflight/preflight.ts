import { exitCodes } from '../../core/verdict.ts';
import type { KeyTree } from '../../knowledge/charts/ChartTable.ts';
import { chartOf, formerKeys } from '../../knowledge/charts/index.ts';
import { type Branch, branchOf, newestBranch } from '../../knowledge/releases.ts';
import { parseVersion } from '../../knowledge/version.ts';
import { schemaVersion, toolName } from '../../report/DocumentHead.ts';
import type { Format } from '../../report/formats.ts';
import { buildValuesReport, type JudgedTarget } from '../../report/preflight/buildValuesReport.ts';
import type { PreflightDocument, PreflightVerdict, ValuesReport } from '../../report/preflight/PreflightDocument.ts';
import type { ChangeReport } from '../../report/preflight/ChangeReport.ts';
import type { ProgressOptions } from '../../terminal/createProgress.ts';
import { toolVersion } from '../../terminal/tool.ts';
import { judgeValues, type ValuesJudgement } from '../../values/judgeValues.ts';
import { readChart } from '../../values/renderChart.ts';
import type { Context } from '../Context.ts';
import { print, type SpeechOptions, viewOf } from '../print.ts';
import { fixFiles } from './fixFiles.ts';
import type { ChangeQuestion } from './judgeChange.ts';
import { type GivenValues, readValues, type ValuesOptions } from './readValues.ts';

export interface PreflightOptions extends SpeechOptions {
  /** undefined: none were given. */
  readonly values: ValuesOptions | undefined;
  /** The versions to go to, oldest first; empty: the one that runs or, without a cluster, the newest that is known. */
  readonly targets: readonly Branch[];
  /** undefined: no cluster is asked. */
  readonly question: ChangeQuestion | undefined;
  readonly as:
    | { readonly kind: 'document'; readonly format: Format<PreflightDocument> }
    /** What the files should say for the newest of the versions, as a unified diff. */
    | { readonly kind: 'fix'; readonly writes: boolean };
}

/** Whether a change may be made, as far as the given values and the cluster tell it. Throws KprError. */
export async function preflight(options: PreflightOptions, context: Context): Promise<number> {
  const { as, values: given, targets, question, verbosity } = options;
  const { io } = context;
  const started = io.now();
  const [first, ...others] = targets;
  // What was typed is looked at before a cluster is asked anything.
  const early = given === undefined || first === undefined ? undefined : await judgedValues(given, [first, ...others]);
  const progress = { verbosity, forPeople: as.kind === 'fix' || as.format.kind === 'screen' };
  const change = question === undefined ? null : await judgedChange(question, progress, context);
  const judged = given === undefined ? undefined : (early ?? (await judgedValues(given, targetsOf(change))));
  const verdict = worst([
    ...(judged?.report.targets.map((target) => target.verdict) ?? []),
    ...(change === null ? [] : [verdictOfChange(change)]),
  ]);
  const document: PreflightDocument = {
    schemaVersion,
    tool: { name: toolName, version: toolVersion },
    command: 'preflight',
    verdict,
    exitCode: exitCodeOf[verdict],
    durationMs: Math.round(io.now() - started),
    values: judged?.report ?? null,
    change,
  };
  if (as.kind === 'document') await print(document, as.format, viewOf(options, io), io);
  else if (judged !== undefined) fixFiles(judged.texts, judged.newest.verdicts, judged.known, as, io);
  return document.exitCode;
}

/** Loaded only where a cluster is asked. */
async function judgedChange(
  question: ChangeQuestion,
  progress: ProgressOptions,
  context: Context,
): Promise<ChangeReport> {
  const { judgeChange } = await import('./judgeChange.ts');
  return judgeChange(question, progress, context);
}

function verdictOfChange({ report }: ChangeReport): PreflightVerdict {
  switch (report.verdict) {
    case 'pass':
      return 'go';
    case 'fail':
      return 'noGo';
    case 'unknown':
    case 'interrupted':
    case 'error':
      return 'unknown';
  }
}

/** What runs where nothing else was said: values are for that version then. */
function targetsOf(change: ChangeReport | null): readonly [Branch] {
  const [running] = change?.report.cluster.ciliumVersions ?? [];
  const version = parseVersion(running);
  return [(version && branchOf(version)) ?? newestBranch];
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

async function judgedValues(
  given: ValuesOptions,
  [first, ...others]: readonly [Branch, ...Branch[]],
): Promise<JudgedValues> {
  const former = await formerKeys();
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
