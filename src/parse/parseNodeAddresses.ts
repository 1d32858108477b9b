import ipaddr from 'ipaddr.js';
import type { NodeAddress } from '../model/NodeFacts.ts';
import { type Parsed, parsed, unparsed } from './Parsed.ts';
import { readTable } from './readTable.ts';
import { excerptOf } from './text.ts';

/** `cilium-dbg shell -- db/show node-addresses`, the same as `cilium-dbg statedb node-addresses` of 1.16. */
export function parseNodeAddresses(text: string): Parsed<readonly NodeAddress[]> {
  const table = readTable(text, ['Address', 'NodePort', 'Primary', 'DeviceName']);
  if (!table.ok) return table;
  const odd = table.value.find((row) => !ipaddr.isValid(row.cell('Address')));
  if (odd !== undefined) return unparsed(`a row of the node-addresses table: ${excerptOf(odd.line)}`);
  return parsed(
    table.value.map((row) => ({
      address: row.cell('Address'),
      nodePort: row.cell('NodePort') === 'true',
      primary: row.cell('Primary') === 'true',
      device: row.cell('DeviceName'),
    })),
  );
}
