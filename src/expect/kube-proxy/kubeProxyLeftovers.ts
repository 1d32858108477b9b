import { canaryChain, perServiceHash } from '../../knowledge/iptablesOwners.ts';
import { ownerOfChain, type OwnerOf, rememberedOwners } from '../../knowledge/owners/ownerOfChain.ts';
import type { EndpointSlice, Service } from '../../model/kubernetes.ts';
import type { IptablesChain, IptablesRule, IptablesTable } from '../../model/NodeFacts.ts';
import { optionsOf } from '../../model/RuleOptions.ts';
import { foreignJumps, isWayOfKubeProxy } from './foreignJumps.ts';
import { type CurrentState, impactOfRule, RuleFrontends, type RuleImpact } from './impactOfRule.ts';
import { liveChainHashes, liveTargets, type ServicePortName } from './chainHashes.ts';
import { type ServiceIndex, serviceIndex } from './serviceIndex.ts';

/** What of kube-proxy is in the tables of one backend and family, and in effect: a built-in chain leads to it. */
export interface Leftovers {
  /** Without the canary chains, and without those that kubelets write, too. */
  readonly chains: number;
  /** How many rules are in these chains, and jumps that lead into them. */
  readonly rules: number;
  /** The first ones of these, to show them. */
  readonly firstRules: readonly IptablesRule[];
  /** And of those that lead to `staleTargets`. */
  readonly staleRules: readonly IptablesRule[];
  /** `address:port` of reachable DNAT rules whose endpoint is gone. */
  readonly staleTargets: readonly string[];
  /** Chains of Services that are gone. */
  readonly staleChains: readonly string[];
  /** What reachable rules do to Services and programs of today. */
  readonly impacts: readonly RuleImpact[];
}

/** What the API says now, and what is known of rules by it: prepared once for all nodes. */
export interface LiveState {
  readonly hashes: ReadonlyMap<string, ServicePortName>;
  readonly services: ServiceIndex;
  readonly ownerOf: OwnerOf;
  readonly frontends: RuleFrontends;
  readonly notes: ChainNotes;
}

export function liveState(services: readonly Service[], slices: readonly EndpointSlice[]): LiveState {
  const hashes = liveChainHashes(services);
  const ownerOf = rememberedOwners();
  return {
    hashes,
    services: serviceIndex(services, slices),
    ownerOf,
    frontends: new RuleFrontends(),
    notes: new ChainNotes({ hashes, targets: liveTargets(slices), ownerOf }),
  };
}

/** More rules are not shown. */
const maxShown = 2;

/** undefined: nothing of kube-proxy that a packet could meet by kube-proxy's doing. */
export function leftoversIn(
  tables: readonly IptablesTable[],
  live: LiveState,
  node: Pick<CurrentState, 'node' | 'listeners'>,
): Leftovers | undefined {
  const { hashes, services, ownerOf, frontends, notes } = live;
  let count = 0;
  let linked = false;
  const state: CurrentState = { ...node, services, hashes, frontends };
  let ruleCount = 0;
  const firstRules: IptablesRule[] = [];
  const translations: Translation[] = [];
  const staleTargets = new Set<string>();
  const staleChains: string[] = [];
  const impacts: RuleImpact[] = [];
  const add = (rules: readonly IptablesRule[]): void => {
    ruleCount += rules.length;
    if (firstRules.length < maxShown) firstRules.push(...rules.slice(0, maxShown - firstRules.length));
  };
  for (const table of tables) {
    const noteOf = (chain: IptablesChain): ChainNote => notes.of(table.name, chain);
    if (!table.chains.some((chain) => noteOf(chain).isOwn)) continue;
    const reached = reachedOf(table, live);
    const names = new Set(table.chains.map(({ name }) => name));
    const leads = ({ target }: IptablesRule): boolean =>
      target !== undefined && names.has(target) && isOwn(table.name, target, ownerOf);
    for (const chain of table.chains) {
      const note = noteOf(chain);
      if (!note.isOwn) {
        add(chain.rules.filter(leads));
        continue;
      }
      count += 1;
      add(chain.rules);
      for (const one of note.gone) translations.push(one);
      if (note.isStale) staleChains.push(chain.name);
      if (!reached.has(chain.name)) continue;
      linked = true;
      for (const { to } of note.gone) staleTargets.add(to);
      // Chains of one Service are for whatever leads to them; which frontend that is, the others say.
      if (note.isHashed) continue;
      for (const rule of chain.rules) {
        const impact = impactOfRule(rule, state);
        if (impact !== undefined) impacts.push(impact);
      }
    }
  }
  if (!linked) return undefined;
  const stale = translations.filter(({ to }) => staleTargets.has(to)).slice(0, maxShown);
  return {
    chains: count,
    rules: ruleCount,
    firstRules,
    staleRules: stale.map(({ rule }) => rule),
    staleTargets: [...staleTargets],
    staleChains,
    impacts,
  };
}

/**
 * The chains of a table that packets come to by kube-proxy's doing; of those of single Services only where it matters:
 * where something is gone, or nothing else is reached. Nodes have tens of thousands of them.
 */
function reachedOf({ name: table, chains }: IptablesTable, { ownerOf, notes }: LiveState): ReadonlySet<string> {
  const among = (some: readonly IptablesChain[]): ReadonlySet<string> =>
    reachable(
      chainsByName(some),
      builtIns(some),
      (from, to) => isWayOfKubeProxy(table, from, to, ownerOf),
      (chain) => notes.of(table, chain).targets,
    );
  const main = chains.filter((chain) => !notes.of(table, chain).isHashed);
  const names = new Set(main.map(({ name }) => name));
  const matters = ({ gone, isHashed, leads }: ChainNote): boolean =>
    gone.length > 0 || (isHashed && leads.some((target) => names.has(target)));
  if (chains.some((chain) => matters(notes.of(table, chain)))) return among(chains);
  const reached = among(main);
  return main.some((chain) => notes.of(table, chain).isOwn && reached.has(chain.name)) ? reached : among(chains);
}

/** Whether packets meet kube-proxy's rules by kube-proxy's doing: the same without a look at its many chains. */
export const hasLeftovers = (tables: readonly IptablesTable[]): boolean =>
  tables.some(({ name: table, chains }) => {
    let found = false;
    reachable(chainsByName(chains), builtIns(chains), (from, to) => {
      found ||= isOwn(table, to) && isWayOfKubeProxy(table, from, to);
      return !found && ownerOfChain(table, to) !== 'kubeProxy';
    });
    return found;
  });

/**
 * Chains of kube-proxy that no packet meets and nobody needs: unlinked ones, canaries, and (where kubelets don't write
 * them) the two for masquerading without anything that would mark a packet.
 */
export function harmlessChains(tables: readonly IptablesTable[], kubeletWritesShared: boolean): readonly string[] {
  return tables.flatMap((table) => {
    const foreignTargets = foreignJumps([table]).map(({ target }) => target);
    const needed = reachable(chainsByName(table.chains), foreignTargets, () => true);
    const reached = reachedByKubeProxy(table);
    const owned = ownChains(table);
    const names = table.chains.map(({ name }) => name);
    const harmless = names.filter((name) => owned.has(name) && !reached.has(name) && !needed.has(name));
    const canaries = names.filter((name) => name === canaryChain);
    const shared = names.filter((name) => ownerOfChain(table.name, name) === 'shared');
    const inUse = kubeletWritesShared || shared.some((name) => needed.has(name)) || harmless.length < owned.size;
    return [...harmless, ...canaries, ...(inUse ? [] : shared)];
  });
}

const isOwn = (table: string, chain: string, ownerOf: OwnerOf = ownerOfChain): boolean =>
  chain !== canaryChain && ownerOf(table, chain) === 'kubeProxy';

const ownChains = ({ name: table, chains }: IptablesTable): ReadonlySet<string> =>
  new Set(chains.map(({ name }) => name).filter((name) => isOwn(table, name)));

/** A rule of kube-proxy’s that translates, and to which `address:port`. */
interface Translation {
  readonly rule: IptablesRule;
  readonly to: string;
}

interface ChainNote {
  /** It is kube-proxy's, and no canary. */
  readonly isOwn: boolean;
  /** It is for one port of a Service, or one endpoint. */
  readonly isHashed: boolean;
  /** The Service is gone. */
  readonly isStale: boolean;
  /** To endpoints that are gone. */
  readonly gone: readonly Translation[];
  /** To which its rules lead, each once. */
  readonly targets: readonly string[];
  /** Of these, those that are for no single Service, and are not shared with others. */
  readonly leads: readonly string[];
}

interface Noted {
  readonly chain: IptablesChain;
  readonly note: ChainNote;
}

interface NotedState extends Pick<LiveState, 'hashes' | 'ownerOf'> {
  readonly targets: ReadonlySet<string>;
}

/** What chains say by themselves: nodes have nearly all of them in common, and each is looked at once. */
class ChainNotes {
  readonly #state: NotedState;
  /** By table, then by name: the chain of the first node that has it. */
  readonly #notes = new Map<string, Map<string, Noted>>();

  constructor(state: NotedState) {
    this.#state = state;
  }

  of(table: string, chain: IptablesChain): ChainNote {
    const ofTable = this.#notes.get(table) ?? new Map<string, Noted>();
    if (ofTable.size === 0) this.#notes.set(table, ofTable);
    const known = ofTable.get(chain.name);
    if (known !== undefined && saysTheSame(known.chain, chain)) return known.note;
    const note = this.#note(table, chain);
    // The others hold rules in an order that is a node's own.
    if (known === undefined && note.isHashed) ofTable.set(chain.name, { chain, note });
    return note;
  }

  #note(table: string, chain: IptablesChain): ChainNote {
    const { hashes, targets: live, ownerOf } = this.#state;
    const { name, rules } = chain;
    const own = isOwn(table, name, ownerOf);
    const hash = perServiceHash(name);
    const targets = [...targetsOf(chain)];
    return {
      isOwn: own,
      isHashed: hash !== undefined,
      isStale: own && hash !== undefined && !name.startsWith('KUBE-SEP-') && !hashes.has(hash),
      gone: own ? rules.flatMap(translationOf).filter(({ to }) => !live.has(to)) : [],
      targets,
      leads: targets.filter((target) => perServiceHash(target) === undefined && ownerOf(table, target) !== 'shared'),
    };
  }
}

/** Whatever packets met them. */
const saysTheSame = (a: IptablesChain, b: IptablesChain): boolean =>
  a === b || (a.rules.length === b.rules.length && a.rules.every(({ line }, at) => line === b.rules[at]?.line));

function translationOf(rule: IptablesRule): readonly Translation[] {
  const to = rule.target === 'DNAT' ? optionsOf(rule).toDestination : undefined;
  return to === undefined ? [] : [{ rule, to }];
}

const targetsOf = ({ rules }: IptablesChain): ReadonlySet<string> =>
  new Set(rules.flatMap(({ target }) => target ?? []));

/** They alone have a policy. */
const builtIns = (chains: readonly IptablesChain[]): readonly string[] =>
  chains.filter(({ policy }) => policy !== undefined).map(({ name }) => name);

/** What only rules of others lead to is those others' matter. */
const reachedByKubeProxy = ({ name: table, chains }: IptablesTable): ReadonlySet<string> =>
  reachable(chainsByName(chains), builtIns(chains), (from, to) => isWayOfKubeProxy(table, from, to));

const chainsByName = (chains: readonly IptablesChain[]): ReadonlyMap<string, IptablesChain> =>
  new Map(chains.map((chain) => [chain.name, chain]));

/** @param leads to which chains one leads */
function reachable(
  byName: ReadonlyMap<string, IptablesChain>,
  from: readonly string[],
  follows: (from: string, to: string) => boolean,
  leads: (chain: IptablesChain) => Iterable<string> = targetsOf,
): ReadonlySet<string> {
  const reached = new Set<string>();
  const open = [...from];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (reached.has(name)) continue;
    reached.add(name);
    const chain = byName.get(name);
    for (const target of chain === undefined ? [] : leads(chain))
      if (byName.has(target) && !reached.has(target) && follows(name, target)) open.push(target);
  }
  return reached;
}
