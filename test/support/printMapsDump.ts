import { wordsOfFlags } from '../../src/model/lb/lbFlags.ts';
import type { LbTable } from '../../src/model/lb/LbTable.ts';

/**
 * Prints a table as `lb/maps-dump` does, so that reading and printing can be compared. Shares of Maglev tables
 * are not kept: `(1)`.
 */
export function printMapsDump(table: LbTable): string {
  const lines: string[] = [];
  for (const [id, { key, state }] of table.backends) lines.push(`BE: ID=${id} ADDR=${key} STATE=${state ?? ''}`);
  for (const [id, address] of table.revNat ?? []) lines.push(`REV: ID=${id} ADDR=${address}`);
  for (const [id, backends] of table.affinity ?? [])
    lines.push(...backends.map((backend) => `AFF: ID=${id} BEID=${backend}`));
  for (const [id, cidrs] of table.sourceRanges ?? [])
    lines.push(...cidrs.map((cidr) => `SRCRANGE: ID=${id} CIDR=${cidr}`));
  for (const [id, backends = []] of table.maglev ?? [])
    lines.push(`MAGLEV: ID=${id} INNER=[${backends.map((backend) => `${backend}(1)`).join(', ')}]`);
  for (const frontend of table.frontends.values()) {
    const { key, id, algorithm, affinityTimeout, l7ProxyPort, count, inactiveCount } = frontend;
    const flags = `FLAGS=${wordsOfFlags(frontend.flags.type, frontend.flags.names).join('+')}`;
    const union =
      l7ProxyPort === undefined ? `LBALG=${algorithm} AFFTimeout=${affinityTimeout}` : `L7Proxy=${l7ProxyPort}`;
    if (frontend.hasMaster)
      lines.push(`SVC: ID=${id} ADDR=${key} SLOT=0 ${union} COUNT=${count} QCOUNT=${inactiveCount} ${flags}`);
    for (const { number, backendId } of frontend.slots)
      lines.push(`SVC: ID=${id} ADDR=${key} SLOT=${number} BEID=${backendId} COUNT=0 QCOUNT=0 ${flags}`);
  }
  return lines
    .toSorted()
    .map((line) => `${line}\n`)
    .join('');
}
