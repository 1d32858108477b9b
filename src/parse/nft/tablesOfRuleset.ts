import type { NftChain, NftRule, NftRuleset, NftSet, NftTableContent } from '../../model/NftRuleset.ts';
import type { NftTable } from '../../model/NodeFacts.ts';

interface Content extends NftTableContent {
  readonly chains: NftChain[];
  readonly sets: NftSet[];
  readonly rules: Map<string, NftRule[]>;
}

/**
 * The tables by their families and names, in the order of the ruleset; what names a table that is not listed
 * makes one, too.
 */
export function tablesOfRuleset({ entries }: NftRuleset): readonly NftTableContent[] {
  const tables = new Map<string, Content>();
  const tableOf = (family: string, name: string): Content => {
    const key = `${family} ${name}`;
    const known = tables.get(key);
    if (known !== undefined) return known;
    const table: Content = { family, name, chains: [], sets: [], rules: new Map() };
    tables.set(key, table);
    return table;
  };
  for (const entry of entries) {
    switch (entry.kind) {
      case 'table':
        tableOf(entry.family, entry.name);
        break;
      case 'chain':
        tableOf(entry.family, entry.table).chains.push(entry);
        break;
      case 'set':
      case 'map':
        tableOf(entry.family, entry.table).sets.push(entry);
        break;
      case 'rule': {
        const { rules } = tableOf(entry.family, entry.table);
        const known = rules.get(entry.chain);
        if (known === undefined) rules.set(entry.chain, [entry]);
        else known.push(entry);
        break;
      }
      case 'other':
        break;
      default:
        return entry satisfies never;
    }
  }
  return [...tables.values()];
}

/** The tables named `kube-proxy`, with the number of their chains. */
export const kubeProxyTablesOf = (ruleset: NftRuleset): readonly NftTable[] =>
  tablesOfRuleset(ruleset)
    .filter(({ name }) => name === 'kube-proxy')
    .map(({ family, chains }) => ({ family, chains: chains.length }));
