import type { CollectPlan, RawSink } from '../collect/RawSource.ts';
import type { Snapshot } from '../model/Snapshot.ts';
import { type Args, isSet, stringOf } from './args.ts';
import { createProgress } from './createProgress.ts';
import type { Io } from './Io.ts';
import { type Again, lookAgain } from './lookAgain.ts';
import type { Modules, SnapshotChoices, SnapshotSink } from './Modules.ts';
import { closeSource, openSource } from './openSource.ts';
import { readSource } from './readSource.ts';

export interface Taken {
  readonly snapshot: Snapshot | undefined;
  readonly interrupted: boolean;
  /** What names without a namespace mean; undefined: an archive does not say. */
  readonly namespace: string | undefined;
}

export interface TakeOptions extends Pick<Again, 'counters'>, SnapshotChoices {
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
  modules: Modules,
  { counters = true, once = false, withoutCilium }: TakeOptions = {},
): Promise<Taken> {
  const deadline = io.now() + plan.runTimeoutMs;
  const source = await openSource(args, io, modules);
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
        sink = await modules.snapshotSink(source, plan, { withoutCilium });
        await sink.documents(documents);
      },
      node: async (node) => sink?.node(node),
    };
    const { interrupted, hasDocuments } = await readSource(source, plan, lazySink, progress, { io });
    const { namespace } = source;
    if (!hasDocuments || sink === undefined) return { snapshot: undefined, interrupted, namespace };
    const snapshot = sink.build();
    if (interrupted || once) return { snapshot, interrupted, namespace };
    return { ...(await lookAgain(snapshot, { source, plan, progress, io, modules, deadline, counters })), namespace };
  } finally {
    progress.stop();
    await closeSource(source, io);
  }
}
