import type { NftTable } from '../model/NodeFacts.ts';
import { type Parsed, parsed, unparsed } from './Parsed.ts';
import { excerptOf, linesOf } from './text.ts';

/**
 * The tables named `kube-proxy` among those that knowledge/nftTablesScript.ts prints: `2 kube-proxy` by netlink's number of the
 * family, or `table ip kube-proxy` by nft itself.
 */
export function parseNftTables(text: string): Parsed<readonly NftTable[]> {
  const found: NftTable[] = [];
  for (const line of linesOf(text)) {
    if (line === '') continue;
    const [, family = '', name] = /^(?:(?=\d+ )|table )(\S+) (.*)$/.exec(line) ?? [];
    if (name === undefined) return unparsed(`a line that is no table: ${excerptOf(line)}`);
    if (name === 'kube-proxy') found.push({ family: families.get(family) ?? family, chains: undefined });
  }
  return parsed(found);
}

/** linux: include/uapi/linux/netfilter.h, NFPROTO_… */
const families: ReadonlyMap<string, string> = new Map([
  ['1', 'inet'],
  ['2', 'ip'],
  ['3', 'arp'],
  ['5', 'netdev'],
  ['7', 'bridge'],
  ['10', 'ip6'],
]);
