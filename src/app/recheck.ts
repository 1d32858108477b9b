import type { CollectPlan, RawSource } from '../collect/RawSource.ts';
import type { Derivations } from '../core/Derivations.ts';
import { KprError } from '../core/KprError.ts';
import type { Progress } from '../terminal/createProgress.ts';
import { listNames } from '../text/names.ts';
import type { Context } from './Context.ts';
import { pause } from './pause.ts';
import { readSource } from './readSource.ts';
import { secondLook } from './secondLook.ts';

/**
 * How long a change of the API may take to reach the maps of a node that works: batches of up to 500 ms, and a retry.
 */
const settleDelayMs = 2000;

/** What is not certain then is read again so many times, so long after each other, until it is. */
const readOnTimes = 3;
const readOnDelayMs = 4000;

export interface RecheckOptions {
  readonly source: RawSource;
  readonly plan: CollectPlan;
  readonly progress: Progress;
  /** When the time of the whole run is up, by the clock of the context's `io`. */
  readonly deadline: number;
  readonly settlingMs?: number;
  readonly readOnMs?: number;
  /** Whether to read on while differences may be on their way; a second look is taken in any case. */
  readonly wait?: boolean;
  /** false: whether packets meet rules that are left is of no interest. */
  readonly counters?: boolean;
}

interface Outcome {
  readonly derivations: Derivations;
  readonly interrupted: boolean;
}

/**
 * Reads the nodes whose tables differ from the API a second time before they are called broken, together with their
 * agents' own tables, which tell where something was lost; the lists of the API where these contradict each other; and
 * where rules of kube-proxy are left, their counters, which tell whether packets still meet them. With `wait` it reads
 * on until each difference is gone, or there to stay.
 * A file can't be asked twice, and where there is no time for it, or nobody answers any more, the last reading stands.
 */
export async function recheck(first: Derivations, options: RecheckOptions, context: Context): Promise<Outcome> {
  const { source, plan, progress, deadline, counters = true } = options;
  const { settlingMs = settleDelayMs, readOnMs = readOnDelayMs, wait = false } = options;
  if (source.origin.kind !== 'live') return { derivations: first, interrupted: false };
  const look = secondLook(first, plan, counters);
  for (const sentence of look.sentences) progress.say(sentence);
  const started = context.io.now();
  const readAgain = async (outcome: Outcome, pauseMs: number): Promise<Outcome | undefined> => {
    const left = deadline - context.io.now() - pauseMs;
    if (!look.isNeeded || left <= 0) return undefined;
    if ((await pause(pauseMs, context.io)) === 'interrupted') return { ...outcome, interrupted: true };
    return lookAgain(outcome, { ...look.plan, runTimeoutMs: left, growsWithNodes: false }, started, options, context);
  };
  const once: Outcome = { derivations: first, interrupted: false };
  let outcome = (await readAgain(once, settlingMs)) ?? once;
  for (let times = wait ? readOnTimes : 0; times > 0 && !outcome.interrupted; times--) {
    const before = outcome.derivations;
    const open = before === first ? [] : look.openIn(before);
    if (open.length === 0) break;
    progress.say(`${listNames(open)}: may be right in a moment, reading on (--no-wait leaves that out)`);
    outcome = (await readAgain(outcome, readOnMs)) ?? outcome;
    if (outcome.derivations === before) break;
  }
  return outcome;
}

/** What was seen is seen: an API server that went away, or a node that was deleted, does not take it back. */
async function lookAgain(
  { derivations }: Outcome,
  plan: CollectPlan,
  started: number,
  { source, progress }: RecheckOptions,
  { io, loaders }: Context,
): Promise<Outcome> {
  const secondsLater = (io.now() - started) / 1000;
  try {
    // Of nodes that left meanwhile nothing comes; the others are looked at all the same.
    const sink = await loaders.snapshotSink(source, { ...plan, nodes: undefined });
    const { interrupted, hasDocuments } = await readSource(source, plan, sink, progress, { io });
    if (!hasDocuments) return { derivations, interrupted };
    const later = sink.build();
    const read = later.nodes.filter(({ name }) => plan.nodes?.has(name));
    const nodes = new Map(read.map((node) => [node.name, node.facts]));
    return { derivations: derivations.withSecond({ secondsLater, facts: later.facts, nodes }), interrupted };
  } catch (error) {
    if (!(error instanceof KprError)) throw error;
    progress.say(`the second look failed: ${error.message}`);
    return { derivations, interrupted: false };
  }
}
