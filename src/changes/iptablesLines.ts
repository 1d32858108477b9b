import { chainOwner } from '../knowledge/iptablesOwners.ts';
import type { IptablesChain, IptablesTable } from '../model/NodeFacts.ts';

const tableOrder = ['raw', 'mangle', 'nat', 'filter', 'security'];

export const isBuiltIn = ({ name, policy }: IptablesChain): boolean =>
  policy !== undefined || chainOwner('', name) === 'builtIn';

/** A built-in chain that accepts everything is as good as one that is not there: asking for a table brings such into being. */
export const isBlank = (chain: IptablesChain): boolean =>
  chain.rules.length === 0 && isBuiltIn(chain) && (chain.policy ?? 'ACCEPT') === 'ACCEPT';

const byName = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The place of a table in the order in which packets meet them; those that are not known stand last. */
const order = ({ name }: IptablesTable): number =>
  (tableOrder.indexOf(name) + tableOrder.length + 1) % (tableOrder.length + 1);

/**
 * A dump as the lines of an `iptables-save` that tell its meaning and nothing else: without counters, times, and tables and
 * chains that do nothing; tables and chains in one order whoever printed them, because theirs means nothing; rules in theirs.
 */
export function iptablesLines(tables: readonly IptablesTable[]): readonly string[] {
  const lines: string[] = [];
  for (const { name, chains } of tables.toSorted((a, b) => order(a) - order(b) || byName(a.name, b.name))) {
    const kept = chains
      .filter((chain) => !isBlank(chain))
      .toSorted((a, b) => Number(isBuiltIn(b)) - Number(isBuiltIn(a)) || byName(a.name, b.name));
    if (kept.length === 0) continue;
    lines.push(`*${name}`);
    for (const chain of kept) lines.push(`:${chain.name} ${chain.policy ?? '-'} [0:0]`);
    for (const { rules } of kept) for (const { line } of rules) lines.push(line);
    lines.push('COMMIT');
  }
  return lines;
}
