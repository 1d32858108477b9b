import { detailsOf, reasonsOf } from '../outline/reasonsOf.ts';
import { nameOf } from '../../remedy/valuesOf.ts';
import type { DiffDocument } from '../diff/DiffDocument.ts';
import { outlineOf } from '../outline/outlineOf.ts';
import type { ReportDocument } from '../ReportDocument.ts';
import type { FrontendReport, TraceDocument } from '../TraceDocument.ts';
import type { View } from '../View.ts';
import { type ColumnsRow, namesCell, renderColumns } from './columns.ts';

/** A line for each finding, for what is lost since before, and for what could not be judged; then the verdict. */
export function renderReportWide(report: ReportDocument, view: View): string {
  const { headline } = outlineOf(report);
  const rows: ColumnsRow[] = [
    ...report.findings.map(({ severity, code, harm, nodes, objects, message }) => ({
      cells: [severity, code, harm, namesCell(nodes), namesCell(objects.map(nameOf)), message],
      paint: severity,
    })),
    ...(report.against?.lost ?? []).map(({ severity, code, nodes, service, frontend, what }) => ({
      cells: [
        severity,
        code ?? '',
        'now',
        namesCell(nodes),
        `Service ${service}`,
        `${frontend}: ${what} not as before`,
      ],
      paint: severity,
    })),
    ...(report.suppressions?.suppressed ?? []).map(({ code, nodes, objects, message, reason, until }) => ({
      cells: [
        'suppressed',
        code,
        '',
        namesCell(nodes),
        namesCell(objects.map(nameOf)),
        `${message} (${reason}; until ${until})`,
      ],
      paint: 'dim' as const,
    })),
    ...report.checks.flatMap(({ id, unknown }) =>
      unknown.length === 0
        ? []
        : {
            cells: [
              'unknown',
              '',
              '',
              namesCell([...new Set(unknown.flatMap(({ node }) => node ?? []))]),
              '',
              `${id}: ${reasonsOf(detailsOf(unknown)).join('; ')}`,
            ],
            paint: 'unknown' as const,
          },
    ),
  ];
  const heads = ['SEVERITY', 'CODE', 'HARM', 'NODES', 'OBJECTS', 'MESSAGE'];
  return (
    (rows.length === 0 ? '' : renderColumns(heads, rows, view)) +
    lastLine(report.exitCode, `${headline.word}: ${headline.short}`, view)
  );
}

/** A line for each frontend on each group of nodes with the same answer. */
export function renderTraceWide(document: TraceDocument, view: View): string {
  const rows = document.paths.flatMap(({ nodes, frontends, unknown, none }): ColumnsRow[] =>
    frontends.length === 0
      ? [{ cells: [namesCell(nodes), '', 'unknown', '', '', unknown?.detail ?? none ?? ''] }]
      : frontends.map((one) => ({
          cells: [
            namesCell(nodes),
            `${one.type} ${one.address ?? '*'}:${one.port}/${one.protocol}`,
            one.verdict,
            one.way.translator,
            backendsCell(one),
            one.summary,
          ],
          ...(one.verdict === 'different' ? { paint: 'error' } : {}),
        })),
  );
  const heads = ['NODES', 'FRONTEND', 'VERDICT', 'BY', 'BACKENDS', 'SUMMARY'];
  return renderColumns(heads, rows, view) + lastLine(document.exitCode, document.verdict, view);
}

/** How many of the backends that new connections are expected to reach they do reach. */
function backendsCell({ backends }: FrontendReport): string {
  const expected = backends.filter((one) => one.expected === 'yes');
  return `${expected.filter(({ found }) => found === 'yes').length}/${expected.length}`;
}

/** A line for each thing that changed, or could not be compared. */
export function renderDiffWide(
  { services, iptables, objects, unknown, exitCode, verdict }: DiffDocument,
  view: View,
): string {
  const rows: ColumnsRow[] = [
    ...services.map(({ change, nodes, service, frontends }) => ({
      cells: [change, namesCell(nodes), `Service ${service}`, namesCell(frontends.map(({ frontend }) => frontend))],
    })),
    ...iptables.map(({ change, nodes, backend, family, table, chain, owner, removed, added }) => ({
      cells: [
        change,
        namesCell(nodes),
        `iptables ${table} ${chain}`,
        `${backend}, ${family}, of ${owner}: ${removed.length} removed, ${added.length} added`,
      ],
    })),
    ...objects.map(({ change, nodes, kind, name, before, after }) => ({
      cells: [change, namesCell(nodes), `${kind} ${name}`, `${before ?? ''} → ${after ?? ''}`],
    })),
    ...unknown.flatMap(({ harmless, nodes, what, detail }): ColumnsRow[] =>
      harmless ? [] : [{ cells: ['unknown', namesCell(nodes), what, detail], paint: 'unknown' }],
    ),
  ];
  const table = rows.length === 0 ? '' : renderColumns(['CHANGE', 'NODES', 'WHAT', 'HOW'], rows, view);
  return table + lastLine(exitCode, verdict, view);
}

const lastLine = (exitCode: number, text: string, view: View): string =>
  renderColumns([`exit ${exitCode}: ${text}`], [], view);
