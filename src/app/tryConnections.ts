import { connectFromHere } from '../collect/connect/connectFromHere.ts';
import { connectRate } from '../collect/connect/connectInput.ts';
import type { ExecTarget } from '../collect/ClusterPort.ts';
import type { ProbePods } from '../collect/connect/ProbePods.ts';
import type { RawSource } from '../collect/RawSource.ts';
import { coveredNodes, type Derivations } from '../core/Derivations.ts';
import { KprError } from '../core/KprError.ts';
import {
  type ConnectPlan,
  type ConnectWish,
  planConnections,
  type PlannedConnections,
} from '../expect/connect/planConnections.ts';
import {
  type TriedConnection,
  type ConnectEnd,
  type ConnectOrigin,
  type ConnectPlace,
  type ConnectTarget,
  isAnswered,
} from '../model/Connections.ts';
import { type Missing, missing, valueOf } from '../model/Fact.ts';
import type { Snapshot } from '../model/Snapshot.ts';
import type { Io } from '../terminal/Io.ts';
import type { LookedOn } from './takeSnapshot.ts';
import { listFirst } from '../text/names.ts';
import { count } from '../text/plural.ts';

/** From where connections are to be tried, as it was typed. */
export type ConnectFrom =
  | { readonly kind: 'node' }
  | { readonly kind: 'here' }
  | { readonly kind: 'pod'; readonly namespace: string; readonly name: string }
  /** A pod on each node that is to be examined, which is made for it and taken away again. */
  | { readonly kind: 'probePod' };

export interface ConnectRequest extends Pick<ConnectWish, 'wants'> {
  readonly from: readonly ConnectFrom[];
}

/** So many connections at most are opened in a run, the second look at what failed left out. */
export const connectBudget = 2000;
/** What an exec takes by itself, and the last connections that get no answer. */
const spareMs = 10_000;
/** What pods need beside that: to start, to be asked a second time, to be removed. */
const spareSeconds = 90;

/**
 * Tries what the tables are to serve by real connections, and what failed at the backends directly. Says before how
 * many there are, and which pods are made for it; those are taken away whatever happens. Throws KprError where there is
 * nothing that connections could be opened from.
 */
export async function tryConnections(
  derivations: Derivations,
  { from, wants }: ConnectRequest,
  source: RawSource,
  io: Io,
): Promise<LookedOn> {
  const { snapshot } = derivations;
  const pods = from.some(({ kind }) => kind === 'probePod') ? await probePodsFor(snapshot, source) : undefined;
  const origins = originsOf(from, snapshot, pods);
  const planned = planConnections(derivations, { origins, wants, budget: connectBudget });
  const say = (line: string): unknown => io.stderr.write(`connect: ${line}\n`);
  const controller = new AbortController();
  // Pods that are there must not be forgotten, however busy the machine is.
  const release = pods === undefined ? undefined : io.guard?.hold();
  const ignoreInterrupts = io.onInterrupt(() => {
    if (!controller.signal.aborted) return controller.abort();
    if (pods !== undefined) say(`pods may be left; remove them: ${pods.removal}`);
    io.exitNow(130);
  });
  try {
    say(announced(planned));
    const ask = (unmade: ReadonlyMap<string, Missing>): Promise<readonly Result[]> => {
      const asker = new Asker(snapshot, source, { signal: controller.signal, unmade });
      return Promise.all(planned.plans.map((plan) => asker.ask(plan)));
    };
    const results =
      pods === undefined ? await ask(new Map()) : await withProbePods(pods, planned, ask, say, controller.signal);
    const tried = results.flatMap((one) => one.tried);
    const unable = results.flatMap(({ origin, missing: why }) => (why === undefined ? [] : [{ origin, why }]));
    const { pairs, connections } = planned;
    const all = { tried, unable, pairs, planned: connections, ratePerSecond: connectRate };
    return { derivations: derivations.withConnections(all), interrupted: controller.signal.aborted };
  } finally {
    release?.();
    ignoreInterrupts();
  }
}

/** So many pods are made at most without that somebody has named their nodes. */
const mostProbePods = 50;

async function probePodsFor({ cilium, nodes }: Snapshot, source: RawSource): Promise<ProbePods> {
  const { namespace, agentDaemonSets } = cilium;
  const [daemonSet] = agentDaemonSets;
  const chosen = nodes.filter(({ coverage }) => coverage.kind === 'covered').map(({ name }) => name);
  if (chosen.length > mostProbePods)
    throw new KprError(
      `--probe-pod would create a pod on each of ${chosen.length} nodes, and creates ${mostProbePods} at most`,
      'Nothing was created. Choose nodes: --node NAME,NAME',
    );
  if (daemonSet === undefined || source.probePods === undefined)
    throw new KprError(
      '--probe-pod takes the image of the agents’ DaemonSet, and which one that is is not known',
      'Nothing was created. Connect from a pod that is there: --source pod:NAMESPACE/NAME',
    );
  const pods = await source.probePods({ namespace, daemonSet, nodes: chosen });
  await pods.prepare();
  return pods;
}

/** Makes the pods, has connections opened from them, and takes them away. */
async function withProbePods<T>(
  pods: ProbePods,
  planned: PlannedConnections,
  work: (unmade: ReadonlyMap<string, Missing>) => Promise<T>,
  say: (line: string) => unknown,
  signal: AbortSignal,
): Promise<T> {
  const nodes = new Set(planned.plans.flatMap(({ origin }) => (origin.kind === 'probePod' ? [origin.node] : [])));
  if (nodes.size === 0) return work(new Map());
  const lifeSeconds = 2 * secondsOf(planned) + spareSeconds;
  say(
    `creates ${count(nodes.size, 'pod')} with the agents’ image for it, and removes ${nodes.size === 1 ? 'it' : 'them'} again; should that fail, nodes end them after ${lifeSeconds} s, and this removes them: ${pods.removal}`,
  );
  try {
    return await work(await pods.start(nodes, lifeSeconds, signal));
  } finally {
    if (signal.aborted) say('interrupted, removing the pods (Ctrl-C again leaves them)');
    const left = await pods.remove();
    say(
      left.length === 0
        ? 'no pod of it is left'
        : `${listFirst(left, 3)} may still be there; remove ${left.length === 1 ? 'it' : 'them'}: ${pods.removal}`,
    );
  }
}

function originsOf(
  from: readonly ConnectFrom[],
  snapshot: Snapshot,
  pods: ProbePods | undefined,
): readonly ConnectOrigin[] {
  return from.flatMap((one): readonly ConnectOrigin[] => {
    if (one.kind === 'here') return [one];
    if (one.kind === 'probePod')
      return [...(pods?.targets ?? [])].map(([node, { namespace, pod, container }]) => ({
        kind: 'probePod',
        namespace,
        name: pod,
        node,
        container,
      }));
    if (one.kind === 'node') return coveredNodes(snapshot).map(({ name }) => ({ kind: 'node', node: name }));
    const pod = (valueOf(snapshot.facts.pods) ?? valueOf(snapshot.facts.systemPods) ?? []).find(
      ({ metadata }) => metadata.namespace === one.namespace && metadata.name === one.name,
    );
    const node = pod?.spec?.nodeName;
    const container = pod?.spec?.containers?.[0]?.name;
    if (node === undefined || container === undefined)
      throw new KprError(
        `There is no pod ${one.namespace}/${one.name} that runs on a node`,
        `Look for it: kubectl -n ${one.namespace} get pods -o wide`,
      );
    return [{ ...one, node, container }];
  });
}

/** How long the place takes that has most to try. */
function secondsOf({ plans }: PlannedConnections): number {
  const rates = plans.map(({ targets }) => targets.reduce((sum, { times }) => sum + times, 0));
  return Math.max(1, Math.ceil(Math.max(0, ...rates) / connectRate));
}

function announced(planned: PlannedConnections): string {
  const { plans, connections, pairs, leftOut } = planned;
  if (connections === 0) return 'there is nothing to be tried from there';
  const left =
    leftOut === 0 ? '' : ` (${leftOut} of ${pairs} pairs are left out: at most ${connectBudget} connections)`;
  return `${count(connections, 'connection')} from ${count(plans.length, 'place')}, at most ${connectRate} a second from each, about ${secondsOf(planned)} s${left}`;
}

/** Where more fail than these, no pod has gone. */
const mostAgain = 10;

/** So often that of three backends one that is lost is met by all likelihood. */
const timesAgain = (one: TriedConnection): readonly TriedConnection[] =>
  Array.from({ length: 4 * one.ends.length }, () => one);

const directEnds = (
  { target }: TriedConnection,
  at: ReadonlyMap<string, ConnectEnd | undefined>,
): TriedConnection['directly'] =>
  target.backends.flatMap((backend) => {
    const end = at.get(keyOf(backend.place));
    return end === undefined ? [] : [{ ...backend, end }];
  });

const isAllAnswered = ({ ends }: TriedConnection): boolean => ends.every(isAnswered);

interface Result {
  readonly origin: ConnectOrigin;
  readonly tried: readonly TriedConnection[];
  /** Why some connections, or all, are not known. */
  readonly missing?: Missing | undefined;
}

interface AskerOptions {
  readonly signal: AbortSignal;
  /** By node, why there is no pod on it. */
  readonly unmade: ReadonlyMap<string, Missing>;
}

class Asker {
  readonly #snapshot: Snapshot;
  readonly #source: RawSource;
  readonly #signal: AbortSignal;
  readonly #unmade: ReadonlyMap<string, Missing>;

  constructor(snapshot: Snapshot, source: RawSource, { signal, unmade }: AskerOptions) {
    this.#snapshot = snapshot;
    this.#source = source;
    this.#signal = signal;
    this.#unmade = unmade;
  }

  async ask({ origin, targets }: ConnectPlan): Promise<Result> {
    const tries = targets.flatMap(({ target, times }) => Array.from({ length: times }, () => target));
    const ends = await this.#open(
      origin,
      tries.map(({ place }) => place),
    );
    if ('missing' in ends) return { origin, tried: [], missing: ends };
    const endsOf = Map.groupBy([...ends], ([number]) => tries[number]);
    const first = targets.map(({ target }): TriedConnection => {
      const own = (endsOf.get(target) ?? []).map(([, end]) => end);
      return { origin, target, ends: own, directly: [] };
    });
    const known = first.filter(({ ends }) => ends.length > 0);
    const tried = await this.#secondLook(origin, known);
    const gone = await this.#goneMeanwhile(origin, tried);
    return gone === undefined
      ? { origin, tried, missing: this.#untold(tries, ends) }
      : { origin, tried: tried.filter(isAllAnswered), missing: gone };
  }

  /** Of a pod that is deleted the network goes first: that nothing answers it is no fault of what it asked. */
  async #goneMeanwhile(origin: ConnectOrigin, tried: readonly TriedConnection[]): Promise<Missing | undefined> {
    if ((origin.kind !== 'pod' && origin.kind !== 'probePod') || tried.every(isAllAnswered)) return undefined;
    return this.#source.podGone?.(inPod(origin), this.#signal);
  }

  /** UDP is not tried everywhere; whoever leaves out others does not say how they ended. */
  #untold(tries: readonly ConnectTarget[], ends: ReadonlyMap<number, ConnectEnd>): Missing | undefined {
    const left = tries.filter(({ place }, number) => place.protocol === 'TCP' && !ends.has(number)).length;
    if (left === 0 || this.#signal.aborted) return undefined;
    return missing('unparsed', `of ${left} of ${count(tries.length, 'connection')} it is not said how they ended`);
  }

  /**
   * What failed, once more and more often, and its backends without the address in front of them. A pod may have gone
   * when it was tried; a fault that hits one connection of three is met again.
   */
  async #secondLook(origin: ConnectOrigin, tried: readonly TriedConnection[]): Promise<readonly TriedConnection[]> {
    const failed = tried.filter((one) => !isAllAnswered(one));
    if (failed.length === 0) return tried;
    const backends = new Map(failed.flatMap(({ target }) => target.backends.map(({ place }) => [keyOf(place), place])));
    const directly = origin.kind === 'here' ? [] : [...backends.values()];
    const again = failed.length > mostAgain ? [] : failed.flatMap((one) => timesAgain(one));
    const ends = await this.#open(origin, [...directly, ...again.map(({ target }) => target.place)]);
    if ('missing' in ends) return tried;
    const at = new Map(directly.map((place, number) => [keyOf(place), ends.get(number)]));
    const passed = new Map(
      [...Map.groupBy(again.keys(), (number) => again[number])].map(([one, numbers]) => [
        one,
        numbers.map((number) => ends.get(directly.length + number)),
      ]),
    );
    return tried.map((one) => {
      const later = (passed.get(one) ?? []).flatMap((end) => (end !== undefined && isAnswered(end) ? [end] : []));
      if (later.length > 0 && later.length === passed.get(one)?.length) return { ...one, ends: later };
      return failed.includes(one) ? { ...one, directly: directEnds(one, at) } : one;
    });
  }

  async #open(
    origin: ConnectOrigin,
    places: readonly ConnectPlace[],
  ): Promise<ReadonlyMap<number, ConnectEnd> | Missing> {
    if (origin.kind === 'here') return connectFromHere(places, this.#signal);
    const target = this.#execTarget(origin);
    if ('missing' in target) return target;
    const timeoutMs = (places.length / connectRate) * 1000 + spareMs;
    const ends = await this.#source.connect?.(target, places, { timeoutMs, signal: this.#signal });
    return ends ?? missing('notCollected', 'a file opens no connections');
  }

  #execTarget(origin: Exclude<ConnectOrigin, { readonly kind: 'here' }>): ExecTarget | Missing {
    if (origin.kind === 'probePod') return this.#unmade.get(origin.node) ?? inPod(origin);
    if (origin.kind === 'pod') return inPod(origin);
    const agent = this.#snapshot.nodes.find(({ name }) => name === origin.node)?.agent;
    return agent === undefined
      ? missing('absent', 'there is no agent on it by which connections could be opened')
      : { namespace: agent.namespace, pod: agent.name, container: agent.container };
  }
}

const inPod = ({ namespace, name, container }: Extract<ConnectOrigin, { readonly name: string }>): ExecTarget => ({
  namespace,
  pod: name,
  container,
});

const keyOf = ({ protocol, address, port }: ConnectPlace): string => `${protocol} ${address} ${port}`;
