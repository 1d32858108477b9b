import type { ProxyTable } from '../../model/lb/ProxyTable.ts';

/** The tables of several families or backends of one node as one; undefined: of none. Of a row that two have, the first counts. */
export function joinTables(tables: readonly ProxyTable[]): ProxyTable | undefined {
  const [first] = tables;
  if (first === undefined) return undefined;
  const rows = new Map(first.rows);
  for (const table of tables) for (const [key, row] of table.rows) if (!rows.has(key)) rows.set(key, row);
  return {
    mode: first.mode,
    families: new Set(tables.flatMap(({ families }) => [...families])),
    rows,
    hooked: tables.some(({ hooked }) => hooked),
    notUnderstood: tables.flatMap(({ notUnderstood }) => notUnderstood),
  };
}
