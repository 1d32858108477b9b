import { isKnown, type Fact } from '../../model/Fact.ts';
import { type Family, familyOf } from '../../model/lb/address.ts';
import type { ReachProbe, ReachTry } from '../../model/NodeFacts.ts';

/** What is told of the way from a node to the pods of another, or of its own. */
export type WayState =
  | 'reached'
  /** Something there answers others, and does not answer this node, whatever policies say. */
  | 'lost'
  /** Its pods answer their own node alone: a policy may forbid others to ask. */
  | 'perhapsForbidden'
  /** Nothing there answers anybody, not even its own node. */
  | 'silent'
  /** One of the two had no processor to spare, or too little was tried. */
  | 'untold';

export interface PodWay {
  readonly from: string;
  readonly to: string;
  readonly family: Family;
  readonly state: WayState;
  /** Pods and the health endpoint, as they were tried. */
  readonly tries: readonly ReachTry[];
  /** Whether the node itself answers at its own address; undefined: it was not tried. */
  readonly isHostReached: boolean | undefined;
}

/** A node, and what it tried. */
export interface Asker {
  readonly name: string;
  readonly probe: Fact<ReachProbe>;
}

/** For so long a program that nothing holds up waits for no processor. */
const starvedMs = 500;
/** What the kernel of the asking node says itself: no policy of the other node is behind it. */
const ownRefusal = /not permitted|network is unreachable/i;

/** Whether the program that tried had no processor to spare: what did not answer in time may be well then. */
export const isStarved = (probe: Fact<ReachProbe>): boolean => isKnown(probe) && probe.value.lagMs > starvedMs;

/** All ways that were tried, of each family. */
export function reachMatrix(askers: readonly Asker[]): readonly PodWay[] {
  const probes = new Map(askers.flatMap(({ name, probe }) => (isKnown(probe) ? [[name, probe.value]] : [])));
  const told = new Answers(probes);
  const ways = [...probes].flatMap(([from, { tries }]) =>
    [...Map.groupBy(tries, ({ node, address }) => `${familyOf(address)} ${node}`).values()].flatMap((all) =>
      wayOf(from, all, told),
    ),
  );
  return withSilence(ways);
}

function wayOf(from: string, all: readonly ReachTry[], told: Answers): PodWay[] {
  const [tries, hosts] = [all.filter(({ kind }) => kind !== 'node'), all.filter(({ kind }) => kind === 'node')];
  const [first] = tries;
  if (first === undefined) return [];
  const isHostReached = hosts.length === 0 ? undefined : hosts.some((one) => told.isAnswer(one));
  const state = stateOf(from, first.node, tries, told);
  return [{ from, to: first.node, family: familyOf(first.address), state, tries, isHostReached }];
}

function stateOf(from: string, to: string, tries: readonly ReachTry[], told: Answers): WayState {
  if (tries.some((one) => told.isAnswer(one))) return 'reached';
  if (told.isStarved(from) || told.isStarved(to)) return 'untold';
  if (tries.some(({ detail }) => ownRefusal.test(detail))) return 'lost';
  const isLost = tries.some((one) =>
    told.answeredBy(one).some((node) => node !== from && (one.kind === 'health' || node !== to)),
  );
  if (isLost) return 'lost';
  // From its own node nothing is forbidden.
  if (tries.some((one) => told.answeredBy(one).includes(to)))
    return tries.some(({ kind }) => kind === 'health') ? 'untold' : 'perhapsForbidden';
  return told.isAsked(to) ? 'silent' : 'untold';
}

/** Who got an answer of what. */
class Answers {
  readonly #probes: ReadonlyMap<string, ReachProbe>;
  readonly #byPlace = new Map<string, string[]>();
  readonly #open = new Set<string>();

  constructor(probes: ReadonlyMap<string, ReachProbe>) {
    this.#probes = probes;
    const all = [...probes].flatMap(([from, { tries }]) => tries.map((one) => ({ from, one })));
    for (const { one } of all) if (one.outcome === 'open') this.#open.add(placeOf(one));
    for (const { from, one } of all) {
      if (!this.isAnswer(one)) continue;
      const known = this.#byPlace.get(placeOf(one));
      if (known === undefined) this.#byPlace.set(placeOf(one), [from]);
      else known.push(from);
    }
  }

  /** Where others get a connection, somebody on the way refuses it. */
  isAnswer(one: ReachTry): boolean {
    return one.outcome === 'open' || (one.outcome === 'refused' && !this.#open.has(placeOf(one)));
  }

  answeredBy(one: ReachTry): readonly string[] {
    return this.#byPlace.get(placeOf(one)) ?? [];
  }

  isAsked(node: string): boolean {
    return this.#probes.get(node)?.tries.some((one) => one.node === node) === true;
  }

  isStarved(node: string): boolean {
    return (this.#probes.get(node)?.lagMs ?? 0) > starvedMs;
  }
}

const placeOf = ({ address, port }: ReachTry): string => `${address} ${port}`;

/**
 * Pods may have gone meanwhile, and the health endpoint is made again when an agent starts: that nothing on a node
 * answers tells of the way only where both are silent, or more than one node is.
 */
function withSilence(ways: readonly PodWay[]): readonly PodWay[] {
  const silent = new Set(ways.filter(({ state }) => state === 'silent').map(({ to }) => to));
  return ways.map((way) => {
    const kinds = new Set(way.tries.map(({ kind }) => kind));
    return way.state === 'silent' && kinds.size === 1 && silent.size === 1 ? { ...way, state: 'untold' } : way;
  });
}
