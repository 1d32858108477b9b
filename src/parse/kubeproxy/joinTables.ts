import type { FrontendKey } from '../../model/lb/keys.ts';
import type { ProxyRow, ProxyTable } from '../../model/lb/ProxyTable.ts';
import { lazyProxyTable } from './lazyProxyTable.ts';

/**
 * The tables of several families or backends of one node as one; undefined: of none. Of a row that two have,
 * the first counts.
 */
export function joinTables(tables: readonly ProxyTable[]): ProxyTable | undefined {
  const [first] = tables;
  if (first === undefined || tables.length === 1) return first;
  const head = {
    mode: first.mode,
    families: new Set(tables.flatMap(({ families }) => [...families])),
    hooked: tables.some(({ hooked }) => hooked),
  };
  return lazyProxyTable(head, () => {
    const rows = new Map<FrontendKey, ProxyRow>();
    for (const table of tables) for (const [key, row] of table.rows) if (!rows.has(key)) rows.set(key, row);
    return { rows, notUnderstood: tables.flatMap(({ notUnderstood }) => notUnderstood) };
  });
}
