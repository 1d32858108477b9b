import { lazily } from '../../core/lazily.ts';
import { ChainOwners, ownerOfChain } from '../../knowledge/owners/ownerOfChain.ts';
import { canaryChain } from '../../knowledge/iptablesOwners.ts';
import { chainFinder, countRules, type FindChain, ownChains } from '../../model/iptablesChains.ts';
import type { EndpointSlice, Service } from '../../model/kubernetes.ts';
import type { IptablesChain, IptablesRule, IptablesTable } from '../../model/NodeFacts.ts';
import { type ChainNote, ChainNotes, type CommonNote, type ListNote, type Translation } from './ChainNotes.ts';
import { liveChainHashes, liveTargets } from './chainHashes.ts';
import { foreignJumps, isWayOfKubeProxy } from './foreignJumps.ts';
import { type CurrentState, impactOfRule, RuleFrontends, type RuleImpact } from './impactOfRule.ts';
import { serviceIndex } from './serviceIndex.ts';

/** What of kube-proxy is in the tables of one backend and family, and in effect: a built-in chain leads to it. */
export interface Leftovers {
  /** Without the canary chains, and without those that kubelets write, too. */
  readonly chains: number;
  /** How many rules are in these chains, and jumps that lead into them. */
  readonly rules: number;
  /** The first ones of these, to show them. */
  readonly firstRules: readonly IptablesRule[];
  /** And of those that lead to endpoints that are gone. */
  readonly staleRules: readonly IptablesRule[];
  /** To how many such `address:port` reachable DNAT rules lead, and to which first; undefined: to none. */
  readonly staleTargets: number;
  readonly staleTarget: string | undefined;
  /** Chains of Services that are gone. */
  readonly staleChains: number;
  /** What reachable rules do to Services and programs of today. */
  readonly impacts: readonly RuleImpact[];
}

/** What the API says now, and what is known of rules by it: prepared once for all nodes. */
export interface LiveState extends Omit<CurrentState, 'node' | 'listeners'> {
  readonly owners: ChainOwners;
  readonly notes: ChainNotes;
}

export function liveState(services: readonly Service[], slices: readonly EndpointSlice[]): LiveState {
  const owners = new ChainOwners();
  const state = {
    hashes: lazily(() => liveChainHashes(services)),
    services: lazily(() => serviceIndex(services, slices)),
    frontends: new RuleFrontends(),
  };
  return { ...state, owners, notes: new ChainNotes({ ...state, targets: lazily(() => liveTargets(slices)), owners }) };
}

/** More rules are not shown. */
const maxShown = 2;

/** undefined: nothing of kube-proxy that a packet could meet by kube-proxy's doing. */
export function leftoversIn(
  tables: readonly IptablesTable[],
  live: LiveState,
  node: Pick<CurrentState, 'node' | 'listeners'>,
): Leftovers | undefined {
  const { notes } = live;
  const state: CurrentState = { ...live, ...node };
  let count = 0;
  let linked = false;
  let ruleCount = 0;
  let staleChains = 0;
  const firstRules: IptablesRule[] = [];
  const translations: Translation[] = [];
  const staleTargets = new Set<string>();
  const impacts: RuleImpact[] = [];
  for (const table of tables.map((one) => judgeable(one, live))) {
    const { parts } = table;
    const common = parts && notes.ofCommon(table.name, parts.common);
    const own = ownChains(table);
    if ((common?.chains ?? 0) === 0 && !own.some(({ name }) => notes.isOwn(table.name, name))) continue;
    const find = chainFinder(table);
    const reached = reachedOf(table, find, live);
    const leads = ({ target }: IptablesRule): boolean =>
      target !== undefined && notes.isOwn(table.name, target) && find(target) !== undefined;
    const counted = ({ name, rules }: IptablesChain): readonly IptablesRule[] =>
      notes.isOwn(table.name, name) ? rules : rules.filter(leads);
    if (firstRules.length < maxShown) firstRules.push(...firstOf(table, counted, maxShown - firstRules.length));
    count += common?.chains ?? 0;
    ruleCount += common?.rules ?? 0;
    staleChains += common?.stale ?? 0;
    linked ||= reached.isCommon;
    for (const { chain, note, place } of worthALook(table, common, notes)) {
      const isReached = place === undefined ? reached.names.has(chain.name) : reached.at(place);
      for (const one of note.gone) {
        translations.push(one);
        if (isReached) staleTargets.add(one.to);
      }
      if (place !== undefined) continue;
      if (!note.isOwn) {
        ruleCount += counted(chain).length;
        continue;
      }
      count += 1;
      ruleCount += countRules(chain);
      if (note.isStale) staleChains += 1;
      if (!isReached) continue;
      linked = true;
      // Chains of one Service are for whatever leads to them; which frontend that is, the others say.
      if (note.isHashed) continue;
      for (const rule of notes.harmful(table.name, chain)) {
        const impact = impactOfRule(rule, state);
        if (impact !== undefined) impacts.push(impact);
      }
    }
  }
  if (!linked) return undefined;
  const stale = translations.filter(({ to }) => staleTargets.has(to)).slice(0, maxShown);
  const [staleTarget] = staleTargets;
  return {
    chains: count,
    rules: ruleCount,
    firstRules,
    staleRules: stale.map(({ rule }) => rule),
    staleTargets: staleTargets.size,
    staleTarget,
    staleChains,
    impacts,
  };
}

/** Whole, where others have chains among those that nodes have in common: nobody has seen that. */
const judgeable = (table: IptablesTable, { owners }: LiveState): IptablesTable =>
  table.parts === undefined ||
  [...owners.ofCommon(table.name, table.parts.common).keys()].every((one) => one === 'kubeProxy')
    ? table
    : { name: table.name, chains: table.chains.map(({ name, policy, rules }) => ({ name, policy, rules })) };

/** In the order of the table: all chains but the common ones that say nothing of single endpoints that are gone. */
function* worthALook(
  table: IptablesTable,
  common: CommonNote | undefined,
  notes: ChainNotes,
): Generator<{ readonly chain: IptablesChain; readonly note: ChainNote; readonly place?: number }> {
  const gone = common?.gone ?? [];
  let next = 0;
  const before = function* (end: number) {
    for (let one = gone[next]; one !== undefined && one.place < end; one = gone[++next]) yield one;
  };
  for (const [at, chain] of ownChains(table).entries()) {
    yield* before(table.parts?.before[at] ?? 0);
    yield { chain, note: notes.ofOwn(table.name, chain) };
  }
  yield* before(Number.POSITIVE_INFINITY);
}

/** The first rules of a table among these. */
function firstOf(
  table: IptablesTable,
  among: (chain: IptablesChain) => readonly IptablesRule[],
  atMost: number,
): readonly IptablesRule[] {
  const rules: IptablesRule[] = [];
  const { common, before } = table.parts ?? {};
  const all = common?.chains ?? [];
  let next = 0;
  const add = (chains: readonly IptablesChain[]): void => {
    for (const chain of chains) if (rules.length < atMost) rules.push(...among(chain).slice(0, atMost - rules.length));
  };
  for (const [at, chain] of ownChains(table).entries()) {
    const end = before?.[at] ?? 0;
    for (; next < end && rules.length < atMost; next++) add(all.slice(next, next + 1));
    add([chain]);
    if (rules.length >= atMost) return rules;
  }
  for (; next < all.length && rules.length < atMost; next++) add(all.slice(next, next + 1));
  return rules;
}

/** The chains of a table that packets come to by kube-proxy's doing. */
interface Reached {
  /** Without the common ones to which common rules lead. */
  readonly names: ReadonlySet<string>;
  /** Of the common ones. */
  readonly at: (place: number) => boolean;
  readonly isCommon: boolean;
}

function reachedOf(table: IptablesTable, find: FindChain, { owners, notes }: LiveState): Reached {
  const { name, parts } = table;
  const behind: ListNote[] = [];
  const leads = (chain: IptablesChain): Iterable<string> => {
    if (chain.parts === undefined) return notes.of(name, chain).targets;
    const list = notes.ofList(name, chain.parts.common, chain.name);
    behind.push(list);
    return new Set([...list.exits, ...targetsOf(chain.parts.own)]);
  };
  const names = reachable(
    find,
    builtIns(ownChains(table)),
    (from, to) => isWayOfKubeProxy(name, from, to, owners.of),
    leads,
  );
  const places = new Set(
    parts === undefined ? [] : [...names].map((one) => parts.common.find(one)).filter((place) => place !== -1),
  );
  return {
    names,
    at: (place) => places.has(place) || behind.some(({ reached }) => reached[place] === 1),
    isCommon: places.size > 0 || behind.some(({ reached }) => reached.includes(1)),
  };
}

/** Whether packets meet kube-proxy's rules by kube-proxy's doing: the same without a look at its many chains. */
export const hasLeftovers = (tables: readonly IptablesTable[]): boolean =>
  tables.some((one) => {
    const { name: table } = one;
    let found = false;
    reachable(chainFinder(one), builtIns(ownChains(one)), (from, to) => {
      found ||= isOwn(table, to) && isWayOfKubeProxy(table, from, to);
      return !found && ownerOfChain(table, to) !== 'kubeProxy';
    });
    return found;
  });

/**
 * Chains of kube-proxy that no packet meets and nobody needs: unlinked ones, canaries, and (where kubelets don't write
 * them) the two for masquerading without anything that would mark a packet.
 */
export function harmlessChains(
  tables: readonly IptablesTable[],
  kubeletWritesShared: boolean,
  owners: ChainOwners,
): readonly string[] {
  return tables.flatMap((table) => {
    const foreignTargets = foreignJumps([table], owners).map(({ target }) => target);
    const needed = reachable(chainFinder(table), foreignTargets, () => true);
    const reached = reachedByKubeProxy(table);
    const owned = namesOfOwn(table);
    const names = table.chains.map(({ name }) => name);
    const harmless = names.filter((name) => owned.has(name) && !reached.has(name) && !needed.has(name));
    const canaries = names.filter((name) => name === canaryChain);
    const shared = names.filter((name) => ownerOfChain(table.name, name) === 'shared');
    const inUse = kubeletWritesShared || shared.some((name) => needed.has(name)) || harmless.length < owned.size;
    return [...harmless, ...canaries, ...(inUse ? [] : shared)];
  });
}

const isOwn = (table: string, chain: string): boolean =>
  chain !== canaryChain && ownerOfChain(table, chain) === 'kubeProxy';

const namesOfOwn = ({ name: table, chains }: IptablesTable): ReadonlySet<string> =>
  new Set(chains.map(({ name }) => name).filter((name) => isOwn(table, name)));

const targetsOf = (rules: readonly IptablesRule[]): ReadonlySet<string> =>
  new Set(rules.flatMap(({ target }) => target ?? []));

/** They alone have a policy. */
const builtIns = (chains: readonly IptablesChain[]): readonly string[] =>
  chains.filter(({ policy }) => policy !== undefined).map(({ name }) => name);

/** What only rules of others lead to is those others' matter. */
const reachedByKubeProxy = (table: IptablesTable): ReadonlySet<string> =>
  reachable(chainFinder(table), builtIns(ownChains(table)), (from, to) => isWayOfKubeProxy(table.name, from, to));

/** @param leads to which chains one leads */
function reachable(
  find: FindChain,
  from: readonly string[],
  follows: (from: string, to: string) => boolean,
  leads: (chain: IptablesChain) => Iterable<string> = ({ rules }) => targetsOf(rules),
): ReadonlySet<string> {
  const reached = new Set<string>();
  const open = [...from];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (reached.has(name)) continue;
    reached.add(name);
    const chain = find(name);
    for (const target of chain === undefined ? [] : leads(chain))
      if (!reached.has(target) && find(target) !== undefined && follows(name, target)) open.push(target);
  }
  return reached;
}
