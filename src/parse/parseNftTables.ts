import type { NftTable } from '../model/NodeFacts.ts';
import { type Parsed, parsed, unparsed } from './Parsed.ts';
import { excerptOf, linesOf } from './text.ts';

/** The tables named `kube-proxy` among lines of family, name and number of chains, as knowledge/nftTablesScript.ts prints them. */
export function parseNftTables(text: string): Parsed<readonly NftTable[]> {
  const tables: NftTable[] = [];
  for (const line of linesOf(text)) {
    if (line === '') continue;
    const [, family = '', name, chains] = /^(\S+) (\S*) (\d+)$/.exec(line) ?? [];
    if (chains === undefined) return unparsed(`a line that is no table: ${excerptOf(line)}`);
    if (name === 'kube-proxy') tables.push({ family, chains: Number(chains) });
  }
  return parsed(tables);
}
