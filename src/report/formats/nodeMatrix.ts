import type { Severity } from '../../core/Problem.ts';
import { type Area, areas } from '../../knowledge/codes.ts';
import type { CheckReport, ReportDocument } from '../ReportDocument.ts';

export type CellState = Severity | 'unknown' | 'ok' | 'skipped';

export interface NodeRow {
  /** null: the cluster as a whole. */
  readonly node: string | null;
  /** In the order of the matrix's areas. */
  readonly cells: readonly CellState[];
}

/** What is known of each node, area by area. */
export interface NodeMatrix {
  readonly areas: readonly Area[];
  readonly rows: readonly NodeRow[];
}

const ranks: Readonly<Record<CellState, number>> = { error: 0, warning: 1, unknown: 2, info: 3, ok: 4, skipped: 5 };

/** Nodes with the worst first. A node that was not read is unknown wherever nothing is found. */
export function nodeMatrix(report: ReportDocument): NodeMatrix {
  const used = areas.filter((area) => report.checks.some((check) => check.area === area));
  const columns = used.map((area) => columnOf(report, area));
  const { names, notRead } = report.coverage.nodes;
  const unread = new Set(notRead.map(({ node }) => node));
  const rows = [...names, ...unread].map((node) => ({
    node,
    cells: columns.map((column) => worst([column(node), unread.has(node) ? 'unknown' : 'skipped'])),
  }));
  const cluster = { node: null, cells: columns.map((column) => column(null)) };
  return { areas: used, rows: [cluster, ...rows.toSorted((a, b) => ranks[worst(a.cells)] - ranks[worst(b.cells)])] };
}

/** Of one area: what is known of a node, or (null) of the cluster. */
function columnOf({ checks, findings, suppressions }: ReportDocument, area: Area): (node: string | null) => CellState {
  const own = checks.filter((check) => check.area === area);
  const ids = new Set(own.map(({ id }) => id));
  const states = new Map<string | null, CellState>();
  const note = (node: string | null, state: CellState): void =>
    void states.set(node, worst([state, states.get(node) ?? 'skipped']));
  for (const { check, nodes, severity } of findings)
    if (ids.has(check)) for (const node of nodes.length === 0 ? [null] : nodes) note(node, severity);
  // What is suppressed is not fine either.
  for (const { code, nodes } of suppressions?.suppressed ?? [])
    if (own.some(({ codes }) => codes.includes(code)))
      for (const node of nodes.length === 0 ? [null] : nodes) note(node, 'info');
  for (const { unknown } of own) for (const { node } of unknown) note(node, 'unknown');
  const otherwise = own.every(isSkipped) ? 'skipped' : 'ok';
  // What could be judged of no node was judged of none of them.
  const everywhere = states.get(null) === 'unknown' || own.some(isUnknownEverywhere) ? 'unknown' : otherwise;
  return (node) => worst([states.get(node) ?? 'skipped', node === null ? otherwise : everywhere]);
}

const isSkipped = ({ result }: CheckReport): boolean => result === 'skipped';
const isUnknownEverywhere = ({ unknown }: CheckReport): boolean => unknown.some(({ node }) => node === null);

const worst = (states: readonly CellState[]): CellState =>
  states.reduce((a, b) => (ranks[b] < ranks[a] ? b : a), 'skipped');
