import { type Fact, known, type Missing, missing } from '../../model/Fact.ts';
import type { ProxyTable } from '../../model/lb/ProxyTable.ts';
import { joinTables } from './joinTables.ts';

/** A table of kube-proxy's that was found, and what showed it. */
export interface FoundTable {
  readonly table: ProxyTable;
  /** `nft`, `legacy`: the backend of iptables. */
  readonly backend: 'nft' | 'legacy' | undefined;
  readonly source: string;
}

/**
 * The one table by which packets go, of all that were found on a node. A kube-proxy that changed its mode or its
 * backend leaves rules behind; where two sets of them are in effect at once, none says what becomes of a connection.
 * @param unread what could not be read, in which others may be
 */
export function chooseTable(found: readonly FoundTable[], unread: readonly Missing[]): Fact<ProxyTable> {
  const hooked = found.filter(({ table }) => table.hooked);
  const candidates = hooked.length > 0 ? hooked : found;
  const [first] = candidates;
  if (first === undefined) {
    return (
      unread.find((why) => why.missing !== 'notCollected') ??
      unread[0] ??
      missing('absent', 'no rules of kube-proxy are on this node')
    );
  }
  const kinds = new Set(candidates.map(kindOf));
  if (kinds.size > 1) {
    const both = [...kinds].join(' and in ');
    return missing(
      'unparsed',
      `rules of kube-proxy are in ${both} at once, so none of them says what becomes of a connection`,
    );
  }
  return known(joinTables(candidates.map(({ table }) => table)) ?? first.table, first.source);
}

function kindOf({ table, backend }: FoundTable): string {
  switch (table.mode) {
    case 'nftables':
      return 'nftables';
    case 'ipvs':
      return 'IPVS';
    case 'iptables':
      return backend === undefined ? 'iptables' : `iptables (${backend})`;
    default:
      return table.mode satisfies never;
  }
}
