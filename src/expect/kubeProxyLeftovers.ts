import { canaryChain, chainOwner } from '../knowledge/iptablesOwners.ts';
import type { IptablesChain, IptablesRule, IptablesTable } from '../model/NodeFacts.ts';
import { liveChainHashes, liveTargets } from './kubeProxyChains.ts';
import type { EndpointSlice, Service } from '../model/kubernetes.ts';
import { refusedService, type ServiceIndex, serviceIndex } from './refusedService.ts';

/** What of kube-proxy is in the tables of one backend and family. */
export interface Leftovers {
  /** Without the canary chains, and without those that kubelets write, too. */
  readonly chains: number;
  /** Rules in these chains, and the jumps that lead into them. */
  readonly rules: readonly IptablesRule[];
  /** Whether packets get there: a built-in chain leads to one of them. */
  readonly linked: boolean;
  /** `address:port` of reachable DNAT rules whose endpoint is gone. */
  readonly staleTargets: readonly string[];
  /** Chains of Services that are gone. */
  readonly staleChains: readonly string[];
  /** Reachable rules that turn connections away which a Service of today would take. */
  readonly refusals: readonly Refusal[];
}

export interface Refusal {
  readonly service: Service;
  readonly rule: IptablesRule;
}

/** What the API says now, prepared once for all nodes. */
export interface LiveState {
  readonly hashes: ReadonlyMap<string, unknown>;
  readonly targets: ReadonlySet<string>;
  readonly services: ServiceIndex;
}

export const liveState = (services: readonly Service[], slices: readonly EndpointSlice[]): LiveState => ({
  hashes: liveChainHashes(services),
  targets: liveTargets(slices),
  services: serviceIndex(services, slices),
});

/** undefined: nothing of kube-proxy, or nothing but what is harmless and others write, too. */
export function leftoversIn(tables: readonly IptablesTable[], node: string, live: LiveState): Leftovers | undefined {
  let count = 0;
  let linked = false;
  const rules: IptablesRule[] = [];
  const staleTargets = new Set<string>();
  const staleChains: string[] = [];
  const refusals: Refusal[] = [];
  for (const table of tables) {
    const owned = new Set(table.chains.filter(({ name }) => isLeftover(table.name, name)).map(({ name }) => name));
    if (owned.size === 0) continue;
    count += owned.size;
    const reached = reachable(table.chains);
    for (const chain of table.chains) {
      if (!owned.has(chain.name)) {
        rules.push(...chain.rules.filter(({ target }) => target !== undefined && owned.has(target)));
        continue;
      }
      rules.push(...chain.rules);
      const hash = /^KUBE-(?:SVC|SVL|EXT|FW|XLB)-(.{16})$/.exec(chain.name)?.[1];
      if (hash !== undefined && !live.hashes.has(hash)) staleChains.push(chain.name);
      if (!reached.has(chain.name)) continue;
      linked = true;
      for (const rule of chain.rules) {
        const target = dnatTarget(rule);
        if (target !== undefined && !live.targets.has(target)) staleTargets.add(target);
        const service = refusedService(rule, node, live.services);
        if (service !== undefined) refusals.push({ service, rule });
      }
    }
  }
  return count === 0
    ? undefined
    : { chains: count, rules, linked, staleTargets: [...staleTargets], staleChains, refusals };
}

const isLeftover = (table: string, chain: string): boolean =>
  chain !== canaryChain && chainOwner(table, chain) === 'kubeProxy';

const dnatTarget = ({ target, line }: IptablesRule): string | undefined =>
  target === 'DNAT' ? / --to-destination (\S+)/.exec(line)?.[1] : undefined;

/** The chains that packets can come to: from the built-in ones (they alone have a policy) along the jumps. */
function reachable(chains: readonly IptablesChain[]): ReadonlySet<string> {
  const byName = new Map(chains.map((chain) => [chain.name, chain]));
  const reached = new Set<string>();
  const open = chains.filter(({ policy }) => policy !== undefined);
  for (let chain = open.pop(); chain !== undefined; chain = open.pop()) {
    if (reached.has(chain.name)) continue;
    reached.add(chain.name);
    for (const { target } of chain.rules) {
      const next = target === undefined ? undefined : byName.get(target);
      if (next !== undefined && !reached.has(next.name)) open.push(next);
    }
  }
  return reached;
}
