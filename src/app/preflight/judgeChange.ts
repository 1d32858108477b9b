import { differenceCodes } from '../../../checks/tables/differenceWords.ts';
import { clusterMismatches } from '../../changes/sameCluster.ts';
import { notComparable } from '../../changes/notComparable.ts';
import { planFor } from '../../collect/planFor.ts';
import type { AnyCheck } from '../../core/Check.ts';
import { Derivations } from '../../core/Derivations.ts';
import { InterruptedError, KprError, usageError } from '../../core/KprError.ts';
import { runChecks } from '../../core/runChecks.ts';
import { apiClients } from '../../expect/api-server/apiClients.ts';
import { apiServers } from '../../expect/api-server/apiServers.ts';
import { clusterVersion } from '../../expect/agent/agentVersion.ts';
import { kubeProxyPresence } from '../../expect/kube-proxy/kubeProxyPresence.ts';
import { replacementOnNode } from '../../expect/kube-proxy/replacement.ts';
import { parseVersion } from '../../knowledge/version.ts';
import { isKnown } from '../../model/Fact.ts';
import type { Baseline } from '../../model/Baseline.ts';
import type { CaptureAtHand, Change, Intent } from '../../model/Intent.ts';
import type { Snapshot } from '../../model/Snapshot.ts';
import { checklistOf } from '../../remedy/change/checklistOf.ts';
import { chooseChange } from '../../remedy/change/chooseChange.ts';
import { mayBeUnknown, weigh } from '../../remedy/change/weigh.ts';
import { buildChange } from '../../report/preflight/buildChange.ts';
import type { ChangeReport } from '../../report/preflight/ChangeReport.ts';
import { buildReport } from '../../report/buildReport.ts';
import { toolVersion } from '../../terminal/tool.ts';
import type { ProgressOptions } from '../../terminal/createProgress.ts';
import type { Context } from '../Context.ts';
import { openBaseline, type OpenBaseline } from '../openBaseline.ts';
import { type CheckNames, knownNames, selectChecks, withLeftOut } from '../selectChecks.ts';
import { refuseExcludedNodes, refuseUnread } from '../selected.ts';
import { type ReadOptions, takeSnapshot } from '../takeSnapshot.ts';

/** What is about to be done to which cluster. */
export interface ChangeQuestion extends ReadOptions, CheckNames {
  /** undefined: what comes next, by what is seen. */
  readonly change: Change | undefined;
  readonly toVersion: string | undefined;
  /** A capture from before the change. */
  readonly against: string | undefined;
  readonly allowUnknown: 'all' | readonly string[];
}

/** What steps are made of, whatever checks are run. */
const ofSteps = {
  requires: { cluster: ['nodes', 'daemonSets', 'systemPods', 'services'] },
  optional: { cluster: ['kubeProxyConfig', 'kubeadmConfig'] },
  uses: [apiClients, apiServers, kubeProxyPresence, replacementOnNode],
} as const;

/** Reads a cluster or an archive, judges whether a change may be made, and says how. Throws KprError. */
export async function judgeChange(
  question: ChangeQuestion,
  progress: ProgressOptions,
  context: Context,
): Promise<ChangeReport> {
  const { source, limits, toVersion } = question;
  const { io, loaders } = context;
  const started = io.now();
  const checks = await loaders.checks();
  const selection = selectChecks(checks, 'preflight', question);
  const before = await baselineOf(question, progress, context);
  const plan = planFor([...selection.run, ofSteps, before?.wanted ?? {}], limits);
  const refuse = (early: Snapshot): void => refuseExcludedNodes(early, limits.nodes);
  const read = await takeSnapshot(source, plan, { progress, refuse, wait: true }, context);
  if (read.derivations === undefined || read.interrupted)
    throw new InterruptedError('Interrupted before all was read', 'Nothing was judged, and nothing was changed');
  const { snapshot } = read.derivations;
  refuseUnread(snapshot);
  const { change, because } = changeOf(question, read.derivations);
  refuseVersion(change, toVersion, snapshot);
  if (before !== undefined) refuseOther(before.baseline, snapshot, question.against ?? '');
  const intent: Intent = { change, toVersion, capture: before && captureOf(before.baseline, question.against ?? '') };
  const derivations = new Derivations({ ...snapshot, intent });
  const isComparable = change === 'remove-kube-proxy' && (intent.capture?.nodes.served ?? 0) > 0;
  const comparison = isComparable ? await before?.compare(derivations) : undefined;
  const results = withLeftOut(checks, runChecks(selection.run, derivations), selection);
  const report = buildReport(weigh(results, change), derivations, {
    phase: 'preflight',
    failOn: 'error',
    strict: true,
    allowUnknown: allowedOf(question, change, checks),
    against: comparison && { comparison, codes: differenceCodes },
    interrupted: false,
    toolVersion,
    durationMs: Math.round(io.now() - started),
  });
  return buildChange(checklistOf(derivations, intent), report, { because, toVersion });
}

const baselineOf = async (
  { against: file, limits }: ChangeQuestion,
  progress: ProgressOptions,
  context: Context,
): Promise<OpenBaseline | undefined> =>
  file === undefined ? undefined : openBaseline({ file, namespace: undefined, limits, progress }, context);

function changeOf(
  { change, toVersion }: ChangeQuestion,
  derivations: Derivations,
): { readonly change: Change; readonly because: string | undefined } {
  if (change !== undefined) return { change, because: undefined };
  const choice = chooseChange(derivations, toVersion);
  if ('change' in choice) return choice;
  throw usageError(
    `Which change is meant cannot be seen: ${choice.unclear}`,
    'Say it: --change enable, remove-kube-proxy or rollback, or --to-version VERSION for an upgrade',
  );
}

/** What needs a version has one, and it is not behind what runs. */
function refuseVersion(change: Change, toVersion: string | undefined, snapshot: Snapshot): void {
  if (change !== 'upgrade') {
    if (toVersion === undefined) return;
    throw usageError(`--to-version has a meaning for an upgrade only, and not for ${change}`, 'Leave one of them out');
  }
  if (toVersion === undefined)
    throw usageError('An upgrade needs the version to go to', 'For example: --change upgrade --to-version 1.20.2');
  const [to, now] = [parseVersion(toVersion), clusterVersion(snapshot)];
  if (to === undefined || now === undefined || to.compare(now) >= 0 || isBranchOf(toVersion, now)) return;
  throw usageError(
    `Cilium ${now.version} runs, and ${toVersion} is older`,
    'To go back there is the way back of each step: helm rollback, with the values that were kept',
  );
}

/** `1.19` stands for its newest release. */
const isBranchOf = (typed: string, { major, minor }: { readonly major: number; readonly minor: number }): boolean =>
  typed.replace(/^v/, '') === `${major}.${minor}`;

/** A capture of something else proves nothing, whatever it holds. */
function refuseOther(before: Baseline, snapshot: Snapshot, file: string): void {
  if (clusterMismatches(before, snapshot).length === 0) return;
  const objection = notComparable(before, snapshot, file);
  if (objection !== undefined) throw new KprError(objection.message, objection.hint);
}

function captureOf({ takenAt, nodes }: Baseline, file: string): CaptureAtHand {
  const served = nodes.filter(({ table, kept }) => kept && isKnown(table) && table.value.hooked).length;
  return { file, takenAt, nodes: { all: nodes.length, served } };
}

/** Checks and codes that may be unknown: what the user allows, and what could not decide about the change either. */
function allowedOf(
  { allowUnknown }: ChangeQuestion,
  change: Change,
  checks: readonly AnyCheck[],
): 'all' | ReadonlySet<string> {
  if (allowUnknown === 'all') return 'all';
  const undeciding = checks.filter(({ codes }) => mayBeUnknown(change, codes)).map(({ id }) => id);
  return new Set([...knownNames(allowUnknown, 'allow-unknown', checks), ...undeciding]);
}
