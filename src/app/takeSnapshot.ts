import type { PlanOptions } from '../collect/planFor.ts';
import type { CollectPlan, RawSink, RawSource } from '../collect/RawSource.ts';
import { Derivations } from '../core/Derivations.ts';
import type { Snapshot } from '../model/Snapshot.ts';
import { createProgress, type ProgressOptions } from '../terminal/createProgress.ts';
import type { Context } from './Context.ts';
import type { SnapshotChoices, SnapshotSink } from './Loaders.ts';
import { closeSource, openSource, type SourceOptions } from './openSource.ts';
import { readSource } from './readSource.ts';
import { recheck, type RecheckOptions } from './recheck.ts';
import { drawn } from './drawSample.ts';

/** What is read, and within which limits. */
export interface ReadOptions {
  readonly source: SourceOptions;
  readonly limits: PlanOptions;
}

export interface SnapshotResult {
  /** The snapshot, and what is derived of it; undefined: nothing was read. */
  readonly derivations: Derivations | undefined;
  readonly interrupted: boolean;
  /** What names without a namespace mean; undefined: an archive does not say. */
  readonly namespace: string | undefined;
  /** Whole milliseconds that the run may take. */
  readonly timeLimitMs: number;
}

/** What is known after something more was done, and whether the user ended that early. */
export interface LookedOn {
  readonly derivations: Derivations;
  readonly interrupted: boolean;
}

export interface TakeOptions extends Pick<RecheckOptions, 'counters' | 'wait'>, SnapshotChoices {
  readonly progress: ProgressOptions;
  /**
   * Called when the API's objects are known, before nodes are waited for: throws KprError for what selects nothing.
   * `namespace`: what names without one mean.
   */
  readonly refuse?: (early: Snapshot, namespace: string | undefined) => void;
  /** Called when everything was read once. */
  readonly whenRead?: () => void;
  /** What is done with what was read, as long as the source is open. */
  readonly andThen?: (derivations: Derivations, source: RawSource) => Promise<LookedOn>;
  /** Nothing is looked at a second time. */
  readonly once?: boolean;
}

/**
 * Reads what a plan asks for, and what differs a second time. Without documents (the list of nodes, at least) there is
 * no snapshot. Throws KprError.
 */
export async function takeSnapshot(
  from: SourceOptions,
  wanted: CollectPlan,
  {
    counters = true,
    wait = false,
    once = false,
    withoutCilium,
    progress: shown,
    refuse,
    whenRead,
    andThen,
  }: TakeOptions,
  context: Context,
): Promise<SnapshotResult> {
  const { io, loaders } = context;
  const begun = io.now();
  const source = await openSource(from, wanted.runTimeoutMs, context);
  const progress = await createProgress(io, shown);
  try {
    const plan = await drawn(source, wanted, progress, context);
    let sink: SnapshotSink | undefined;
    const lazySink: RawSink = {
      // Loaded while the cluster is busy with its answers.
      documents: async (documents) => {
        sink = await loaders.snapshotSink(source, plan, { withoutCilium });
        await sink.documents(documents);
        refuse?.(sink.build(), source.namespace);
      },
      node: async (node) => sink?.node(node),
    };
    const reading = await readSource(source, plan, lazySink, progress, { io, deadline: begun + wanted.runTimeoutMs });
    whenRead?.();
    const { interrupted, hasDocuments, deadline } = reading;
    const about = { namespace: source.namespace, timeLimitMs: Math.round(deadline - begun) };
    if (!hasDocuments || sink === undefined) return { derivations: undefined, interrupted, ...about };
    const derivations = new Derivations(sink.build());
    if (interrupted || once) return { derivations, interrupted, ...about };
    const read = await recheck(derivations, { source, plan, progress, deadline, wait, counters }, context);
    if (andThen === undefined || read.interrupted) return { ...read, ...about };
    progress.stop();
    return { ...(await andThen(read.derivations, source)), ...about };
  } finally {
    progress.stop();
    await closeSource(source, io);
  }
}
