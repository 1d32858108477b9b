import { ownerOfChain } from '../../knowledge/owners/ownerOfChain.ts';
import type { IptablesRule, IptablesTable } from '../../model/NodeFacts.ts';

export interface MovedRule {
  readonly rule: IptablesRule;
  /** Packets between two readings. */
  readonly packets: number;
}

/** What makes a difference to a packet; the rules that only lead on count everything that passes. */
const decides: ReadonlySet<string | undefined> = new Set(['DNAT', 'REJECT', 'DROP']);

/** The rules of kube-proxy that packets met between two readings and that decided about them, most packets first. */
export function movedRules(first: readonly IptablesTable[], second: readonly IptablesTable[]): readonly MovedRule[] {
  const before = packetsByRule(first);
  const moved: MovedRule[] = [];
  for (const [key, { rule, packets }] of packetsByRule(second)) {
    const more = packets - (before.get(key)?.packets ?? packets);
    // Fewer: the rules were written anew meanwhile.
    if (more > 0) moved.push({ rule, packets: more });
  }
  return moved.sort((a, b) => b.packets - a.packets);
}

function packetsByRule(tables: readonly IptablesTable[]): Map<string, MovedRule> {
  const rules = new Map<string, MovedRule>();
  for (const { name: table, chains } of tables) {
    for (const chain of chains) {
      if (ownerOfChain(table, chain.name) !== 'kubeProxy') continue;
      for (const rule of chain.rules) {
        if (!decides.has(rule.target)) continue;
        const key = `${table} ${rule.line}`;
        rules.set(key, { rule, packets: (rules.get(key)?.packets ?? 0) + (rule.packets ?? 0) });
      }
    }
  }
  return rules;
}
