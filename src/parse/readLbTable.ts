import { type Fact, known, type Missing, missing } from '../model/Fact.ts';
import { bracketed } from '../model/lb/address.ts';
import type { LbTable } from '../model/lb/LbTable.ts';
import type { RawNode } from '../model/raw.ts';
import type { Parsed } from './Parsed.ts';
import { parseBpfLbList } from './lb/parseBpfLbList.ts';
import { parseLbMaps } from './lb/parseLbMaps.ts';
import { parseServiceList } from './lb/parseServiceList.ts';
import { answerText } from './readAnswer.ts';
import { isUnneeded, type LbDump, notPinned, readLbDump } from './readLbDump.ts';

/**
 * The load-balancing maps of a node: their entries, or where those were not read, what `bpf lb list` prints of them.
 * Without `--frontends` nobody can tell which slots take new connections, so both outputs are needed; what the others
 * add (source ranges, reverse NAT) may be missing without harm to the rest.
 */
export function readLbTable(raw: RawNode, dump: LbDump | Missing | undefined = readLbDump(raw)): Fact<LbTable> {
  if (dump !== undefined) return 'missing' in dump ? dump : readDumped(dump);
  const { answers } = raw;
  const list = answerText(answers.lbList);
  const frontends = answerText(answers.lbFrontends);
  if ('missing' in list) return list;
  if ('missing' in frontends) return frontends;
  const textOf = (answer: (typeof answers)['lbList']): string | undefined => {
    const out = answerText(answer);
    return 'missing' in out ? undefined : out.text;
  };
  const table = parseBpfLbList({
    list: list.text,
    frontends: frontends.text,
    backends: textOf(answers.lbBackends),
    revnat: textOf(answers.lbRevnat),
    sourceRanges: textOf(answers.lbSourceRanges),
  });
  if (table.unreadable !== undefined) return missing('unparsed', table.unreadable);
  // Nothing is pinned, though the API server at least is a Service: programs go on with maps that they hold, and nobody
  // sees what is in these.
  if (table.frontends.size === 0 && answers.lbDump !== undefined && !isUnneeded(answers.lbDump))
    return missing('absent', notPinned('cilium_lb4_services_v2'));
  if (isUncounted(table))
    return missing('unparsed', `${frontends.command} was not understood: it counts no row's slots`);
  return known(withOwnRevNat(table), list.command);
}

/**
 * A fault takes some entries of reverse NAT. Where more than a quarter of the rows have none, the other output was cut
 * between two lines, or is another node's, where IDs are given in another order: it tells nothing then.
 */
function withOwnRevNat(table: LbTable): LbTable {
  const { revNat, frontends } = table;
  if (revNat === undefined) return table;
  let rows = 0;
  let lacking = 0;
  for (const { hasMaster, id, address, port } of frontends.values()) {
    if (!hasMaster || id === 0) continue;
    rows += 1;
    if (revNat.get(id) !== `${bracketed(address)}:${port}`) lacking += 1;
  }
  if (lacking * 4 <= rows) return table;
  return withoutRevNat(table, `bpf lb list --revnat is not of this table: it lacks ${lacking} of ${rows} rows`);
}

/** The table, where reverse NAT is not to be believed, and why. */
export function withoutRevNat(table: LbTable, why: string): LbTable {
  const notUnderstood = [...table.notUnderstood, { line: 'bpf lb list --revnat', why }];
  return { ...table, revNat: undefined, notUnderstood };
}

function readDumped({ maps, command }: LbDump): Fact<LbTable> {
  const table = parseLbMaps(maps);
  return table.unreadable === undefined ? known(table, command) : missing('unparsed', table.unreadable);
}

/**
 * Rows would be judged by all their slots, those that take no connections among them. (Torn rows are
 * not judged at all.)
 */
const isUncounted = ({ frontends, torn }: LbTable): boolean =>
  frontends.size > 0 && ![...frontends.values()].some(({ key, count }) => count !== undefined || torn.has(key));

export function readAgentTable(text: string): Parsed<LbTable> {
  const table = parseServiceList(text);
  return table.unreadable === undefined ? { ok: true, value: table } : { ok: false, why: table.unreadable };
}
