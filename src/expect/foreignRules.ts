import type { Owner } from '../knowledge/owners/Owner.ts';
import type { ChainOwners } from '../knowledge/owners/ownerOfChain.ts';
import { ownerOfRule } from '../knowledge/owners/ownerOfRule.ts';
import { chainFinder, ownChains } from '../model/iptablesChains.ts';
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
  owners: ChainOwners,
): ForeignRules | undefined {
  const entrances = tables.flatMap((table) => entrancesOf(table, owner, owners));
  const chains = tables.reduce((sum, table) => sum + countOf(table, owner, owners), 0);
  if (entrances.length === 0 && chains === 0) return undefined;
  const active = tables.flatMap((table) => reachedFrom(table, entrances).filter(({ rule }) => isActive(rule)));
  return { entrances, active, chains };
}

const isActive = ({ target }: IptablesRule): boolean => target !== undefined && acts.has(target);

function countOf(table: IptablesTable, owner: Owner, owners: ChainOwners): number {
  const own = ownChains(table).filter(({ name }) => owners.of(table.name, name) === owner).length;
  return own + ((table.parts && owners.ofCommon(table.name, table.parts.common).get(owner)) ?? 0);
}

const entrancesOf = (table: IptablesTable, owner: Owner, owners: ChainOwners): RuleAt[] =>
  ownChains(table)
    .filter(({ name }) => owners.of(table.name, name) === 'builtIn')
    .flatMap(({ name: chain, rules }) =>
      rules
        .filter((rule) => ownerOfRule(table.name, chain, rule) === owner)
        .map((rule) => ({ table: table.name, chain, rule })),
    );

/** The entrances of a table themselves, and all rules of the chains to which they lead, each once. */
function reachedFrom(table: IptablesTable, entrances: readonly RuleAt[]): RuleAt[] {
  const own = entrances.filter((one) => one.table === table.name);
  if (own.length === 0) return [];
  const find = chainFinder(table);
  const seen = new Set<string>();
  const reached = [...own];
  const waiting = own.flatMap(({ rule: { target } }) => target ?? []);
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    for (const rule of find(name)?.rules ?? []) {
      reached.push({ table: table.name, chain: name, rule });
      if (rule.target !== undefined) waiting.push(rule.target);
    }
  }
  return reached;
}
