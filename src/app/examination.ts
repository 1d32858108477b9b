import { differenceCodes } from '../../checks/tables/differenceWords.ts';
import { afterFile, planFor } from '../collect/planFor.ts';
import type { AnyCheck } from '../core/Check.ts';
import { inNamespace } from '../core/inNamespace.ts';
import { InterruptedError } from '../core/KprError.ts';
import type { RunnablePhase } from '../core/Phase.ts';
import { type CheckResult, runChecks } from '../core/runChecks.ts';
import type { Suppression } from '../core/suppress.ts';
import { againstId, type FailOn, unknownsOf, type VerdictOptions } from '../core/verdict.ts';
import type { Snapshot } from '../model/Snapshot.ts';
import { buildReport } from '../report/buildReport.ts';
import type { Format } from '../report/formats.ts';
import type { ReportDocument } from '../report/ReportDocument.ts';
import type { ProgressOptions } from '../terminal/createProgress.ts';
import type { Io } from '../terminal/Io.ts';
import { toolVersion } from '../terminal/tool.ts';
import type { Context } from './Context.ts';
import { HeardInterrupt } from './HeardInterrupt.ts';
import { readKnownFindings, readSuppressions, suppressed } from './judgeFindings.ts';
import type { OpenBaseline } from './openBaseline.ts';
import type { SpeechOptions } from './print.ts';
import { archiveOf, refuseReportFiles, type ReportFile } from './reportFiles.ts';
import { type CheckNames, knownNames, selectChecks, withLeftOut } from './selectChecks.ts';
import { refuseEmptyNamespace, refuseExcludedNodes } from './selected.ts';
import { connectInputs } from '../expect/connect/connectInputs.ts';
import type { ExpectedFrontend } from '../expect/lb/ExpectedTable.ts';
import { type ReadOptions, type SnapshotResult, takeSnapshot, type TakeOptions } from './takeSnapshot.ts';
import { type SourceOptions, watchOver } from './openSource.ts';
import type { ShardsOptions } from './job/givenShards.ts';
import type { CollectPlan } from '../collect/RawSource.ts';
import { expectJudging } from '../collect/tuneEngine.ts';
import type { ConnectFrom } from './tryConnections.ts';

export interface ExamineOptions extends Omit<ReadOptions, 'source'>, CheckNames, SpeechOptions {
  readonly source: SourceOptions | ShardsOptions;
  readonly phase: RunnablePhase;
  readonly format: Format<ReportDocument>;
  readonly reports: readonly ReportFile<ReportDocument>[];
  readonly failOn: FailOn;
  /** Makes what is unknown count in `doctor`, too. */
  readonly strict: boolean;
  /** Ids of checks, codes, or `against`: what may be unknown. */
  readonly allowUnknown: 'all' | readonly string[];
  /** Whether to read on while differences may be on their way. */
  readonly wait: boolean;
  /** How often to look: `untilPassed` for as many milliseconds at most, `watch` with so many between two looks. */
  readonly repeat:
    | { readonly kind: 'once' }
    | { readonly kind: 'untilPassed'; readonly ms: number }
    | { readonly kind: 'watch'; readonly everyMs: number };
  /** Of the findings about Services, only those of this namespace; undefined: all. */
  readonly namespace: string | undefined;
  /** From where connections are tried; undefined: from nowhere. */
  readonly connect: readonly ConnectFrom[] | undefined;
  /** A capture from when kube-proxy served. */
  readonly against: string | undefined;
  /** A file with what is not to be heard of for a while. */
  readonly suppressions: string | undefined;
  /** The same, as it was typed. */
  readonly skipUntil: readonly Suppression[];
  /** What an earlier run found, and whether only what is new leads to exit code 1. */
  readonly baseline: { readonly file: string; readonly failOnNew: boolean } | undefined;
  /** A file to remember in what was found. */
  readonly saveBaseline: string | undefined;
}

/** One reading, judged. */
export interface Examined {
  readonly report: ReportDocument;
  /** The same, but that the user has seen enough and does not wait for another. */
  interrupted(): ReportDocument;
}

/**
 * Looks at what was typed, before anything is asked of a cluster, and gives what reads it and judges. Throws KprError.
 */
export async function openExamination(options: ExamineOptions, context: Context): Promise<() => Promise<Examined>> {
  const { phase, failOn, strict, namespace, wait, repeat, limits, verbosity, format } = options;
  const { io, loaders } = context;
  const opened = io.now();
  const checks = await loaders.checks();
  const selection = selectChecks(checks, phase, options);
  refuseFiles(options);
  const verdictOptions = { phase, failOn, strict, allowUnknown: allowedOf(options, checks) } as const;
  const progress = { verbosity, forPeople: format.kind === 'screen' };
  const baseline = await baselineOf(options, progress, context);
  const given = [
    ...named(readSuppressions(options.suppressions), 'suppressions', checks),
    ...named(options.skipUntil, 'skip', checks),
  ];
  const earlier = readKnownFindings(options.baseline?.file);
  const beside = [
    namespace === undefined ? {} : namedServices,
    options.connect === undefined ? {} : connectInputs,
    baseline?.wanted ?? {},
  ];
  const refuse = (early: Snapshot): void => {
    refuseExcludedNodes(early, limits.nodes);
    refuseEmptyNamespace(namespace, baseline === undefined ? [early] : [early, baseline]);
  };
  // What was read before the first look took of its time.
  let since: number | undefined = opened;
  return async () => {
    // Nothing turns on a screen that is drawn over.
    const shown = repeat.kind === 'watch' && since === undefined ? silent : progress;
    const started = since ?? io.now();
    since = undefined;
    const plan = planFor(
      [...selection.run, ...beside],
      baseline === undefined ? limits : afterFile(limits, io.now() - started),
    );
    const { source } = options;
    using interrupt = new HeardInterrupt(io);
    const { derivations, interrupted, timeLimitMs } =
      source.kind === 'shards'
        ? await merged(source, plan, refuse, context)
        : await takeSnapshot(
            source,
            plan,
            { progress: shown, refuse, wait, whenRead: () => interrupt.listen(), ...connecting(options, context) },
            context,
          );
    if (derivations === undefined) {
      throw new InterruptedError(
        'Interrupted before the cluster had answered',
        'Nothing is known, so nothing was judged',
      );
    }
    expectJudging();
    const comparison = await baseline?.compare(derivations);
    const everything = withLeftOut(checks, runChecks(selection.run, derivations), selection);
    const found = namespace === undefined ? everything : inNamespace(everything, namespace);
    const { unused } = suppressed(everything, given, derivations.snapshot, checks);
    const { results, ...suppressions } = { ...suppressed(found, given, derivations.snapshot, checks), unused };
    if (options.debug) tellBugs(results, io);
    const durationMs = Math.round(io.now() - started);
    const reportWhen = (isInterrupted: boolean): ReportDocument =>
      buildReport(results, derivations, {
        ...verdictOptions,
        against: comparison && { comparison, codes: differenceCodes },
        suppressions: Object.values(suppressions).some((list) => list.length > 0) ? suppressions : undefined,
        baseline: earlier && { ...earlier, failOnNew: options.baseline?.failOnNew === true },
        interrupted: isInterrupted,
        toolVersion,
        durationMs,
        ...(derivations.snapshot.origin.kind === 'live' && timeLimitMs !== undefined && { timeLimitMs }),
      });
    return { report: reportWhen(interrupted || (await interrupt.isHeard())), interrupted: () => reportWhen(true) };
  };
}

const mergingMs = 10 * 60_000;
/** What is made of a log, beside its text unpacked. */
const bytesOfShard = 32 * 1024 * 1024;
const unpackedTimes = 32;

/** Loaded only where shards are given. */
async function merged(
  source: ShardsOptions,
  plan: CollectPlan,
  refuse: (snapshot: Snapshot) => void,
  context: Context,
): Promise<Pick<SnapshotResult, 'derivations' | 'interrupted'> & { readonly timeLimitMs?: undefined }> {
  const { givenShards } = await import('./job/givenShards.ts');
  const { mergeShards } = await import('./job/mergeShards.ts');
  watchOver(context.io);
  const { guard } = context.io;
  // Nobody waits for nodes here: only for what a thousand of them have said to be judged.
  const limitMs = plan.growsWithNodes === true ? mergingMs : plan.runTimeoutMs;
  guard?.dueIn(limitMs);
  const given = await givenShards(source, context);
  // The Job may have been waited for.
  guard?.dueIn(limitMs);
  for (const { text } of given.logs) guard?.allowMore(bytesOfShard + unpackedTimes * text.length);
  const derivations = await mergeShards(given, plan, context);
  refuse(derivations.snapshot);
  return { derivations, interrupted: false };
}

/** With codes and ids as checks have them. Throws KprError for one that no check has. */
const named = (suppressions: readonly Suppression[], flag: string, checks: readonly AnyCheck[]): Suppression[] =>
  suppressions.map((one) => {
    const [code = one.code] = knownNames([one.code], flag, checks);
    return Object.assign({}, one, { code });
  });

/** A baseline may be renewed in its place. */
function refuseFiles({ reports, saveBaseline: saved, source, against, suppressions, baseline }: ExamineOptions): void {
  const read = [against, ...filesOf(source), suppressions];
  refuseReportFiles(reports, [...read, baseline?.file, saved]);
  if (saved !== undefined) refuseReportFiles([{ file: saved }], read);
}

function filesOf(source: ExamineOptions['source']): readonly (string | undefined)[] {
  if (source.kind !== 'shards') return [archiveOf(source)];
  return source.from.kind === 'files' ? source.from.files : [];
}

/** Loaded only where connections are asked for. */
function connecting({ connect: from, namespace }: ExamineOptions, { io }: Context): Pick<TakeOptions, 'andThen'> {
  if (from === undefined) return {};
  const wants = namespace === undefined ? undefined : ({ owner }: ExpectedFrontend) => owner.namespace === namespace;
  return {
    andThen: async (derivations, source) => {
      const { tryConnections } = await import('./tryConnections.ts');
      return tryConnections(derivations, { from, wants }, source, io);
    },
  };
}

const silent: ProgressOptions = { verbosity: 'quiet', forPeople: false };

/** What tells whether a namespace selects anything. */
const namedServices = { requires: { cluster: ['services'] } } as const;

/** Loaded only where there is something to compare with. */
async function baselineOf(
  { against: file, namespace, limits }: ExamineOptions,
  progress: ProgressOptions,
  context: Context,
): Promise<OpenBaseline | undefined> {
  if (file === undefined) return undefined;
  const { openBaseline } = await import('./openBaseline.ts');
  return openBaseline({ file, namespace, limits, progress }, context);
}

function allowedOf({ allowUnknown }: ExamineOptions, checks: readonly AnyCheck[]): VerdictOptions['allowUnknown'] {
  if (allowUnknown === 'all') return 'all';
  const others = allowUnknown.filter((name) => name !== againstId);
  return new Set([
    ...knownNames(others, 'allow-unknown', checks),
    ...allowUnknown.filter((name) => name === againstId),
  ]);
}

function tellBugs(results: readonly CheckResult[], io: Io): void {
  for (const { bug } of results.flatMap((one) => unknownsOf(one))) if (bug) io.stderr.write(`${bug.stack}\n`);
}
