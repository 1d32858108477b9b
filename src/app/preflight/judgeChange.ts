import { differenceCodes } from '../../../checks/tables/differenceWords.ts';
import { clusterMismatches } from '../../changes/sameCluster.ts';
import { notComparable } from '../../changes/notComparable.ts';
import { planFor } from '../../collect/planFor.ts';
import type { RawSource } from '../../collect/RawSource.ts';
import { expectJudging } from '../../collect/tuneEngine.ts';
import type { AnyCheck } from '../../core/Check.ts';
import { Derivations } from '../../core/Derivations.ts';
import { InterruptedError, KprError, usageError } from '../../core/KprError.ts';
import { runChecks } from '../../core/runChecks.ts';
import { apiClients } from '../../expect/api-server/apiClients.ts';
import { apiServers } from '../../expect/api-server/apiServers.ts';
import { clusterVersion, newestVersion } from '../../expect/agent/agentVersion.ts';
import { writtenConfig } from '../../expect/agent/writtenConfig.ts';
import { kubeProxyPresence } from '../../expect/kube-proxy/kubeProxyPresence.ts';
import { replacementOnNode } from '../../expect/kube-proxy/replacement.ts';
import { branches } from '../../knowledge/releases.ts';
import { parseVersion, skippedMinors, type Version } from '../../knowledge/version.ts';
import { isKnown, valueOf } from '../../model/Fact.ts';
import type { Baseline } from '../../model/Baseline.ts';
import type { CaptureAtHand, Change, HelmFlags, Intent } from '../../model/Intent.ts';
import type { Snapshot } from '../../model/Snapshot.ts';
import { checklistOf } from '../../remedy/change/checklistOf.ts';
import { kubernetesIPs } from '../../remedy/change/carriedSettings.ts';
import { chooseChange } from '../../remedy/change/chooseChange.ts';
import { mayBeUnknown, weigh } from '../../remedy/change/weigh.ts';
import { buildChange } from '../../report/preflight/buildChange.ts';
import type { ChangeReport } from '../../report/preflight/ChangeReport.ts';
import { buildReport } from '../../report/buildReport.ts';
import { toolVersion } from '../../terminal/tool.ts';
import type { FoundValues } from '../../values/findValues.ts';
import type { JudgingPlace } from '../../values/judgeValues.ts';
import type { ProgressOptions } from '../../terminal/createProgress.ts';
import type { Context } from '../Context.ts';
import { openBaseline, type OpenBaseline } from '../openBaseline.ts';
import { type CheckNames, knownNames, selectChecks, withLeftOut } from '../selectChecks.ts';
import { refuseExcludedNodes, refuseUnread } from '../selected.ts';
import { type LookedOn, type ReadOptions, takeSnapshot } from '../takeSnapshot.ts';
import { releaseValues } from './releaseValues.ts';

/** What is about to be done to which cluster. */
export interface ChangeQuestion extends ReadOptions, CheckNames {
  /** undefined: what comes next, by what is seen. */
  readonly change: Change | undefined;
  readonly toVersion: string | undefined;
  /** A capture from before the change. */
  readonly against: string | undefined;
  readonly allowUnknown: 'all' | readonly string[];
  /** As Helm takes them, for the commands that are printed; undefined: those of the release are reused. */
  readonly values: HelmFlags | undefined;
  /** Whether the values of the release are read, which are a Secret. */
  readonly ofRelease: boolean;
}

/** What was found, and what values are judged by. */
export interface JudgedChange {
  readonly change: ChangeReport;
  readonly seen: {
    /** undefined: nobody tells. */
    readonly running: Version | undefined;
    readonly around: JudgingPlace;
    /** undefined: it could not be read. */
    readonly config: { readonly file: string; readonly config: ReadonlyMap<string, string> } | undefined;
    /** undefined: nobody wanted them. */
    readonly release: FoundValues | undefined;
  };
}

/** What steps are made of, whatever checks are run. */
const ofSteps = {
  requires: { cluster: ['nodes', 'daemonSets', 'systemPods', 'services'] },
  optional: { cluster: ['kubeProxyConfig', 'kubeadmConfig', 'ciliumConfig', 'version'] },
  uses: [apiClients, apiServers, kubeProxyPresence, replacementOnNode],
} as const;

/** Reads a cluster or an archive, judges whether a change may be made, and says how. Throws KprError. */
export async function judgeChange(
  question: ChangeQuestion,
  progress: ProgressOptions,
  context: Context,
): Promise<JudgedChange> {
  const { source, limits, toVersion } = question;
  const { io, loaders } = context;
  const started = io.now();
  if (question.change !== undefined) refuseFlags(question.change, toVersion);
  const checks = await loaders.checks();
  const selection = selectChecks(checks, 'preflight', question);
  const before = await baselineOf(question, progress, context);
  const plan = planFor([...selection.run, ofSteps, before?.wanted ?? {}], limits);
  const refuse = (early: Snapshot): void => refuseExcludedNodes(early, limits.nodes);
  let release: FoundValues | undefined;
  const andThen = async (derivations: Derivations, open: RawSource): Promise<LookedOn> => {
    if (question.ofRelease) release = await releaseValues(derivations.snapshot, open);
    return { derivations, interrupted: false };
  };
  const read = await takeSnapshot(source, plan, { progress, refuse, wait: true, andThen }, context);
  if (read.derivations === undefined || read.interrupted)
    throw new InterruptedError('Interrupted before all was read', 'Nothing was judged, and nothing was changed');
  const { snapshot } = read.derivations;
  refuseUnread(snapshot);
  const { change, because } = changeOf(question, read.derivations);
  refuseFlags(change, toVersion);
  refuseVersion(toVersion, snapshot);
  if (before !== undefined) refuseOther(before.baseline, snapshot, question.against ?? '');
  const capture = before && captureOf(before.baseline, question.against ?? '');
  const intent: Intent = { change, toVersion, capture, values: question.values };
  expectJudging();
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
  const found = buildChange(checklistOf(derivations, intent), report, { because, toVersion });
  return { change: found, seen: { ...seenOf(snapshot), release } };
}

function seenOf(snapshot: Snapshot): Omit<JudgedChange['seen'], 'release'> {
  const { facts, cilium } = snapshot;
  const config = valueOf(facts.ciliumConfig);
  return {
    running: clusterVersion(snapshot),
    around: {
      kubernetesVersion: valueOf(facts.version)?.gitVersion ?? 'v1.34.0',
      namespace: cilium.namespace,
      kubernetesIPs: valueOf(facts.services) && kubernetesIPs(snapshot),
    },
    config: config && { file: `ConfigMap ${cilium.namespace}/cilium-config`, config: writtenConfig(config) },
  };
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

/** What needs a version has one, and nothing else has. */
function refuseFlags(change: Change, toVersion: string | undefined): void {
  if (change !== 'upgrade' && toVersion !== undefined)
    throw usageError(`--to-version has a meaning for an upgrade only, and not for ${change}`, 'Leave one of them out');
  if (change === 'upgrade' && toVersion === undefined)
    throw usageError('An upgrade needs the version to go to', 'For example: --change upgrade --to-version 1.20.2');
}

/** It is the version that runs, or what may come after that. */
function refuseVersion(toVersion: string | undefined, snapshot: Snapshot): void {
  const [to, now] = [parseVersion(toVersion), clusterVersion(snapshot)];
  if (to === undefined || now === undefined) return;
  if (to.compare(now) < 0)
    throw usageError(
      `Cilium ${now.version} runs, and ${toVersion} is older`,
      'To go back there is the way back of each step: helm rollback, with the values that were kept',
    );
  refuseSkipping(newestVersion(snapshot) ?? now, to);
}

/** Single agents that are behind the others are for KPR7005. */
function refuseSkipping(now: Version, to: Version): void {
  const skipped = skippedMinors(now, to);
  const [first] = skipped;
  if (first === undefined) return;
  const isKnown = branches.some((branch) => branch === first);
  throw usageError(
    `Cilium ${now.version} runs, and the step to ${to.version} skips ${skipped.join(' and ')}: only from one minor version to the next is an upgrade tried`,
    isKnown
      ? `That step first: kubectl kpr preflight --change upgrade --to-version ${first}`
      : `Go to ${first} first, by its own notes; from ${branches[0]} on there is preflight`,
  );
}

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
