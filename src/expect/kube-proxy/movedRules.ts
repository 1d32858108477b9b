import { ownerOfChain } from '../../knowledge/owners/ownerOfChain.ts';
import type { IptablesChain, IptablesRule, IptablesTable } from '../../model/NodeFacts.ts';

export interface MovedRule {
  readonly rule: IptablesRule;
  /** Packets between two readings. */
  readonly packets: number;
}

/** What makes a difference to a packet; the rules that only lead on count everything that passes. */
const decides: ReadonlySet<string | undefined> = new Set(['DNAT', 'REJECT', 'DROP']);

/** The rules of kube-proxy that packets met between two readings and that decided about them, most packets first. */
export function movedRules(first: readonly IptablesTable[], second: readonly IptablesTable[]): readonly MovedRule[] {
  const moved: MovedRule[] = [];
  for (const [name, tables] of Map.groupBy(second, (table) => table.name)) {
    const chains = tables.flatMap((table) => table.chains);
    // Of tens of thousands of chains packets met a few.
    const met = chains.filter(({ rules }) => rules.some(hasDecided));
    const own = met.filter((chain) => ownerOfChain(name, chain.name) === 'kubeProxy');
    const names = new Set(own.map((chain) => chain.name));
    const before = packetsByRule(
      first
        .filter((table) => table.name === name)
        .flatMap((table) => table.chains.filter((chain) => names.has(chain.name))),
    );
    for (const [line, { rule, packets }] of packetsByRule(own)) {
      const more = packets - (before.get(line)?.packets ?? packets);
      // Fewer: the rules were written anew meanwhile.
      if (more > 0) moved.push({ rule, packets: more });
    }
  }
  return moved.sort((a, b) => b.packets - a.packets);
}

const hasDecided = ({ target, packets }: IptablesRule): boolean =>
  packets !== undefined && packets > 0 && decides.has(target);

function packetsByRule(chains: readonly IptablesChain[]): Map<string, MovedRule> {
  const rules = new Map<string, MovedRule>();
  for (const chain of chains)
    for (const rule of chain.rules) {
      if (!decides.has(rule.target)) continue;
      const packets = (rules.get(rule.line)?.packets ?? 0) + (rule.packets ?? 0);
      rules.set(rule.line, { rule, packets });
    }
  return rules;
}
