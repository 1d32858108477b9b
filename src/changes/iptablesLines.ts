import type { IptablesChain, IptablesRule, IptablesTable } from '../model/NodeFacts.ts';

const tableOrder = ['raw', 'mangle', 'nat', 'filter', 'security'];

const kernels: ReadonlySet<string> = new Set(['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING']);

export const isBuiltIn = ({ name, policy }: IptablesChain): boolean => policy !== undefined || kernels.has(name);

/**
 * A built-in chain that accepts everything is as good as one that is not there: asking for a table creates them.
 */
export const isBlank = (chain: IptablesChain): boolean =>
  chain.rules.length === 0 && isBuiltIn(chain) && (chain.policy ?? 'ACCEPT') === 'ACCEPT';

/** Rules for one Service each, written in another order at each sync; only what catches the rest stands behind them. */
const dispatching: ReadonlySet<string> = new Set([
  'KUBE-SERVICES',
  'KUBE-NODEPORTS',
  'KUBE-EXTERNAL-SERVICES',
  'KUBE-PROXY-FIREWALL',
]);
const catchesTheRest = ({ target }: IptablesRule): boolean => target === 'KUBE-NODEPORTS';

/** The rules of a chain in an order that means what the printed one does, and is the same whenever that is. */
export function rulesInOrder({ name, rules }: IptablesChain): readonly IptablesRule[] {
  if (!dispatching.has(name) || rules.length < 2) return rules;
  return rules.toSorted((a, b) => Number(catchesTheRest(a)) - Number(catchesTheRest(b)) || byName(a.line, b.line));
}

const byName = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The place of a table in the order in which packets meet them; those that are not known stand last. */
const order = ({ name }: IptablesTable): number =>
  (tableOrder.indexOf(name) + tableOrder.length + 1) % (tableOrder.length + 1);

/**
 * A dump as the lines of an `iptables-save` that tell its meaning and nothing else: without counters, times, and tables
 * and chains that do nothing; tables and chains in one order whoever printed them, because theirs means nothing; rules
 * in theirs, where it means something.
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
    for (const chain of kept) for (const { line } of rulesInOrder(chain)) lines.push(line);
    lines.push('COMMIT');
  }
  return lines;
}
