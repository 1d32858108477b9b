import type { CollectPlan, CollectProgress, RawSink, RawSource } from '../collect/RawSource.ts';
import { TimeIsUp } from '../collect/runEnd.ts';
import { runTimeFor } from '../collect/runTime.ts';
import { KprError } from '../core/KprError.ts';
import type { RawNode } from '../model/raw.ts';
import type { Progress } from '../terminal/createProgress.ts';
import { overrunMs } from '../terminal/Guard.ts';
import type { Io } from '../terminal/Io.ts';
import { durationText } from '../text/durationText.ts';

/**
 * What is kept of a node with some thousand Services, and what parsing it leaves behind for a while; never more than
 * it has said.
 */
const bytesOfNode = 2 * 1024 * 1024;
/**
 * What nodes may cost while their answers are on their way, and wait for the API's lists. Of a live cluster up to 12
 * say whole tables at once, with 5,000 Services and kube-proxy's rules 22 MB each; others say little.
 */
const onTheWay = {
  live: { nodes: 12, bytes: 36 * 1024 * 1024 },
  archive: { nodes: 32, bytes: 6 * 1024 * 1024 },
};
/** How long judging a node with some thousand Services takes: so much of the time is left to it. */
const judgingMsOfNode = 20;

/** How long a reader may take to end once it is told to: judging and printing are part of the time, too. */
const graceMs = 500;
/** As long as nodes come in that had answered before, and no longer. */
const mostGraceMs = 5000;
/** Judging many nodes may take so much longer than the run's time, rather than that nothing is known of them. */
const mostJudgingMs = 10_000;

export interface ReadingEnd {
  /** When the time of the whole run is up, by the clock of `io`: it follows the number of nodes. */
  readonly deadline: number;
  /** The user interrupted it; what the sink got until then is all there is. */
  readonly interrupted: boolean;
  /** Without them no node can be told from another: nothing can be made of the reading. */
  readonly hasDocuments: boolean;
}

export interface ReadSourceOptions {
  readonly io: Io;
  /** When the time of the whole run is up, by the clock of `io`; undefined: the plan's time begins now. */
  readonly deadline?: number;
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
  let nodes = 0;
  let total = 0;
  // Where the machine has little time for this process, or tables are large, judging takes longer, too.
  let takingMs = 0;
  const began = io.now();
  // A file answers as fast as it is read; who is in a hurry says so.
  const isEndless = source.origin.kind !== 'live' && plan.growsWithNodes === true;
  let deadline = isEndless ? Infinity : (options.deadline ?? began + plan.runTimeoutMs);

  const gate: RawSink = {
    documents: async (documents) => {
      if (isClosed) return;
      await sink.documents(documents);
      hasDocuments = true;
      progress.listed();
    },
    node: async (node) => {
      if (isClosed) return;
      io.guard?.allowMore(Math.min(bytesOfNode, sizeOf(node)));
      const before = io.now();
      await sink.node(node);
      nodes += 1;
      takingMs += io.now() - before;
      if (ended === undefined) stopInTime();
      else giveUpInTime();
    },
  };
  const lateMs = (): number => overrunMs + Math.min(total * judgingMsOfNode, mostJudgingMs);
  const dueInTime = (): void => io.guard?.dueIn(deadline - io.now() + lateMs());
  dueInTime();
  const givenUp = Promise.withResolvers<'givenUp'>();
  let giveUp: NodeJS.Timeout | undefined;
  let mostUntil = Number.POSITIVE_INFINITY;
  const giveUpInTime = (): void => {
    clearTimeout(giveUp);
    giveUp = setTimeout(() => givenUp.resolve('givenUp'), timerMs(Math.min(grace, mostUntil - io.now())));
  };
  const stop = (why: 'interrupted' | 'timeUp'): void => {
    ended ??= why;
    controller.abort(why === 'timeUp' ? new TimeIsUp() : undefined);
    mostUntil = Math.min(mostUntil, io.now() + mostGraceMs);
    giveUpInTime();
  };
  const ignoreInterrupts = io.onInterrupt(() => {
    if (ended === 'interrupted') {
      progress.stop();
      io.exitNow(130);
      return;
    }
    io.guard?.interrupted(lateMs());
    stop('interrupted');
    progress.say('interrupted, finishing what is known (Ctrl-C again exits at once)');
  });
  // Sources keep to the plan's time themselves and lose less by it; this is for what hangs all the same.
  let timeUp: NodeJS.Timeout | undefined;
  const stopInTime = (): void => {
    clearTimeout(timeUp);
    // Who takes whole tables puts them into a file: they are not judged.
    const judgingMs =
      plan.wholeTables === true ? 0 : Math.min(Math.max(nodes * judgingMsOfNode, takingMs), (deadline - began) / 2);
    const left = deadline - io.now() + grace / 2 - judgingMs;
    timeUp = setTimeout(() => stop('timeUp'), timerMs(left));
  };
  stopInTime();
  let hasGrown = false;
  let allowed = 0;
  const heard: Required<CollectProgress> = {
    nodes: (found) => {
      total = found;
      if (!hasGrown) deadline += runTimeFor(plan, total) - plan.runTimeoutMs;
      hasGrown = runTimeFor(plan, total) > plan.runTimeoutMs;
      const room = source.origin.kind === 'live' ? onTheWay.live : onTheWay.archive;
      const more = Math.min(total, room.nodes) * room.bytes;
      io.guard?.allowMore(more - allowed);
      allowed = more;
      dueInTime();
      stopInTime();
      progress.nodes(total);
    },
    nodeStarted: (name) => progress.nodeStarted(name),
    nodeDone: (name) => progress.nodeDone(name),
    probing: (connections, mostFromOne) => progress.probing(connections, mostFromOne),
  };

  // A failure after the end was decided is only its consequence.
  const reading = source.read({ ...plan, signal: controller.signal }, gate, heard).then(
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
    clearTimeout(timeUp);
    clearTimeout(giveUp);
  }
  if (ended === 'timeUp' && !hasDocuments) {
    throw new KprError(
      `Nothing was answered within ${durationText(plan.runTimeoutMs)}`,
      'Check that the API server answers (kubectl get --raw /version), or give more time with --timeout',
    );
  }
  return { interrupted: ended === 'interrupted', hasDocuments, deadline };
}

/** Of less than nothing Node warns, on the terminal of whoever runs it. */
const timerMs = (ms: number): number => Math.min(Math.max(ms, 0), 2 ** 31 - 1);

const sizeOf = ({ answers }: RawNode): number =>
  Object.values(answers).reduce((sum, answer) => sum + ('text' in answer ? answer.text.length : 0), 0);
