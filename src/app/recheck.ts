import { frame, planFor } from '../collect/planFor.ts';
import type { CollectPlan, RawSource } from '../collect/RawSource.ts';
import { coveredNodes, type Derivations } from '../core/Derivations.ts';
import { KprError } from '../core/KprError.ts';
import { leftoverNodes } from '../expect/kube-proxy/leftoverNodes.ts';
import { tableParity } from '../expect/parity/tableParity.ts';
import { answersOf } from '../knowledge/nodeCommands.ts';
import { isKnown } from '../model/Fact.ts';
import type { AnswerName } from '../model/raw.ts';
import type { Progress } from '../terminal/createProgress.ts';
import type { Io } from '../terminal/Io.ts';
import { listNames } from '../text/names.ts';
import type { Context } from './Context.ts';
import { readSource } from './readSource.ts';

/** A dump of rules may be large, and on most nodes they are alike: counters are read again on a few only. */
const maxCounterNodes = 8;

/**
 * How long a change of the API may take to reach the maps of a node that works: batches of up to 500 ms, and a retry.
 */
const settleDelayMs = 2000;

export interface RecheckOptions {
  readonly source: RawSource;
  readonly plan: CollectPlan;
  readonly progress: Progress;
  /** When the time of the whole run is up, by the clock of the context's `io`. */
  readonly deadline: number;
  readonly settlingMs?: number;
  /** false: whether packets meet rules that are left is of no interest. */
  readonly counters?: boolean;
}

/**
 * Reads the nodes whose tables differ from the API a second time before they are called broken, together with their
 * agents' own tables, which tell where something was lost; and where rules of kube-proxy are left, their counters,
 * which tell whether packets still meet them. A file can't be asked twice, and where there is no time for it, or nobody
 * answers any more, the first reading stands.
 */
export async function recheck(
  derivations: Derivations,
  { source, plan, progress, deadline, settlingMs = settleDelayMs, counters = true }: RecheckOptions,
  { io, loaders }: Context,
): Promise<{ derivations: Derivations; interrupted: boolean }> {
  const { snapshot } = derivations;
  if (source.origin.kind !== 'live') return { derivations, interrupted: false };
  const differing = plan.answers.has('lbList') ? orNone(() => differingNodes(derivations)) : [];
  const counted = countersOf.filter((name) => plan.answers.has(name));
  const isCounting = counters && counted.length > 0 && differing.length <= maxCounterNodes;
  const leftover = isCounting ? orNone(() => derivations.of(leftoverNodes)).slice(0, maxCounterNodes) : [];
  const nodes = [...new Set([...differing, ...leftover])];
  const left = deadline - io.now() - settlingMs;
  if (nodes.length === 0 || left <= 0) return { derivations, interrupted: false };
  if (differing.length > 0) progress.say(`${listNames(differing)}: not as the API requires, looking a second time`);
  if (leftover.length > 0)
    progress.say(`${listNames(leftover)}: kube-proxy’s rules are left, looking whether packets meet them`);
  if ((await wait(settlingMs, io)) === 'interrupted') return { derivations, interrupted: true };
  const again: CollectPlan = {
    ...planFor([], { ...plan, probe: false }),
    nodes: new Set(nodes),
    runTimeoutMs: left,
    silentAgents: new Set(snapshot.nodes.filter(({ facts }) => !isKnown(facts.status)).map(({ name }) => name)),
    documents: new Set(
      [...frame, ...(differing.length > 0 ? tables.documents : [])].filter((name) => plan.documents.has(name)),
    ),
    answers: new Set([...(differing.length > 0 ? tables.answers : []), ...(leftover.length > 0 ? counted : [])]),
  };
  try {
    const sink = await loaders.snapshotSink(source, again);
    const { interrupted, hasDocuments } = await readSource(source, again, sink, progress, { io });
    if (!hasDocuments) return { derivations, interrupted };
    const second = sink.build();
    const read = second.nodes.filter(({ name }) => nodes.includes(name));
    const facts = new Map(read.map((node) => [node.name, node.facts]));
    return { derivations: derivations.withSecond({ facts: second.facts, nodes: facts }), interrupted };
  } catch (error) {
    // What was seen is seen: an API server that went away meanwhile, or a node that was deleted, does not take it back.
    if (!(error instanceof KprError)) throw error;
    progress.say(`the second look failed: ${error.message}`);
    return { derivations, interrupted: false };
  }
}

/** What the comparison of tables looks at a second time. */
const tables = {
  documents: tableParity.reread?.cluster ?? [],
  answers: (tableParity.reread?.node ?? []).flatMap((name) => answersOf[name]),
};

const countersOf: readonly AnswerName[] = [...answersOf.iptables, ...answersOf.conntrack];

const differingNodes = (derivations: Derivations): readonly string[] =>
  coveredNodes(derivations.snapshot).flatMap(({ name }) => {
    const parity = derivations.on(tableParity, name);
    return parity.judged && parity.differences.length > 0 ? [name] : [];
  });

/**
 * None where the comparison itself has a bug: the check that is made of it says so, and the others are
 * still to be heard.
 */
function orNone(find: () => readonly string[]): readonly string[] {
  try {
    return find();
  } catch {
    return [];
  }
}

/** A person who has seen enough does not wait. */
async function wait(ms: number, io: Io): Promise<'over' | 'interrupted'> {
  const { promise, resolve } = Promise.withResolvers<'over' | 'interrupted'>();
  const ignoreInterrupts = io.onInterrupt(() => resolve('interrupted'));
  const timer = setTimeout(() => resolve('over'), ms);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    ignoreInterrupts();
  }
}
