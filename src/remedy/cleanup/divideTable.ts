import { isForeignJump } from '../../expect/kube-proxy/foreignJumps.ts';
import { isKubeProxyJump } from '../../knowledge/owners/kubeProxyJumps.ts';
import { isKubeProxys, type Owner } from '../../knowledge/owners/Owner.ts';
import { ownerOfChain } from '../../knowledge/owners/ownerOfChain.ts';
import { ownerOfRule } from '../../knowledge/owners/ownerOfRule.ts';
import type { IptablesChain, IptablesRule, IptablesTable } from '../../model/NodeFacts.ts';

/** What of one table is kube-proxy's alone and can go, and what of it has to stay. */
export interface Division {
  /** In the order of the dump. */
  readonly chains: readonly IptablesChain[];
  /**
   * kube-proxy's rules in built-in chains, by which packets come to its own; as they stand in the dump, each as often
   * as it is there.
   */
  readonly jumps: readonly IptablesRule[];
  /** Chains of kube-proxy that stay, with the reason. */
  readonly kept: readonly KeptChain[];
  /**
   * Rules of others in chains of kube-proxy alone, to which packets come by its jumps: with these gone, such a rule
   * would do nothing.
   */
  readonly cutOff: readonly IptablesRule[];
}

export interface KeptChain {
  readonly chain: string;
  /** As the end of a sentence, of one chain or several: `KUBE-MARK-MASQ stays: …`. */
  readonly why: string;
}

/**
 * @param kubeletWrites why the chains that kubelets up to 1.26 write, too, have to stay; undefined: this
 *   kubelet does not
 */
export function divideTable(table: IptablesTable, kubeletWrites: string | undefined): Division {
  const byName = new Map(table.chains.map((chain) => [chain.name, chain]));
  const owners = new Map<string, Owner>();
  const ownerOf = (chain: string): Owner => {
    const known = owners.get(chain) ?? ownerOfChain(table.name, chain);
    owners.set(chain, known);
    return known;
  };
  const isOurs = (chain: string): boolean => isKubeProxys(ownerOf(chain));
  const kept = new Map<string, string>();
  /** What a chain that stays leads to stays with it. */
  const keep = (chain: string, why: string): void => {
    if (!isOurs(chain) || !byName.has(chain) || kept.has(chain)) return;
    kept.set(chain, why);
    for (const { target } of byName.get(chain)?.rules ?? [])
      if (target !== undefined) keep(target, 'a chain that stays leads there');
  };
  const keepMark = (why: string): void => {
    // One sets a mark, the other acts on it: without either the other is of no use.
    for (const chain of table.chains) if (ownerOf(chain.name) === 'shared') keep(chain.name, why);
  };

  const cutOffBy = (jumps: readonly IptablesRule[]): readonly IptablesRule[] => {
    if (foreign.length === 0) return [];
    // The marks work on for whoever else uses them.
    const met = new Set<string>();
    const lead = ({ target }: IptablesRule): void => {
      if (target !== undefined && ownerOf(target) === 'kubeProxy') met.add(target);
    };
    jumps.forEach(lead);
    for (const name of met) byName.get(name)?.rules.forEach(lead);
    return foreign.filter(({ chain }) => met.has(chain)).map(({ rule }) => rule);
  };
  const foreign: { readonly chain: string; readonly rule: IptablesRule }[] = [];

  if (kubeletWrites !== undefined) keepMark(kubeletWrites);
  for (const { name, rules } of table.chains) {
    for (const rule of rules) {
      const { target, line } = rule;
      if (isOurs(name)) {
        if (!isKubeProxys(ownerOfRule(table.name, name, rule))) {
          foreign.push({ chain: name, rule });
          keep(name, `it holds a rule that is not kube-proxy’s: ${line}`);
        }
      } else if (target !== undefined && isForeignJump(table.name, name, target, rule)) {
        keep(target, `a rule of somebody else in ${name} leads there`);
      }
    }
  }
  const keptShared = [...kept.keys()].find((chain) => ownerOf(chain) === 'shared');
  if (keptShared !== undefined) keepMark(`it works together with ${keptShared}, which stays`);

  const isRemovable = (chain: string): boolean => isOurs(chain) && !kept.has(chain);
  const isRemovableJump = ({ target, line }: IptablesRule): boolean =>
    target !== undefined &&
    // Of a chain that stays for somebody else's sake, kube-proxy's own way into it goes all the same.
    (isRemovable(target) || (ownerOf(target) === 'kubeProxy' && kept.has(target))) &&
    isKubeProxyJump(table.name, line);
  const jumps = table.chains.flatMap(({ name, rules }) => (isOurs(name) ? [] : rules.filter(isRemovableJump)));
  return {
    chains: table.chains.filter(({ name }) => isRemovable(name)),
    jumps,
    kept: [...kept].map(([chain, why]) => ({ chain, why })),
    cutOff: cutOffBy(jumps),
  };
}
