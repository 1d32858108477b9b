import type { ObjectRef } from '../../core/Finding.ts';
import { visibleName } from '../../text/visible.ts';
import type { DiffDocument } from '../diff/DiffDocument.ts';
import type { ReportDocument } from '../ReportDocument.ts';
import type { TraceDocument } from '../TraceDocument.ts';

/*
 * -o name: a line for each thing, its fields between blanks, for grep, awk and xargs. A field that may hold several
 * names has commas between them, and one that holds none is -.
 */

/** `KPR4001 error n1,n2 Service/shop/cart`; with --against also what is lost, and what is unknown by its check. */
export const renderReportNames = ({ findings, checks, against, suppressions }: ReportDocument): string =>
  linesOf([
    ...findings.map(({ code, severity, nodes, objects }) => [[code], [severity], nodes, objects.map(pathOf)]),
    ...(suppressions?.suppressed ?? []).map(({ code, nodes, objects }) => [
      [code],
      ['suppressed'],
      nodes,
      objects.map(pathOf),
    ]),
    ...(against?.lost ?? []).map(({ code, severity, nodes, service }) => [
      [code ?? 'against'],
      [severity],
      nodes,
      [`Service/${service}`],
    ]),
    ...checks.flatMap(({ id, unknown }) =>
      unknown.length === 0 ? [] : [[[id], ['unknown'], unknown.flatMap(({ node }) => node ?? []), []]],
    ),
  ]);

/** `fail n1,n2 Service/shop/cart` */
export const renderTraceNames = ({ service, paths }: TraceDocument): string =>
  linesOf(paths.map(({ nodes, verdict }) => [[verdict], nodes, [`Service/${service.namespace}/${service.name}`]]));

/** `changed n1,n2 Service/shop/cart`, `removed n1 iptables/nat/KUBE-SVC-X` */
export const renderDiffNames = ({ services, iptables, objects, unknown }: DiffDocument): string =>
  linesOf([
    ...services.map(({ change, nodes, service }) => [[change], nodes, [`Service/${service}`]]),
    ...iptables.map(({ change, nodes, table, chain }) => [[change], nodes, [`iptables/${table}/${chain}`]]),
    ...objects.map(({ change, nodes, kind, name }) => [[change], nodes, [`${kind}/${name}`]]),
    ...unknown.flatMap(({ harmless, nodes, what }) => (harmless ? [] : [[['unknown'], nodes, [what]]])),
  ]);

const pathOf = ({ kind, namespace, name }: ObjectRef): string =>
  [kind, namespace, name].filter((part) => part !== undefined).join('/');

const linesOf = (rows: readonly (readonly (readonly string[])[])[]): string =>
  rows.map((fields) => `${fields.map(fieldOf).join(' ')}\n`).join('');

/** Names have no blanks and no commas, but who wrote an archive may not know that. */
const fieldOf = (names: readonly string[]): string =>
  names.length === 0
    ? '-'
    : [...new Set(names)].map((name) => visibleName(name).replaceAll(/[\s,]/g, '_') || '-').join(',');
