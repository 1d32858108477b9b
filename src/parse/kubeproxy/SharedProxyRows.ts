import { ownText } from '../text.ts';
import type { FrontendKey } from '../../model/lb/keys.ts';
import type { ProxyRow, ProxyTable } from '../../model/lb/ProxyTable.ts';
import { IpvsSigns } from './rowsOfIptables.ts';

/** Rows that many nodes have, held once: most of a table is the same on each of them. */
export class SharedProxyRows {
  readonly ipvs = new IpvsSigns();
  readonly #rows = new Map<string, ProxyRow>();

  share(table: ProxyTable): ProxyTable {
    const rows = new Map<FrontendKey, ProxyRow>();
    for (const row of table.rows.values()) {
      const own = this.#row(row);
      rows.set(own.key, own);
    }
    const { mode, families, hooked, notUnderstood } = table;
    return { mode, families, hooked, notUnderstood, rows };
  }

  #row(row: ProxyRow): ProxyRow {
    const text = JSON.stringify(row);
    let known = this.#rows.get(text);
    if (known === undefined) this.#rows.set(text, (known = withOwnTexts(row, text)));
    return known;
  }
}

/** By way of its text, nothing is left of that from which it was read. */
const withOwnTexts = ({ service, doubt }: ProxyRow, text: string): ProxyRow => ({
  ...(JSON.parse(text) as ProxyRow),
  service: service === undefined ? undefined : ownText(service),
  doubt,
});
