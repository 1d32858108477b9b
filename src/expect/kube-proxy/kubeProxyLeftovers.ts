import { canaryChain, perServiceHash } from '../../knowledge/iptablesOwners.ts';
import { ownerOfChain, type OwnerOf, rememberedOwners } from '../../knowledge/owners/ownerOfChain.ts';
import type { EndpointSlice, Service } from '../../model/kubernetes.ts';
import type { IptablesChain, IptablesRule, IptablesTable } from '../../model/NodeFacts.ts';
import { optionsOf } from '../../model/RuleOptions.ts';
import { foreignJumps, isWayOfKubeProxy } from './foreignJumps.ts';
import { type RuleImpact, impactOfRule, type CurrentState } from './impactOfRule.ts';
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

/** What the API says now, prepared once for all nodes. */
export interface LiveState {
  readonly hashes: ReadonlyMap<string, ServicePortName>;
  readonly targets: ReadonlySet<string>;
  readonly services: ServiceIndex;
  readonly ownerOf: OwnerOf;
  readonly notes: ChainNotes;
}

export const liveState = (services: readonly Service[], slices: readonly EndpointSlice[]): LiveState => ({
  hashes: liveChainHashes(services),
  targets: liveTargets(slices),
  services: serviceIndex(services, slices),
  ownerOf: rememberedOwners(),
  notes: new ChainNotes(),
});

/** More rules are not shown. */
const maxShown = 2;

/** undefined: nothing of kube-proxy that a packet could meet by kube-proxy's doing. */
export function leftoversIn(
  tables: readonly IptablesTable[],
  { hashes, targets, services, ownerOf, notes }: LiveState,
  node: Pick<CurrentState, 'node' | 'listeners'>,
): Leftovers | undefined {
  let count = 0;
  let linked = false;
  const state: CurrentState = { ...node, services, hashes };
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
    const owned = ownChains(table, ownerOf);
    if (owned.size === 0) continue;
    count += owned.size;
    const reached = reachedByKubeProxy(table, ownerOf, notes);
    for (const chain of table.chains) {
      if (!owned.has(chain.name)) {
        add(chain.rules.filter(({ target }) => target !== undefined && owned.has(target)));
        continue;
      }
      add(chain.rules);
      const { hash, translated } = notes.of(chain);
      const gone = translated.filter(({ to }) => !targets.has(to));
      translations.push(...gone);
      if (hash !== undefined && !chain.name.startsWith('KUBE-SEP-') && !hashes.has(hash)) staleChains.push(chain.name);
      if (!reached.has(chain.name)) continue;
      linked = true;
      for (const { to } of gone) staleTargets.add(to);
      if (hash !== undefined) continue;
      // Chains of one Service are for whatever leads to them; which frontend that is, the others say.
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
    reachable(chains, builtIns(chains), (from, to) => {
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
    const needed = reachable(table.chains, foreignTargets, () => true);
    const reached = reachedByKubeProxy(table);
    const owned = ownChains(table, ownerOfChain);
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

const ownChains = ({ name: table, chains }: IptablesTable, ownerOf: OwnerOf): ReadonlySet<string> =>
  new Set(chains.map(({ name }) => name).filter((name) => isOwn(table, name, ownerOf)));

/** A rule of kube-proxy’s that translates, and to which `address:port`. */
interface Translation {
  readonly rule: IptablesRule;
  readonly to: string;
}

interface ChainNote {
  /** Of the Service port, or the endpoint, that the chain is for; undefined: it is for several. */
  readonly hash: string | undefined;
  readonly translated: readonly Translation[];
  /** To which its rules lead, each once. */
  readonly targets: readonly string[];
}

/** What chains say by themselves: nodes have nearly all of them in common, and each is looked at once. */
class ChainNotes {
  readonly #notes = new WeakMap<IptablesChain, ChainNote>();

  of(chain: IptablesChain): ChainNote {
    const known = this.#notes.get(chain);
    if (known !== undefined) return known;
    const hash = perServiceHash(chain.name);
    const note = { hash, translated: chain.rules.flatMap(translationOf), targets: targetsOf(chain) };
    if (hash !== undefined) this.#notes.set(chain, note);
    return note;
  }
}

function translationOf(rule: IptablesRule): readonly Translation[] {
  const to = rule.target === 'DNAT' ? optionsOf(rule).toDestination : undefined;
  return to === undefined ? [] : [{ rule, to }];
}

const targetsOf = ({ rules }: IptablesChain): readonly string[] => [
  ...new Set(rules.flatMap(({ target }) => target ?? [])),
];

/** They alone have a policy. */
const builtIns = (chains: readonly IptablesChain[]): readonly string[] =>
  chains.filter(({ policy }) => policy !== undefined).map(({ name }) => name);

/** What only rules of others lead to is those others' matter. */
const reachedByKubeProxy = (
  { name: table, chains }: IptablesTable,
  ownerOf: OwnerOf = ownerOfChain,
  notes?: ChainNotes,
): ReadonlySet<string> =>
  reachable(chains, builtIns(chains), (from, to) => isWayOfKubeProxy(table, from, to, ownerOf), notes);

function reachable(
  chains: readonly IptablesChain[],
  from: readonly string[],
  follows: (from: string, to: string) => boolean,
  notes = new ChainNotes(),
): ReadonlySet<string> {
  const byName = new Map(chains.map((chain) => [chain.name, chain]));
  const reached = new Set<string>();
  const open = [...from];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (reached.has(name)) continue;
    reached.add(name);
    const chain = byName.get(name);
    for (const target of chain === undefined ? [] : notes.of(chain).targets)
      if (byName.has(target) && !reached.has(target) && follows(name, target)) open.push(target);
  }
  return reached;
}
