import type { SeenLines } from '../core/Evidence.ts';
import { isKnown } from '../model/Fact.ts';
import type { IptablesDump } from '../model/NodeFacts.ts';

/** Rules as evidence: by the command that printed the first of them, for each backend and family has its own. */
export function rulesSeen(dumps: readonly IptablesDump[], lines: readonly string[]): SeenLines {
  const holder = dumps.find((dump) => lines[0] !== undefined && holds(dump, lines[0]));
  return holder !== undefined && isKnown(holder.tables) ? { lines, command: holder.tables.source } : { lines };
}

const holds = ({ tables }: IptablesDump, line: string): boolean =>
  isKnown(tables) &&
  tables.value.some(({ chains }) => chains.some(({ rules }) => rules.some((rule) => rule.line === line)));
