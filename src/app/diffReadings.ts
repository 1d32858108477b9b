import { type ClusterChanges, compareSnapshots, doubts } from '../changes/compareSnapshots.ts';
import { type ClusterMismatch, clusterMismatches } from '../changes/sameCluster.ts';
import { afterFile, planFor, type PlanOptions } from '../collect/planFor.ts';
import { InterruptedError, KprError } from '../core/KprError.ts';
import { agentConfigOnNode } from '../expect/agent/agentConfigOnNode.ts';
import type { Snapshot } from '../model/Snapshot.ts';
import { buildDiff, objectionText } from '../report/diff/buildDiff.ts';
import type { DiffDocument } from '../report/diff/DiffDocument.ts';
import { renderUnified } from '../report/diff/renderUnified.ts';
import type { Format } from '../report/formats.ts';
import { toolVersion } from '../terminal/tool.ts';
import { visible } from '../text/visible.ts';
import type { Context } from './Context.ts';
import type { ArchiveOptions, SourceOptions } from './openSource.ts';
import { print, type SpeechOptions, viewOf } from './print.ts';
import { archiveOf, refuseReportFiles, type ReportFile, writeAndAnswer, writeReports } from './reportFiles.ts';
import { refuseBlank, refuseEmptyNamespace } from './selected.ts';
import { takeSnapshot } from './takeSnapshot.ts';

export interface DiffOptions extends SpeechOptions {
  readonly before: ArchiveOptions;
  readonly after: SourceOptions;
  readonly limits: PlanOptions;
  /** Of the Services, only those of this namespace; undefined: all. */
  readonly namespace: string | undefined;
  /** Two clusters, or the wrong order, are no hindrance. */
  readonly allowMismatch: boolean;
  readonly reports: readonly ReportFile<DiffDocument>[];
  readonly as:
    | { readonly kind: 'document'; readonly format: Format<DiffDocument> }
    /** The rules alone, with this many lines around each change. */
    | { readonly kind: 'unified'; readonly lines: number };
}

/** What is compared, and what tells which cluster it is. */
const wanted = {
  requires: {
    cluster: ['nodes', 'services', 'endpointSlices', 'daemonSets', 'version', 'ciliumConfig'],
    node: [
      'status',
      'cgroupPrograms',
      'iptables',
      'nftTables',
      'ipsets',
      'ipvs',
      'interfaces',
      'proxyRules',
      'proxyTable',
      'lbTable',
    ],
  },
  uses: [agentConfigOnNode],
} as const;

interface Readings {
  readonly before: Snapshot;
  readonly after: Snapshot;
  readonly interrupted: boolean;
}

/**
 * What changed between two readings of a cluster: iptables by meaning or as a unified diff, and what Services reach.
 * Exit codes as kubectl diff: 0 the same, 1 different, more: an error. Throws KprError.
 */
export async function diffReadings(options: DiffOptions, context: Context): Promise<number> {
  const { io } = context;
  const { as, namespace, reports } = options;
  refuseReportFiles(reports, [options.before.file, archiveOf(options.after)]);
  const started = io.now();
  const { before, after, interrupted } = await readBoth(options, context);
  refuseEmptyNamespace(namespace, [before, after]);
  if (!interrupted) {
    refuseBlank(before, options.before.file);
    refuseBlank(after, options.after.kind === 'archive' ? options.after.file : 'the cluster');
  }
  const objections = clusterMismatches(before, after);
  const [first] = objections;
  if (first !== undefined && !options.allowMismatch) {
    throw new KprError(objectionText(first), `${wayOut[first.kind]}; --allow-mismatch compares them all the same`);
  }
  const changes = compareSnapshots(before, after);
  const document = buildDiff(
    changes,
    { before, after },
    { toolVersion, durationMs: Math.round(io.now() - started), interrupted, objections, namespace },
  );
  const view = viewOf(options, io);
  await writeAndAnswer(
    () => writeReports(document, reports, view),
    () =>
      as.kind === 'unified'
        ? printPatches({ before, after }, document.nodes.compared, as.lines, changes, options, context)
        : print(document, as.format, view, io),
  );
  return document.exitCode;
}

async function readBoth({ before, after, limits, as, verbosity }: DiffOptions, context: Context): Promise<Readings> {
  const plan = planFor([wanted], { ...limits, probe: false });
  const progress = { verbosity, forPeople: as.kind === 'unified' || as.format.kind === 'screen' };
  const started = context.io.now();
  const take = async (
    source: SourceOptions,
    spentMs: number,
  ): Promise<{ snapshot: Snapshot; interrupted: boolean }> => {
    const options = { progress, withoutCilium: true, once: true };
    const { derivations, interrupted } = await takeSnapshot(source, afterFile(plan, spentMs), options, context);
    if (derivations === undefined)
      throw new InterruptedError('Interrupted before everything was read', 'Nothing is known, so nothing was compared');
    return { snapshot: derivations.snapshot, interrupted };
  };
  const [then, now] = [await take(before, 0), await take(after, context.io.now() - started)];
  return { before: then.snapshot, after: now.snapshot, interrupted: then.interrupted || now.interrupted };
}

function printPatches(
  { before, after }: Omit<Readings, 'interrupted'>,
  nodes: readonly string[],
  lines: number,
  changes: ClusterChanges,
  options: DiffOptions,
  { io }: Context,
): void {
  for (const patch of renderUnified(before, after, nodes, lines, viewOf(options, io))) io.stdout.write(patch);
  const unread = [...new Set(doubts(changes).map(({ what }) => what))];
  if (unread.length > 0 && options.verbosity !== 'quiet')
    io.stderr.write(`Not in it, because it was not read: ${visible(unread.join(', '))}\n`);
}

const wayOut: Readonly<Record<ClusterMismatch['kind'], string>> = {
  swapped: 'Give the older one first',
  otherCluster: 'Give two captures of one cluster',
  redacted:
    'Redact the other one, too (kubectl kpr capture --from FILE --redact -o NEW), with the same key if one was given',
};
