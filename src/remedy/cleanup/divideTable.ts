import { chainOwner } from '../../knowledge/iptablesOwners.ts';
import type { IptablesChain, IptablesRule, IptablesTable } from '../../model/NodeFacts.ts';

/** What of one table is kube-proxy's alone and can go, and what of it has to stay. */
export interface Division {
  /** In the order of the dump. */
  readonly chains: readonly IptablesChain[];
  /** kube-proxy's rules in chains that stay, by which packets come to its chains; in the order of the dump, each as often as it is there. */
  readonly jumps: readonly IptablesRule[];
  /** Chains of kube-proxy that stay, with the reason. */
  readonly kept: readonly KeptChain[];
}

export interface KeptChain {
  readonly chain: string;
  /** As the end of a sentence: `KUBE-MARK-MASQ stays: …`. */
  readonly why: string;
}

/**
 * @param kubeletWrites why the chains that kubelets up to 1.26 write, too, have to stay; undefined: this kubelet does not
 */
export function divideTable(table: IptablesTable, kubeletWrites: string | undefined): Division {
  const byName = new Map(table.chains.map((chain) => [chain.name, chain]));
  const ownerOf = (chain: string): ReturnType<typeof chainOwner> => chainOwner(table.name, chain);
  const isOurs = (chain: string): boolean => ['kubeProxy', 'shared'].includes(ownerOf(chain));
  const kept = new Map<string, string>();
  /** What a chain that stays leads to stays with it. */
  const keep = (chain: string, why: string): void => {
    if (!isOurs(chain) || !byName.has(chain) || kept.has(chain)) return;
    kept.set(chain, why);
    for (const { target } of byName.get(chain)?.rules ?? [])
      if (target !== undefined) keep(target, `${chain}, which stays, leads to it`);
  };
  const keepMark = (why: string): void => {
    // One sets a mark, the other acts on it: without either the other is of no use.
    for (const chain of table.chains) if (ownerOf(chain.name) === 'shared') keep(chain.name, why);
  };

  if (kubeletWrites !== undefined) keepMark(kubeletWrites);
  for (const chain of table.chains) {
    for (const rule of chain.rules) {
      const { target } = rule;
      if (target === undefined) continue;
      if (isOurs(chain.name)) {
        // kube-proxy leads nowhere but to its own chains, and (up to 1.24) to the kubelet's.
        const isForeign = byName.has(target) && !isOurs(target) && ownerOf(target) !== 'kubelet';
        if (isForeign) keep(chain.name, `it holds a rule that is not kube-proxy’s, which leads to ${target}`);
      } else if (isOurs(target) && !isOwnJump(table.name, chain.name, rule)) {
        keep(target, `a rule of somebody else in ${chain.name} leads to it`);
      }
    }
  }
  const keptShared = [...kept.keys()].find((chain) => ownerOf(chain) === 'shared');
  if (keptShared !== undefined) keepMark(`it works together with ${keptShared}, which stays`);

  const isRemovable = (chain: string): boolean => isOurs(chain) && !kept.has(chain);
  const isRemovableJump = (chain: string, { target }: IptablesRule): boolean =>
    target !== undefined &&
    !isOurs(chain) &&
    // Of a chain that stays for somebody else's sake, kube-proxy's own way into it goes all the same.
    (isRemovable(target) || (ownerOf(target) === 'kubeProxy' && kept.has(target)));
  return {
    chains: table.chains.filter(({ name }) => isRemovable(name)),
    jumps: table.chains.flatMap(({ name, rules }) =>
      rules.filter((rule) => isRemovableJump(name, rule) && isOwnJump(table.name, name, rule)),
    ),
    kept: [...kept].map(([chain, why]) => ({ chain, why })),
  };
}

/**
 * Whether kube-proxy wrote this rule of a built-in chain: it restricts its jumps by nothing but the state of a connection,
 * and says in a comment what they are for (kubernetes: pkg/proxy/{iptables,ipvs}/proxier.go, iptablesJumpChains).
 */
function isOwnJump(table: string, chain: string, { line, target, comment }: IptablesRule): boolean {
  if (target === undefined || chainOwner(table, chain) !== 'builtIn') return false;
  if (!/^(kubernetes|kube-proxy) /.test(comment ?? '')) return false;
  const rest = line.replace(' -m conntrack --ctstate NEW', '');
  return /^-A \S+ -m comment --comment "[^"\\]*" -j \S+$/.test(rest);
}
