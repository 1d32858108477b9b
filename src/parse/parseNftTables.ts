import type { NftTable } from '../model/NodeFacts.ts';
import { type Parsed, parsed, unparsed } from './Parsed.ts';
import { excerptOf, linesOf } from './text.ts';

/** linux: include/uapi/linux/netfilter.h, NFPROTO_… */
const families: ReadonlyMap<string, string> = new Map([
  ['1', 'inet'],
  ['2', 'ip'],
  ['3', 'arp'],
  ['5', 'netdev'],
  ['7', 'bridge'],
  ['10', 'ip6'],
]);

const line = /^(?:table )?(\d+|inet|ip6?|arp|netdev|bridge) (\S+)(?: (\d+))?$/;

/**
 * The tables named `kube-proxy` among those that knowledge/nftTablesScript.ts prints: `2 kube-proxy` by netlink's
 * number of the family, or `table ip kube-proxy` by nft itself; a number behind the name is that of its chains.
 */
export function parseNftTables(text: string): Parsed<readonly NftTable[]> {
  const tables: NftTable[] = [];
  for (const one of linesOf(text)) {
    if (one === '') continue;
    const [, family, name, chains] = line.exec(one) ?? [];
    if (family === undefined) return unparsed(`a line that is no table: ${excerptOf(one)}`);
    if (name !== 'kube-proxy') continue;
    tables.push({ family: families.get(family) ?? family, chains: chains === undefined ? undefined : Number(chains) });
  }
  return parsed(tables);
}
