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
    const noted = table.chains.map((chain) => notes.of(table.name, chain));
    if (!noted.some(({ isOwn }) => isOwn)) continue;
    const byName = chainsByName(table.chains);
    const hasGone = noted.some(({ gone }) => gone.length > 0);
    const reached = reachable(
      byName,
      builtIns(table.chains),
      (from, to) => isWayOfKubeProxy(table.name, from, to, ownerOf),
      // Behind chains of Services there is nothing to find but what is gone.
      (chain) => notes.of(table.name, chain)[hasGone ? 'targets' : 'others'],
    );
    for (const [at, chain] of table.chains.entries()) {
      const note = noted[at];
      if (note?.isOwn !== true) {
        const leads = ({ target }: IptablesRule): boolean =>
          target !== undefined && byName.has(target) && isOwn(table.name, target, ownerOf);
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
  /** These, but of a chain that is hashed without those that are. */
  readonly others: readonly string[];
}

interface NotedState extends Pick<LiveState, 'hashes' | 'ownerOf'> {
  readonly targets: ReadonlySet<string>;
}

/** What chains say by themselves: nodes have nearly all of them in common, and each is looked at once. */
class ChainNotes {
  readonly #state: NotedState;
  readonly #notes = new WeakMap<IptablesChain, ChainNote>();

  constructor(state: NotedState) {
    this.#state = state;
  }

  /** @param table where the chain is, and no other table has the same one */
  of(table: string, chain: IptablesChain): ChainNote {
    const known = this.#notes.get(chain);
    if (known !== undefined) return known;
    const note = this.#note(table, chain);
    // The others hold rules in an order that is a node's own.
    if (note.isHashed) this.#notes.set(chain, note);
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
      others: hash === undefined ? targets : targets.filter((target) => perServiceHash(target) === undefined),
    };
  }
}

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
