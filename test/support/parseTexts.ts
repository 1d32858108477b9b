import type { ProxyTable } from '../../src/model/lb/ProxyTable.ts';
import type { VirtualServer } from '../../src/model/NodeFacts.ts';
import { parseIpvsProc } from '../../src/parse/ipvs/parseIpvsProc.ts';
import { rowsOfRuleset } from '../../src/parse/kubeproxy/rowsOfNftables.ts';
import { parseNftRuleset } from '../../src/parse/nft/parseNftRuleset.ts';
import { type Parsed, parsed } from '../../src/parse/Parsed.ts';
import { virtualServersOf } from '../../src/parse/virtualServersOf.ts';

/** As rowsOfRuleset, of the text. */
export function rowsOfNftables(text: string): Parsed<ProxyTable | undefined> {
  const ruleset = parseNftRuleset(text);
  return ruleset.ok ? parsed(rowsOfRuleset(ruleset.value)) : ruleset;
}

/** As virtualServersOf, of the text. */
export function parseIpvs(text: string): Parsed<readonly VirtualServer[]> {
  const table = parseIpvsProc(text);
  return table.ok ? parsed(virtualServersOf(table.value)) : table;
}
