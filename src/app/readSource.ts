import type { CollectPlan, RawSink, RawSource } from '../collect/RawSource.ts';
import { KprError } from '../core/KprError.ts';
import type { Progress } from '../terminal/createProgress.ts';
import type { Io } from '../terminal/Io.ts';

/** What is kept of a node with some thousand Services, and what parsing it leaves behind for a while. */
const bytesOfNode = 2 * 1024 * 1024;
/** How long judging and printing may take. */
const judgingMs = 10_000;

/** How long a reader may take to end once it is told to. */
const graceMs = 2000;

export interface ReadingEnd {
  /** The user interrupted it; what the sink got until then is all there is. */
  readonly interrupted: boolean;
  /** Without them no node can be told from another: nothing can be made of the reading. */
  readonly hasDocuments: boolean;
}

export interface ReadSourceOptions {
  readonly io: Io;
  readonly graceMs?: number;
}

/**
 * Reads a source into a sink, and comes back: at the end, soon after Ctrl-C, or soon after the plan's time is up,
 * whatever the source does. Afterwards nothing reaches the sink any more. Throws KprError when nothing was read at all.
 */
export async function readSource(
  source: RawSource,
  plan: CollectPlan,
  sink: RawSink,
  progress: Progress,
  options: ReadSourceOptions,
): Promise<ReadingEnd> {
  const { io } = options;
  const grace = options.graceMs ?? graceMs;
  const controller = new AbortController();
  let ended: 'interrupted' | 'timeUp' | undefined;
  let hasDocuments = false;
  let isClosed = false;
  const timers: NodeJS.Timeout[] = [];

  const gate: RawSink = {
    documents: async (documents) => {
      if (isClosed) return;
      await sink.documents(documents);
      hasDocuments = true;
    },
    node: async (node) => {
      if (isClosed) return;
      io.guard?.allowMore(bytesOfNode);
      await sink.node(node);
    },
  };
  io.guard?.dueIn(plan.runTimeoutMs + grace);
  const givenUp = Promise.withResolvers<'givenUp'>();
  const stop = (why: 'interrupted' | 'timeUp'): void => {
    ended ??= why;
    controller.abort();
    timers.push(setTimeout(() => givenUp.resolve('givenUp'), grace));
  };
  const ignoreInterrupts = io.onInterrupt(() => {
    if (ended === 'interrupted') {
      progress.stop();
      io.exitNow(130);
      return;
    }
    stop('interrupted');
    progress.say('interrupted, finishing what is known (Ctrl-C again ends at once)');
  });
  // Sources keep to the plan's time themselves and lose less by it; this is for what hangs all the same.
  timers.push(setTimeout(() => stop('timeUp'), Math.min(plan.runTimeoutMs + grace / 2, 2 ** 31 - 1)));

  // A failure after the end was decided is only its consequence.
  const reading = source.read({ ...plan, signal: controller.signal }, gate, progress).then(
    () => 'done' as const,
    (error: unknown) => {
      if (ended === undefined) throw error;
      return 'done' as const;
    },
  );
  try {
    if ((await Promise.race([reading, givenUp.promise])) === 'givenUp') io.leaveBehind();
  } finally {
    isClosed = true;
    ignoreInterrupts();
    io.guard?.extend(judgingMs);
    for (const timer of timers) clearTimeout(timer);
  }
  if (ended === 'timeUp' && !hasDocuments) {
    throw new KprError(
      `Nothing was answered within ${durationText(plan.runTimeoutMs)}`,
      'Check that the API server answers (kubectl get --raw /version), or give more time with --timeout',
    );
  }
  return { interrupted: ended === 'interrupted', hasDocuments };
}

const durationText = (ms: number): string => (ms < 1000 ? `${ms} ms` : `${Math.round(ms / 100) / 10} s`);
