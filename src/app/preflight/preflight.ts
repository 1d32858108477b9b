import { exitCodes } from '../../core/verdict.ts';
import { type Branch, branchOf, newestBranch } from '../../knowledge/releases.ts';
import { parseVersion } from '../../knowledge/version.ts';
import type { HelmFlags } from '../../model/Intent.ts';
import { schemaVersion, toolName } from '../../report/DocumentHead.ts';
import type { Format } from '../../report/formats.ts';
import { withheldIn } from '../../report/preflight/buildChange.ts';
import type { ChangeReport } from '../../report/preflight/ChangeReport.ts';
import type {
  PreflightDocument,
  PreflightSummaryReport,
  PreflightVerdict,
  ValuesReport,
} from '../../report/preflight/PreflightDocument.ts';
import type { ProgressOptions } from '../../terminal/createProgress.ts';
import { toolVersion } from '../../terminal/tool.ts';
import { overrunMs } from '../../terminal/Guard.ts';
import type { Context } from '../Context.ts';
import { watchOver } from '../openSource.ts';
import { print, type SpeechOptions, viewOf } from '../print.ts';
import type { ChangeQuestion, JudgedChange } from './judgeChange.ts';
import { judgedConfig, judgedRelease, judgedValues, type JudgedValues, withoutCluster } from './judgeGiven.ts';

export interface PreflightOptions extends SpeechOptions {
  /** undefined: none were given. */
  readonly values: HelmFlags | undefined;
  /** The versions to go to, oldest first; empty: the one that runs or, without a cluster, the newest that is known. */
  readonly targets: readonly Branch[];
  /** What judging values may take. */
  readonly timeoutMs: number;
  /** undefined: no cluster is asked. */
  readonly question: ChangeQuestion | undefined;
  readonly as:
    | { readonly kind: 'document'; readonly format: Format<PreflightDocument> }
    /** What the files should say for the newest of the versions, as a unified diff. */
    | { readonly kind: 'fix'; readonly writes: boolean };
}

/** Whether a change may be made, as far as the given values and the cluster tell it. Throws KprError. */
export async function preflight(options: PreflightOptions, context: Context): Promise<number> {
  const { as, values: given, targets, timeoutMs, question, verbosity } = options;
  const { io } = context;
  const started = io.now();
  watchOver(io);
  io.guard?.dueIn(timeoutMs + overrunMs);
  // What was typed is looked at before a cluster is asked anything.
  const early = given === undefined ? undefined : await judgedValues(given, withoutCluster(targets));
  const progress = { verbosity, forPeople: as.kind === 'fix' || as.format.kind === 'screen' };
  const found = question === undefined ? undefined : await judgedChange(question, progress, context);
  const judged = found === undefined ? early : await valuesOnCluster(given, found);
  const verdict = worst([
    ...(judged?.report.targets.map((target) => target.verdict) ?? []),
    ...(found === undefined ? [] : [verdictOfChange(found.change)]),
  ]);
  const change = found === undefined ? null : verdict === 'noGo' ? withheldIn(found.change) : found.change;
  const document: PreflightDocument = {
    schemaVersion,
    tool: { name: toolName, version: toolVersion },
    command: 'preflight',
    verdict,
    exitCode: exitCodeOf[verdict],
    summary: summaryOf(judged?.report, change),
    durationMs: Math.round(io.now() - started),
    values: judged?.report ?? null,
    change,
  };
  if (as.kind === 'document') await print(document, as.format, viewOf(options, io), io);
  else if (judged !== undefined)
    (await import('./fixFiles.ts')).fixFiles(judged.texts, judged.newest.verdicts, judged.known, as, io);
  return document.exitCode;
}

/** The given values, or the release’s own, if somebody wants them read; else what an upgrade makes of cilium-config. */
async function valuesOnCluster(
  given: HelmFlags | undefined,
  { change, seen }: JudgedChange,
): Promise<JudgedValues | undefined> {
  const running = seen.running && branchOf(seen.running);
  const to = parseVersion(change.toVersion ?? undefined);
  const place = { targets: [(to && branchOf(to)) ?? running ?? newestBranch], running, around: seen.around } as const;
  if (given !== undefined) return judgedValues(given, place);
  if (seen.release !== undefined) return judgedRelease(seen.release, place);
  return change.change === 'upgrade' && seen.config !== undefined ? judgedConfig(seen.config, place) : undefined;
}

function summaryOf(values: ValuesReport | undefined, change: ChangeReport | null): PreflightSummaryReport {
  const keys = { error: 0, warning: 0, info: 0, unknown: 0 };
  for (const target of values?.targets ?? []) for (const { severity } of target.keys) keys[severity] += 1;
  return {
    keys,
    findings: change?.report.summary.findings ?? { error: 0, warning: 0, info: 0 },
    steps: change?.steps.length ?? 0,
  };
}

/** Loaded only where a cluster is asked. */
async function judgedChange(
  question: ChangeQuestion,
  progress: ProgressOptions,
  context: Context,
): Promise<JudgedChange> {
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

const exitCodeOf = {
  go: exitCodes.ok,
  noGo: exitCodes.findings,
  unknown: exitCodes.couldNotVerify,
} as const satisfies Record<PreflightVerdict, number>;

const worst = (verdicts: readonly PreflightVerdict[]): PreflightVerdict =>
  verdicts.includes('noGo') ? 'noGo' : verdicts.includes('unknown') ? 'unknown' : 'go';
