import type { Ipset } from '../../model/Ipset.ts';
import type { IpvsTable } from '../../model/Ipvs.ts';
import { type Fact, isKnown, type Missing, missing, valueOf } from '../../model/Fact.ts';
import type { Family } from '../../model/lb/address.ts';
import type { ProxyTable } from '../../model/lb/ProxyTable.ts';
import type { IptablesDump, NetworkInterface, NftTable } from '../../model/NodeFacts.ts';
import { chooseTable, type FoundTable } from './chooseTable.ts';
import { hasIpvsRules, rowsOfIptables } from './rowsOfIptables.ts';
import { rowsOfIpvs } from './rowsOfIpvs.ts';
import { SharedProxyRows } from './SharedProxyRows.ts';

/** What shows the IPVS mode, as the node's agent sees it. */
export interface IpvsFacts {
  readonly ipvs: Fact<IpvsTable>;
  readonly sets: Fact<readonly Ipset[]>;
  readonly interfaces: Fact<readonly NetworkInterface[]>;
}

/** The table by which packets go, as the kube-proxy pod of the node sees it. */
export function tableOfPod(
  iptables: readonly IptablesDump[],
  nft: Fact<ProxyTable | undefined>,
  ipvs: IpvsFacts,
  shared: SharedProxyRows = new SharedProxyRows(),
): Fact<ProxyTable> {
  const search = new Search(iptables, ipvs, shared);
  if (!isKnown(nft)) search.unread.push(nft);
  else if (nft.value !== undefined) search.found.push({ table: nft.value, backend: undefined, source: nft.source });
  return search.choose();
}

/** The same from what the node's agent sees: its image has both backends of iptables, but no nft. */
export function tableOfAgent(
  iptables: Fact<readonly IptablesDump[]>,
  nftTables: Fact<readonly NftTable[]>,
  ipvs: IpvsFacts,
  shared: SharedProxyRows = new SharedProxyRows(),
): Fact<ProxyTable> {
  if (!isKnown(iptables)) return iptables;
  if (isKnown(nftTables) && nftTables.value.some(({ chains }) => chains !== 0)) {
    return missing('absent', 'kube-proxy has rules in nftables, which the agent’s image can’t print');
  }
  return new Search(iptables.value, ipvs, shared).choose();
}

/** What the pod says or, where there is none, what the agent says: it sees the same kernel, but not all of it. */
export function eitherTable(ofPod: Fact<ProxyTable>, ofAgent: Fact<ProxyTable>): Fact<ProxyTable> {
  // What contradicts itself in the eyes of the pod does not become plain by looking at a part of it.
  if (isKnown(ofPod) || ofPod.missing === 'unparsed') return ofPod;
  return isKnown(ofAgent) || ofPod.missing === 'absent' || ofPod.missing === 'notCollected' ? ofAgent : ofPod;
}

class Search {
  readonly found: FoundTable[] = [];
  readonly unread: Missing[] = [];
  readonly #ipvs: IpvsFacts;
  readonly #shared: SharedProxyRows;
  readonly #ofIpvs = new Set<Family>();

  constructor(dumps: readonly IptablesDump[], ipvs: IpvsFacts, shared: SharedProxyRows) {
    this.#ipvs = ipvs;
    this.#shared = shared;
    for (const { backend, family, tables } of dumps) {
      if (!isKnown(tables)) {
        this.unread.push(tables);
        continue;
      }
      const table = rowsOfIptables(tables.value, family, shared.ipvs);
      if (table !== undefined) this.found.push({ table, backend, source: tables.source });
      else if (hasIpvsRules(tables.value, shared.ipvs)) this.#ofIpvs.add(family);
    }
  }

  /** Where there are rules of another mode, packets meet them before IPVS: what is left of it does not count. */
  choose(): Fact<ProxyTable> {
    if (this.#ofIpvs.size > 0 || this.found.length === 0) this.#addIpvs();
    return chooseTable(this.found, this.unread);
  }

  #addIpvs(): void {
    const { ipvs, sets, interfaces } = this.#ipvs;
    const unread = [ipvs, ...(isKnown(interfaces) ? [] : [sets])].find((fact) => !isKnown<unknown>(fact));
    if (!isKnown(ipvs) || unread !== undefined) {
      if (this.#ofIpvs.size > 0 && unread !== undefined && !isKnown<unknown>(unread)) this.unread.unshift(unread);
      return;
    }
    const table = rowsOfIpvs({
      ipvs: ipvs.value,
      sets: valueOf(sets),
      interfaces: valueOf(interfaces),
      families: this.#ofIpvs,
    });
    if (table !== undefined)
      this.found.push({ table: this.#shared.share(table), backend: undefined, source: ipvs.source });
  }
}
