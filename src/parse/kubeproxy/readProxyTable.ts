import { type Fact, isKnown, type Missing, missing } from '../../model/Fact.ts';
import type { ProxyTable } from '../../model/lb/ProxyTable.ts';
import type { IptablesDump, NftTable } from '../../model/NodeFacts.ts';
import { chooseTable, type FoundTable } from './chooseTable.ts';
import { hasIpvsRules, rowsOfIptables } from './rowsOfIptables.ts';

/** The table by which packets go, as the kube-proxy pod of the node sees it. */
export function tableOfPod(iptables: readonly IptablesDump[], nft: Fact<ProxyTable | undefined>): Fact<ProxyTable> {
  const { found, unread } = inIptables(iptables);
  if (!isKnown(nft)) unread.push(nft);
  else if (nft.value !== undefined) found.push({ table: nft.value, backend: undefined, source: nft.source });
  return chooseTable(found, unread);
}

/** The same from what the node's agent sees: its image has both backends of iptables, but no nft. */
export function tableOfAgent(
  iptables: Fact<readonly IptablesDump[]>,
  nftTables: Fact<readonly NftTable[]>,
): Fact<ProxyTable> {
  if (!isKnown(iptables)) return iptables;
  const { found, unread } = inIptables(iptables.value);
  if (isKnown(nftTables) && nftTables.value.some(({ chains }) => chains !== 0)) {
    return missing('absent', 'kube-proxy has rules in nftables, which the agent’s image can’t print');
  }
  return chooseTable(found, unread);
}

/** The pod's word, or where there is none, the agent's: it sees the same kernel, but not all of it. */
export function eitherTable(ofPod: Fact<ProxyTable>, ofAgent: Fact<ProxyTable>): Fact<ProxyTable> {
  if (isKnown(ofPod)) return ofPod;
  return isKnown(ofAgent) || ofPod.missing === 'absent' || ofPod.missing === 'notCollected' ? ofAgent : ofPod;
}

function inIptables(dumps: readonly IptablesDump[]): { found: FoundTable[]; unread: Missing[] } {
  const found: FoundTable[] = [];
  const unread: Missing[] = [];
  for (const { backend, family, tables } of dumps) {
    if (!isKnown(tables)) {
      unread.push(tables);
      continue;
    }
    const table = rowsOfIptables(tables.value, family);
    if (table !== undefined) found.push({ table, backend, source: tables.source });
    else if (hasIpvsRules(tables.value))
      unread.push(missing('unparsed', 'kube-proxy runs in IPVS mode here, which is not read as rows'));
  }
  return { found, unread };
}
