import type { Inputs } from '../core/View.ts';
import { answersOf } from '../knowledge/nodeCommands.ts';
import { reachDocuments } from '../expect/reach/reachPlaces.ts';
import type { NodeFactName } from '../model/NodeFacts.ts';
import type { AnswerName, DocumentName } from '../model/raw.ts';
import type { ClusterFactName } from '../model/Snapshot.ts';
import type { CollectPlan } from './RawSource.ts';

/** What every run reads, because the snapshot's frame is made of it: which nodes there are, and where Cilium is. */
export const frame: readonly DocumentName[] = ['version', 'nodes', 'daemonSets', 'systemPods'];

/** Cluster facts and documents bear the same names; the compiler says so when that changes. */
const documentOf = (fact: ClusterFactName): DocumentName => fact;

/** Probes send a few packets; everything else only looks. */
const probes: ReadonlySet<AnswerName> = new Set(['apiProbe', 'dnsProbe', 'serversProbe', 'reachProbe', 'proxyHealth']);

/**
 * Of use only for what differs, and some are large: asked of the few nodes that are read again, or where it is
 * required.
 */
const askedAgainOnly: ReadonlySet<NodeFactName> = new Set(['agentTable', 'pendingInitializers']);

export interface PlanOptions extends Omit<CollectPlan, 'documents' | 'answers'> {
  readonly probe: boolean;
  /** A file cannot be asked again: what else only a second look asks for is read at once. */
  readonly readsOnce?: boolean;
}

/** The union of what the checks need and want, so that nothing is asked twice and nothing without use. */
export function planFor(wanted: readonly Inputs[], { probe, readsOnce = false, ...options }: PlanOptions): CollectPlan {
  const documents = new Set(frame);
  const answers = new Set<AnswerName>(['status']);
  const add = ({ requires, optional, uses = [] }: Inputs): void => {
    for (const fact of [...(requires?.cluster ?? []), ...(optional?.cluster ?? [])]) documents.add(documentOf(fact));
    for (const fact of requires?.node ?? []) for (const answer of answersOf[fact]) answers.add(answer);
    for (const fact of optional?.node ?? []) {
      if (readsOnce || !askedAgainOnly.has(fact)) for (const answer of answersOf[fact]) answers.add(answer);
    }
    uses.forEach(add);
  };
  wanted.forEach(add);
  if (!probe) for (const answer of probes) answers.delete(answer);
  // Probes ask the addresses that the API names; where pods send their queries, kubelets are told.
  if (answers.has('dnsProbe')) documents.add('kubeletConfig');
  if (answers.has('dnsProbe') || answers.has('serversProbe'))
    for (const document of ['services', 'endpointSlices'] as const) documents.add(document);
  if (answers.has('reachProbe')) for (const document of reachDocuments) documents.add(document);
  return { ...options, documents, answers };
}

/** The same when a file was read before, which takes none of the time that nobody has set. */
export const afterFile = <T extends Pick<CollectPlan, 'runTimeoutMs' | 'growsWithNodes'>>(
  options: T,
  spentMs: number,
): T => (options.growsWithNodes === true ? options : leftOf(options, spentMs));

/** The same when some of the time is over. */
export const leftOf = <T extends Pick<CollectPlan, 'runTimeoutMs'>>(options: T, spentMs: number): T => ({
  ...options,
  runTimeoutMs: Math.max(1, options.runTimeoutMs - spentMs),
});
