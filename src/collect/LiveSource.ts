import { planReach, type ReachPlan } from '../expect/reach/planReach.ts';
import { reachDocuments, reachPlaces } from '../expect/reach/reachPlaces.ts';
import { missing, type Missing } from '../model/Fact.ts';
import type { Origin, RawDocuments } from '../model/raw.ts';
import { wholeUpTo } from '../parse/digest/wholeUpTo.ts';
import { DocumentReader } from '../parse/DocumentReader.ts';
import type { ChartValues } from '../knowledge/charts/ChartTable.ts';
import type { Answer, ClusterPort, ExecTarget } from './ClusterPort.ts';
import type { CollectPlan, CollectProgress, RawSink, RawSource } from './RawSource.ts';
import { knownRows } from './knownRows.ts';
import { Lessons } from './Lessons.ts';
import { isSame, type Nodes, nodesIn, type NodeTarget, type Probes } from './nodeTargets.ts';
import { Pace } from './Pace.ts';
import { runTimeFor } from './runTime.ts';
import { collectDocuments } from './documents/collectDocuments.ts';
import { onlyDocuments, withEarlier } from './documents/documentLists.ts';
import type { ProbePods, ProbePodWish } from './connect/ProbePods.ts';
import { podGone } from './goneSince.ts';
import { connectInput } from './connect/connectInput.ts';
import { parseConnectEnds } from '../parse/parseConnectEnds.ts';
import { connectShell } from '../programs/programs.ts';
import type { ConnectEnd, ConnectPlace } from '../model/Connections.ts';
import { expectNodes } from './tuneEngine.ts';
import { bytesSaid, NodeAsker } from './NodeAsker.ts';
import type { Reading } from './Reading.ts';
import { saidOf, whyCut } from './execEnds.ts';

/** A line for each of some ten thousand places. */
const maxConnectBytes = 64 * 1024 * 1024;
/** So long the script that asks all else waits for where connections are to go. */
const reachWaitMs = 1_500;
/** In larger clusters nobody waits: there the list of all pods takes longer than that. */
const reachWaitsUpTo = 64;
/** A list that never ends must leave the rest of the time to those that do, and to the nodes. */
const listsPart = 0.5;
/** What nodes said that wait for the API's lists may be this much together; then no further ones are asked. */
const maxWaitingBytes = 16 * 1024 * 1024;

/**
 * A cluster, asked through a port: its agents side by side as soon as it is known where they are, all else meanwhile.
 */
export class LiveSource implements RawSource {
  readonly origin: Origin;
  readonly takenAt: string;
  readonly namespace: string | undefined;
  readonly reader = new DocumentReader();
  readonly digests = knownRows();
  readonly #port: ClusterPort;
  readonly #asker: NodeAsker;
  /** As each was read last. */
  #documents: RawDocuments | undefined;

  constructor(port: ClusterPort & { readonly namespace?: string }, takenAt: string) {
    this.#port = port;
    this.#asker = new NodeAsker(port, this.digests);
    this.takenAt = takenAt;
    this.namespace = port.namespace;
    this.origin = { kind: 'live', context: port.contextName, server: port.server, kubectl: port.kubectl };
  }

  async read(plan: CollectPlan, sink: RawSink, progress: CollectProgress): Promise<void> {
    const begun = performance.now();
    let total: number | undefined;
    let lessons: Lessons | undefined;
    const deadline = (): number => begun + runTimeFor(plan, total ?? 0);
    const listsUntil = (): number => begun + listsPart * runTimeFor(plan, total ?? 0);
    const reading: Reading = {
      plan,
      pace: new Pace(plan.concurrency),
      deadline,
      reachWaitMs: () => ((total ?? 0) <= reachWaitsUpTo ? reachWaitMs : 0),
      lessons: () => lessons,
    };
    const { documents, ahead, places, serviceCount } = collectDocuments(this.#port, plan, this.reader, {
      until: listsUntil,
      before: this.#documents,
    });
    let first: Nodes | undefined;
    let known: ReadonlyMap<string, NodeTarget> | undefined;
    const everything = documents.then(async (all) => {
      await sink.documents(all);
      this.#documents = withEarlier(this.#documents, all);
      const nodes = nodesIn(all, plan, this.reader, first?.probes);
      known = new Map(nodes.targets.map((target) => [target.node, target]));
      return nodes;
    });
    const reach = places.then(async (some) => {
      if (!plan.answers.has('reachProbe')) return undefined;
      const { withAgent } = first ?? (await everything);
      return this.#reachPlan(some, withAgent);
    });
    // Who waits for `everything` hears why there is none.
    reach.catch(() => {});
    let waitingBytes = 0;
    const started = new Map<string, { readonly target: NodeTarget; readonly done: Promise<void> }>();
    const ask = async (target: NodeTarget, probes: Probes): Promise<void> => {
      const turn: Turn = { leave: await reading.pace.enter(), isOver: false };
      try {
        progress.nodeStarted(target.node);
        const { answers: own, rest, heard } = await this.#asker.ask(target, probes, reach, reading);
        // What waits for the lists lets others be asked, as long as there is room for what they say.
        const bytes = bytesSaid(Object.values(own));
        if (known === undefined && plan.concurrency === undefined && waitingBytes + bytes <= maxWaitingBytes) {
          waitingBytes += bytes;
          turn.isOver = true;
          turn.leave();
        }
        await everything;
        if (turn.isOver) {
          waitingBytes -= bytes;
          if (rest?.isExec === true) turn.leave = await reading.pace.enter(true);
        }
        const now = known?.get(target.node);
        if (now === undefined || !isSame(now, target)) return;
        const answers = { ...own, ...(await rest?.ask()) };
        await sink.node({ name: target.node, answers, ...(heard !== undefined && { heard }) });
        progress.nodeDone(target.node);
      } finally {
        turn.leave();
      }
    };
    const start = ({ targets, probes }: Nodes, services: number | undefined): void => {
      if (total !== targets.length) progress.nodes(targets.length);
      total = targets.length;
      expectNodes(total);
      reading.pace.expect(total, plan.wholeTables);
      // Whoever is asked again knows what the others have said.
      const isInLittle = isMany(targets, services) || plan.part !== undefined || this.digests.isTaught;
      if (isInLittle && plan.wholeTables !== true) lessons ??= new Lessons();
      if (this.digests.isTaught) lessons?.learnt();
      for (const target of targets) {
        const before = started.get(target.node)?.target;
        if (before !== undefined && isSame(before, target)) continue;
        const done = ask(target, probes);
        // Where the documents say that there is nothing to examine, nobody waits for it.
        done.catch(() => {});
        started.set(target.node, { target, done });
      }
    };
    const early = await Promise.race([ahead, everything]);
    if (early !== undefined && !('targets' in early)) {
      first = nodesIn(early, plan, this.reader);
      start(first, await serviceCount);
    }
    const all = await everything;
    start(all, await serviceCount);
    const planned = await reach;
    if (planned !== undefined) {
      const counts = all.targets.map(({ node }) => planned(node).length);
      progress.probing?.(
        counts.reduce((sum, one) => sum + one, 0),
        Math.max(0, ...counts),
      );
    }
    await Promise.all(all.targets.flatMap(({ node }) => started.get(node)?.done ?? []));
  }

  async connect(
    target: ExecTarget,
    places: readonly ConnectPlace[],
    options: { readonly timeoutMs: number; readonly signal?: AbortSignal },
  ): Promise<ReadonlyMap<number, ConnectEnd> | Missing> {
    const command = ['sh', '-c', connectShell];
    const stdin = connectInput(places);
    const outcome = await this.#port.exec(target, command, { ...options, maxBytes: maxConnectBytes, stdin });
    if (outcome.end !== 'exited') return whyCut(outcome, options.signal);
    const ends = parseConnectEnds(outcome.stdout);
    return ends.ok ? ends.value : missing('unparsed', `connections could not be opened: ${saidOf(outcome, ends.why)}`);
  }

  async podGone(target: ExecTarget, signal: AbortSignal): Promise<Missing | undefined> {
    return podGone(this.#port, target, signal);
  }

  async probePods(wish: ProbePodWish): Promise<ProbePods> {
    // Hardly anybody asks for them.
    const { ProbePods } = await import('./connect/ProbePods.ts');
    return new ProbePods(this.#port, wish);
  }

  async releaseValues(namespace: string, release: string): Promise<Answer<ChartValues>> {
    // Nobody else needs it.
    return (await import('./readHelmRelease.ts')).readHelmRelease(this.#port, namespace, release);
  }

  async close(): Promise<void> {
    await this.#port.close();
  }

  #reachPlan(all: RawDocuments, withAgent: ReadonlySet<string>): ReachPlan {
    const facts = this.reader.read(onlyDocuments(all, reachDocuments));
    return planReach(reachPlaces(facts, withAgent), this.takenAt);
  }
}

/** A node's turn to be asked. */
interface Turn {
  leave: () => void;
  /** It has let another node have its place. */
  isOver: boolean;
}

/** @param services how many there are, about; undefined: nobody knows yet */
function isMany(targets: readonly NodeTarget[], services = 0): boolean {
  const agents = targets.filter(({ agent }) => agent?.target !== undefined).length;
  return agents > wholeUpTo.nodes || (agents > wholeUpTo.teachers && agents * services > wholeUpTo.services);
}
