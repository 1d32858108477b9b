import type { Owner } from '../knowledge/owners/Owner.ts';
import { ownerOfChain, type OwnerOf } from '../knowledge/owners/ownerOfChain.ts';
import { ownerOfRule } from '../knowledge/owners/ownerOfRule.ts';
import type { IptablesRule, IptablesTable } from '../model/NodeFacts.ts';

export interface RuleAt {
  readonly table: string;
  readonly chain: string;
  readonly rule: IptablesRule;
}

/** What one writer has in one dump of a node. */
export interface ForeignRules {
  /** Its rules in the kernel’s chains, by which packets come to it. */
  readonly entrances: readonly RuleAt[];
  /** Of these, and of what they lead to: rules that translate, mark or drop. */
  readonly active: readonly RuleAt[];
  readonly chains: number;
}

/** What an extension does to a packet that goes on its way; to let it pass is to do nothing. */
const acts: ReadonlySet<string> = new Set([
  'CONNMARK',
  'CT',
  'DNAT',
  'DROP',
  'MARK',
  'MASQUERADE',
  'NETMAP',
  'NOTRACK',
  'REDIRECT',
  'REJECT',
  'SNAT',
  'TPROXY',
]);

/** The rules and chains of one writer, or undefined where there are none. */
export function foreignRules(
  tables: readonly IptablesTable[],
  owner: Owner,
  ownerOf: OwnerOf = ownerOfChain,
): ForeignRules | undefined {
  const entrances = tables.flatMap((table) => entrancesOf(table, owner, ownerOf));
  const chains = tables.flatMap(({ name: table, chains: all }) =>
    all.filter(({ name }) => ownerOf(table, name) === owner),
  ).length;
  if (entrances.length === 0 && chains === 0) return undefined;
  const active = tables.flatMap((table) => reachedFrom(table, entrances).filter(({ rule }) => isActive(rule)));
  return { entrances, active, chains };
}

const isActive = ({ target }: IptablesRule): boolean => target !== undefined && acts.has(target);

const entrancesOf = ({ name: table, chains }: IptablesTable, owner: Owner, ownerOf: OwnerOf): RuleAt[] =>
  chains
    .filter(({ name }) => ownerOf(table, name) === 'builtIn')
    .flatMap(({ name: chain, rules }) =>
      rules.filter((rule) => ownerOfRule(table, chain, rule) === owner).map((rule) => ({ table, chain, rule })),
    );

/** The entrances of a table themselves, and all rules of the chains to which they lead, each once. */
function reachedFrom({ name: table, chains }: IptablesTable, entrances: readonly RuleAt[]): RuleAt[] {
  const own = entrances.filter((one) => one.table === table);
  const byName = new Map(chains.map((chain) => [chain.name, chain]));
  const seen = new Set<string>();
  const reached = [...own];
  const waiting = own.flatMap(({ rule: { target } }) => target ?? []);
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    for (const rule of byName.get(name)?.rules ?? []) {
      reached.push({ table, chain: name, rule });
      if (rule.target !== undefined) waiting.push(rule.target);
    }
  }
  return reached;
}
