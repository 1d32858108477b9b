import type { CollectPlan, RawSink } from '../collect/RawSource.ts';
import { Derivations } from '../core/Derivations.ts';
import { type Args, isSet, stringOf } from '../cli/args.ts';
import { createProgress } from '../terminal/createProgress.ts';
import type { Io } from '../terminal/Io.ts';
import { type RecheckOptions, recheck } from './recheck.ts';
import type { Loaders, SnapshotChoices, SnapshotSink } from './Loaders.ts';
import { closeSource, openSource } from './openSource.ts';
import { readSource } from './readSource.ts';

export interface SnapshotResult {
  /** The snapshot, and what is derived of it; undefined: nothing was read. */
  readonly derivations: Derivations | undefined;
  readonly interrupted: boolean;
  /** What names without a namespace mean; undefined: an archive does not say. */
  readonly namespace: string | undefined;
}

export interface TakeOptions extends Pick<RecheckOptions, 'counters'>, SnapshotChoices {
  /** Nothing is looked at a second time. */
  readonly once?: boolean;
}

/**
 * Reads what a plan asks for, and what differs a second time. Without documents (the list of nodes, at least) there is no
 * snapshot. Throws KprError.
 */
export async function takeSnapshot(
  args: Args,
  plan: CollectPlan,
  io: Io,
  loaders: Loaders,
  { counters = true, once = false, withoutCilium }: TakeOptions = {},
): Promise<SnapshotResult> {
  const deadline = io.now() + plan.runTimeoutMs;
  const source = await openSource(args, io, loaders);
  const progress = await createProgress(io, {
    quiet: isSet(args, 'quiet'),
    verbose: isSet(args, 'verbose'),
    forPeople: stringOf(args, 'output') !== 'json',
  });
  try {
    let sink: SnapshotSink | undefined;
    const lazySink: RawSink = {
      // Loaded while the cluster is busy with its answers.
      documents: async (documents) => {
        sink = await loaders.snapshotSink(source, plan, { withoutCilium });
        await sink.documents(documents);
      },
      node: async (node) => sink?.node(node),
    };
    const { interrupted, hasDocuments } = await readSource(source, plan, lazySink, progress, { io });
    const { namespace } = source;
    if (!hasDocuments || sink === undefined) return { derivations: undefined, interrupted, namespace };
    const derivations = new Derivations(sink.build());
    if (interrupted || once) return { derivations, interrupted, namespace };
    return { ...(await recheck(derivations, { source, plan, progress, io, loaders, deadline, counters })), namespace };
  } finally {
    progress.stop();
    await closeSource(source, io);
  }
}
