import type { SeenLines } from '../core/Evidence.ts';
import { isKnown } from '../model/Fact.ts';
import { chainFinder } from '../model/iptablesChains.ts';
import type { IptablesDump } from '../model/NodeFacts.ts';
import { optionsOf } from '../model/RuleOptions.ts';

/** Rules as evidence: by the command that printed the first of them, for each backend and family has its own. */
export function rulesSeen(dumps: readonly IptablesDump[], lines: readonly string[]): SeenLines {
  const holder = dumps.find((dump) => lines[0] !== undefined && holds(dump, lines[0]));
  return holder !== undefined && isKnown(holder.tables) ? { lines, command: holder.tables.source } : { lines };
}

function holds({ tables }: IptablesDump, line: string): boolean {
  const { chain = '' } = optionsOf({ line });
  return (
    isKnown(tables) &&
    tables.value.some((table) => chainFinder(table)(chain)?.rules.some((rule) => rule.line === line) === true)
  );
}
