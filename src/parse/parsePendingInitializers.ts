import { type Parsed, parsed } from './Parsed.ts';
import { readTable } from './readTable.ts';

/** Tables of load balancing, which are filled together (cilium: pkg/loadbalancer/writer). */
const ofLoadBalancing: ReadonlySet<string> = new Set(['frontends', 'backends', 'services']);

/**
 * `cilium-dbg shell -- db`: all tables of the agent, with what each still waits for: `[k8s-services k8s-endpoints]`.
 * Before 1.18 load balancing is in no table, and an agent answers only when it has listed everything.
 */
export function parsePendingInitializers(text: string): Parsed<readonly string[]> {
  const table = readTable(text, ['Name', 'Initializers']);
  if (!table.ok) return table;
  const rows = table.value.filter((row) => ofLoadBalancing.has(row.cell('Name')));
  return parsed([...new Set(rows.flatMap((row) => wordsOf(row.cell('Initializers'))))]);
}

const wordsOf = (cell: string): readonly string[] =>
  cell
    .replaceAll(/[[\]]/g, '')
    .split(/[\s,]+/)
    .filter((word) => word !== '');
