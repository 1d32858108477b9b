import { listNames } from '../text/names.ts';
import { visible } from '../text/visible.ts';
import type { Verbosity } from '../text/Style.ts';
import { glued } from '../text/wrap.ts';
import { ageOf, baseName, type Header, renderHeader, shortName } from './renderHeader.ts';
import { Page } from './Page.ts';
import { renderVerdict } from './renderVerdict.ts';
import type { FrontendReport, PathReport, TraceDocument } from './TraceDocument.ts';
import {
  type BackendLine,
  backendLines,
  type BackendLines,
  firstCode,
  frontendFacts,
  frontendName,
  hasTable,
  origins,
  traceHeadline,
  traceShort,
  tableNotUsed,
  verdictSymbols,
} from './traceWords.ts';
import type { View } from './View.ts';

/** Where the texts of a frontend begin. */
const indent = 12;
const label = (word: string): { label: string; labelPaint: 'dim'; indent: number } => ({
  label: `    ${word}`,
  labelPaint: 'dim',
  indent,
});

/**
 * The answer of `trace` for people: for each frontend the verdict first, then who does it, how, and
 * with which backends.
 */
export function renderTrace(document: TraceDocument, options: View): string {
  const page = new Page(options);
  const { detail } = options;
  if (detail !== 'quiet') renderHead(page, document, options);
  renderPaths(page, document, detail);
  page.blank();
  renderExit(page, document);
  return page.toString();
}

export function renderPaths(page: Page, { paths, connection }: TraceDocument, detail: Verbosity): void {
  for (const path of paths) {
    page.blank();
    page.prose(`${origins[connection.from]} ${listNames(path.nodes, detail === 'verbose')}`, { paint: 'bold' });
    renderPath(page, path, detail);
  }
}

function renderHead(page: Page, document: TraceDocument, view: View): void {
  renderHeader(page, headerOf(document, view.now));
  renderVerdict(page, traceHeadline(document), verdictMarks[document.verdict], view);
  if (document.noBalancer === null) return;
  page.blank();
  page.prose(`LoadBalancer: ${document.noBalancer}`, { label: `${page.symbols.warning} `, indent: 2 });
}

/** What was asked for, where it was looked up, and how long that took. */
function headerOf(document: TraceDocument, now: number): Header {
  const { service, connection, cluster, source, takenAt, durationMs } = document;
  const name = source.kind === 'live' ? visible(cluster.context ?? 'live') : baseName(source.file);
  const age = source.kind === 'live' ? '' : `, ${ageOf(takenAt, now)}`;
  const who = connection.address === null ? '' : `, who answers at ${connection.address}`;
  return {
    typed: 'kubectl kpr trace',
    nameColumns: name.length,
    facts: (columns) => [
      shortName(name, columns) + age,
      visible(`${service.namespace}/${service.name}${who}`),
      service.type === 'hostPort' ? 'hostPort of a pod' : `${visible(service.type)} Service`,
      ...(cluster.ciliumVersions.length === 0 ? [] : [`Cilium ${visible(listNames(cluster.ciliumVersions))}`]),
      `${(durationMs / 1000).toFixed(1)} s`,
    ],
  };
}

function renderPath(page: Page, path: PathReport, detail: Verbosity): void {
  if (path.unknown !== null) {
    page.prose(`not known: ${path.unknown.detail}`, {
      label: `${page.symbols.unknown} `,
      labelPaint: 'unknown',
      indent: 2,
    });
  }
  if (path.none !== null) page.prose(`no frontend: ${path.none}`, { label: `${page.symbols.skipped} `, indent: 2 });
  for (const frontend of path.frontends) renderFrontend(page, frontend, detail);
  for (const { code, row, settling, text } of path.beside) {
    const severity = settling ? 'unknown' : 'error';
    page.prose(`${glued(`${code} ${row ?? ''}`)}, which such a connection does not use: ${text}`, {
      label: `${page.symbols[severity]} `,
      labelPaint: severity,
      indent: 2,
    });
  }
  if (path.assumed !== null && detail !== 'quiet') {
    const why = path.assumed === path.unknown?.detail ? '' : `: ${path.assumed}`;
    page.prose(`by configuration, because the agent does not tell what is in effect${why}`, {
      indent: 4,
      paint: 'dim',
    });
  }
}

function renderFrontend(page: Page, one: FrontendReport, detail: Verbosity): void {
  const [symbol, paint] = verdictSymbols[one.verdict];
  page.prose(`${glued(`${frontendName(one)} `)} ${one.summary}`, {
    label: `${page.symbols[symbol]} `,
    labelPaint: paint,
    indent: 2,
  });
  if (detail === 'quiet' || one.verdict === 'notServed') return;
  for (const [word, text] of frontendFacts(one, detail === 'verbose'))
    page.prose(text, word === '' ? { indent } : label(word));
  if (!hasTable(one)) return;
  if (detail === 'verbose') page.verbatim(one.rows.join('\n'), label('rows'));
  renderBackends(page, backendLines(one), detail);
}

const backendsShown = 10;

function renderBackends(page: Page, lines: BackendLines | undefined, detail: Verbosity): void {
  if (lines === undefined) return;
  const { detached, odd, serving, idle, nowhere } = lines;
  const isUsed = detached.length === 0;
  if (!isUsed) page.prose(tableNotUsed(detached), { indent: 4 });
  const all = [...odd, ...serving, ...idle, ...(nowhere === undefined ? [] : [nowhere])];
  const width = Math.max('share'.length, ...all.map(({ share }) => share.length));
  const start = (expected: string, found: string, share: string): string =>
    `    ${expected.padEnd(10)}${found.padEnd(8)}${share.padEnd(width + 2)}`;
  const column = start('', '', '').length;
  const print = ({ expected, found, share, text, isOdd }: BackendLine): void =>
    page.prose(text, {
      label: start(expected, found, share),
      labelPaint: isOdd ? 'error' : undefined,
      indent: column,
    });
  const usual = [...odd, ...serving].slice(0, Math.max(backendsShown, odd.length));
  const shown = detail === 'verbose' ? [...odd, ...serving, ...idle] : usual;
  page.verbatim(`${start('expected', isUsed ? 'found' : 'in map', isUsed ? 'share' : '')}backend`, { paint: 'dim' });
  for (const one of shown) print(one);
  if (nowhere !== undefined) print(nowhere);
  if (detail === 'verbose') return;
  const more = odd.length + serving.length - shown.length;
  if (more > 0) page.prose(`and ${more} more (-v)`, { indent: column, paint: 'dim' });
  if (idle.length > 0)
    page.prose(`and ${idle.length} without new connections, as it should be (-v)`, { indent: column, paint: 'dim' });
}

const verdictMarks = { pass: 'ok', fail: 'error', unknown: 'unknown', interrupted: 'unknown' } as const;

function renderExit(page: Page, document: TraceDocument): void {
  const { verdict, exitCode } = document;
  const code = firstCode(document);
  // What a row shows is seldom where it comes from: a node's agent that hangs, for one.
  const cause = `; ${glued('kubectl kpr doctor')} names the cause`;
  const next = verdict === 'fail' && code !== undefined ? `. ${glued(`kubectl kpr explain ${code}`)}${cause}` : '';
  page.prose(`${traceShort(document)}${next}`, { label: `exit ${exitCode}: `, labelPaint: verdictMarks[verdict] });
}
