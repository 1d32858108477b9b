import { canaryChain, perServiceHash } from '../../knowledge/iptablesOwners.ts';
import { ownerOfChain } from '../../knowledge/owners/ownerOfChain.ts';
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
  /** Rules in these chains, and the jumps that lead into them. */
  readonly rules: readonly IptablesRule[];
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
}

export const liveState = (services: readonly Service[], slices: readonly EndpointSlice[]): LiveState => ({
  hashes: liveChainHashes(services),
  targets: liveTargets(slices),
  services: serviceIndex(services, slices),
});

/** undefined: nothing of kube-proxy that a packet could meet by kube-proxy's doing. */
export function leftoversIn(
  tables: readonly IptablesTable[],
  { hashes, targets, services }: LiveState,
  node: Pick<CurrentState, 'node' | 'listeners'>,
): Leftovers | undefined {
  let count = 0;
  let linked = false;
  const state: CurrentState = { ...node, services, hashes };
  const rules: IptablesRule[] = [];
  const staleTargets = new Set<string>();
  const staleChains: string[] = [];
  const impacts: RuleImpact[] = [];
  for (const table of tables) {
    const owned = ownChains(table);
    if (owned.size === 0) continue;
    count += owned.size;
    const reached = reachedByKubeProxy(table);
    for (const chain of table.chains) {
      if (!owned.has(chain.name)) {
        rules.push(...chain.rules.filter(({ target }) => target !== undefined && owned.has(target)));
        continue;
      }
      for (const rule of chain.rules) rules.push(rule);
      const hash = perServiceHash(chain.name);
      if (hash !== undefined && !chain.name.startsWith('KUBE-SEP-') && !hashes.has(hash)) staleChains.push(chain.name);
      if (!reached.has(chain.name)) continue;
      linked = true;
      for (const rule of chain.rules) {
        const target = dnatTarget(rule);
        if (target !== undefined && !targets.has(target)) staleTargets.add(target);
        // Chains of one Service are for whatever leads to them; which frontend that is, the others say.
        const impact = hash === undefined ? impactOfRule(rule, state) : undefined;
        if (impact !== undefined) impacts.push(impact);
      }
    }
  }
  return linked ? { chains: count, rules, staleTargets: [...staleTargets], staleChains, impacts } : undefined;
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
    const owned = ownChains(table);
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

const ownChains = ({ name: table, chains }: IptablesTable): ReadonlySet<string> =>
  new Set(chains.map(({ name }) => name).filter((name) => isOwn(table, name)));

/** `address:port` to which a rule of kube-proxy’s sends; undefined: it sends nowhere. */
export const dnatTarget = (rule: IptablesRule): string | undefined =>
  rule.target === 'DNAT' ? optionsOf(rule).toDestination : undefined;

/** They alone have a policy. */
const builtIns = (chains: readonly IptablesChain[]): readonly string[] =>
  chains.filter(({ policy }) => policy !== undefined).map(({ name }) => name);

/** What only rules of others lead to is those others' matter. */
const reachedByKubeProxy = ({ name: table, chains }: IptablesTable): ReadonlySet<string> =>
  reachable(chains, builtIns(chains), (from, to) => isWayOfKubeProxy(table, from, to));

function reachable(
  chains: readonly IptablesChain[],
  from: readonly string[],
  follows: (from: string, to: string) => boolean,
): ReadonlySet<string> {
  const byName = new Map(chains.map((chain) => [chain.name, chain]));
  const reached = new Set<string>();
  const open = [...from];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (reached.has(name)) continue;
    reached.add(name);
    for (const { target } of byName.get(name)?.rules ?? []) {
      if (target !== undefined && byName.has(target) && !reached.has(target) && follows(name, target))
        open.push(target);
    }
  }
  return reached;
}
