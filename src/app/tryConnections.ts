import { connectFromHere } from '../collect/connect/connectFromHere.ts';
import { connectRate } from '../collect/connect/connectInput.ts';
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
  isAnswered,
} from '../model/Connections.ts';
import { type Missing, missing, valueOf } from '../model/Fact.ts';
import type { Snapshot } from '../model/Snapshot.ts';
import type { Io } from '../terminal/Io.ts';
import { count } from '../text/plural.ts';

/** From where connections are to be tried, as it was typed. */
export type ConnectFrom =
  | { readonly kind: 'node' }
  | { readonly kind: 'here' }
  | { readonly kind: 'pod'; readonly namespace: string; readonly name: string };

export interface ConnectRequest extends Pick<ConnectWish, 'wants'> {
  readonly from: readonly ConnectFrom[];
}

/** So many connections at most are opened in a run, the second look at what failed left out. */
export const connectBudget = 2000;
/** What an exec takes by itself, and the last connections that get no answer. */
const spareMs = 10_000;

/**
 * Tries what the tables are to serve by real connections, and what failed at the backends directly. Says before how
 * many there are. Throws KprError where there is nothing that connections could be opened from.
 */
export async function tryConnections(
  derivations: Derivations,
  { from, wants }: ConnectRequest,
  source: RawSource,
  io: Io,
): Promise<Derivations> {
  const origins = originsOf(from, derivations.snapshot);
  const planned = planConnections(derivations, { origins, wants, budget: connectBudget });
  io.stderr.write(`${announced(planned)}\n`);
  const controller = new AbortController();
  const ignoreInterrupts = io.onInterrupt(() => controller.abort());
  try {
    const asker = new Asker(derivations.snapshot, source, controller.signal);
    const results = await Promise.all(planned.plans.map((plan) => asker.ask(plan)));
    const tried = results.flatMap((one) => ('missing' in one ? [] : one.tried));
    const unable = results.flatMap((one) => ('missing' in one ? [{ origin: one.origin, why: one.missing }] : []));
    return derivations.withConnections({ tried, unable, pairs: planned.pairs });
  } finally {
    ignoreInterrupts();
  }
}

function originsOf(from: readonly ConnectFrom[], snapshot: Snapshot): readonly ConnectOrigin[] {
  return from.flatMap((one): readonly ConnectOrigin[] => {
    if (one.kind === 'here') return [one];
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

function announced({ plans, connections, pairs, leftOut }: PlannedConnections): string {
  if (connections === 0) return 'connect: there is nothing to be tried from there';
  const rates = plans.map(({ targets }) => targets.reduce((sum, { times }) => sum + times, 0));
  const seconds = Math.max(1, Math.ceil(Math.max(...rates) / connectRate));
  const left =
    leftOut === 0 ? '' : ` (${leftOut} of ${pairs} pairs are left out: at most ${connectBudget} connections)`;
  return `connect: ${count(connections, 'connection')} from ${count(plans.length, 'place')}, at most ${connectRate} a second from each, about ${seconds} s${left}`;
}

type Result = { readonly origin: ConnectOrigin } & (
  | { readonly tried: readonly TriedConnection[] }
  | { readonly missing: Missing }
);

class Asker {
  readonly #snapshot: Snapshot;
  readonly #source: RawSource;
  readonly #signal: AbortSignal;

  constructor(snapshot: Snapshot, source: RawSource, signal: AbortSignal) {
    this.#snapshot = snapshot;
    this.#source = source;
    this.#signal = signal;
  }

  async ask({ origin, targets }: ConnectPlan): Promise<Result> {
    const tries = targets.flatMap(({ target, times }) => Array.from({ length: times }, () => target));
    const ends = await this.#open(
      origin,
      tries.map(({ place }) => place),
    );
    if ('missing' in ends) return { origin, missing: ends };
    const endsOf = Map.groupBy([...ends], ([number]) => tries[number]);
    const first = targets.map(({ target }): TriedConnection => {
      const own = (endsOf.get(target) ?? []).map(([, end]) => end);
      return { origin, target, ends: own, directly: [] };
    });
    const known = first.filter(({ ends }) => ends.length > 0);
    return { origin, tried: origin.kind === 'here' ? known : await this.#directly(origin, known) };
  }

  /** The backends of what failed, without the address in front of them. */
  async #directly(origin: ConnectOrigin, tried: readonly TriedConnection[]): Promise<readonly TriedConnection[]> {
    const failed = tried.filter(({ ends }) => !ends.every(isAnswered));
    const places = new Map(failed.flatMap(({ target }) => target.backends.map(({ place }) => [keyOf(place), place])));
    if (places.size === 0) return tried;
    const ends = await this.#open(origin, [...places.values()]);
    if ('missing' in ends) return tried;
    const at = new Map([...places.keys()].map((key, number) => [key, ends.get(number)]));
    return tried.map((one) =>
      failed.includes(one)
        ? {
            ...one,
            directly: one.target.backends.flatMap((backend) => {
              const end = at.get(keyOf(backend.place));
              return end === undefined ? [] : [{ ...backend, end }];
            }),
          }
        : one,
    );
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

  #execTarget(origin: Exclude<ConnectOrigin, { readonly kind: 'here' }>) {
    if (origin.kind === 'pod') return { namespace: origin.namespace, pod: origin.name, container: origin.container };
    const agent = this.#snapshot.nodes.find(({ name }) => name === origin.node)?.agent;
    return agent === undefined
      ? missing('absent', 'there is no agent on it by which connections could be opened')
      : { namespace: agent.namespace, pod: agent.name, container: agent.container };
  }
}

const keyOf = ({ protocol, address, port }: ConnectPlace): string => `${protocol} ${address} ${port}`;
