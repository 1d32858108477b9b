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

/** A table of nftables, whoever made it. */
export interface AnyNftTable extends NftTable {
  readonly name: string;
}

/**
 * The tables that programs/agent/nftTables.pl prints: `2 kube-proxy` by netlink's number of the family, or
 * `table ip kube-proxy` by nft itself; a number behind the name is that of its chains.
 */
export function parseAllNftTables(text: string): Parsed<readonly AnyNftTable[]> {
  const tables: AnyNftTable[] = [];
  for (const one of linesOf(text)) {
    if (one === '') continue;
    const [, family, name, chains] = line.exec(one) ?? [];
    if (family === undefined || name === undefined) return unparsed(`a line that is no table: ${excerptOf(one)}`);
    const count = chains === undefined ? undefined : Number(chains);
    tables.push({ family: families.get(family) ?? family, name, chains: count });
  }
  return parsed(tables);
}

/** Those of kube-proxy. */
export const kubeProxysAmong = (tables: readonly AnyNftTable[]): readonly NftTable[] =>
  tables.flatMap(({ name, family, chains }) => (name === 'kube-proxy' ? [{ family, chains }] : []));
