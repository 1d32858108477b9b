import { listNames } from '../../../text/names.ts';
import { count } from '../../../text/plural.ts';
import type { FrontendReport, PathReport, TraceDocument } from '../../TraceDocument.ts';
import {
  type BackendLine,
  backendLines,
  type BackendLines,
  firstCode,
  frontendFacts,
  frontendName,
  hasTable,
  origins,
  tableNotUsed,
  traceHeadline,
  verdictSymbols,
} from '../../traceWords.ts';
import { type Markup, markup } from '../markup.ts';
import { aboutOf, symbols } from '../plainText.ts';
import { fold, htmlPage, longTable, pre, section, table } from './page.ts';

/** A trace as one page: which nodes differ at which frontends, and each with its backends, expected and found. */
export function renderTraceHtml(document: TraceDocument): string {
  const { service, verdict, paths, connection, noBalancer } = document;
  const { word, text } = traceHeadline(document);
  const code = verdict === 'fail' ? firstCode(document) : undefined;
  return htmlPage({
    title: `kubectl kpr trace ${service.namespace}/${service.name}: ${word}`,
    verdict,
    headline: `${word}: ${text}`,
    about: [
      ...aboutOf(document),
      service.type === 'hostPort' ? 'hostPort of a pod' : `${service.type} Service`,
      ...(connection.address === null ? [] : [`who answers at ${connection.address}`]),
    ],
    filters: { error: 'different', warning: 'without backends', unknown: 'unknown', ok: 'as expected' },
    body: [
      ...(noBalancer === null ? [] : [card('warning', markup`LoadBalancer: ${noBalancer}`)]),
      matrixSection(document),
      ...paths.map((path) => pathSection(path, connection.from)),
      ...(code === undefined ? [] : [section('What it means', [pre(`kubectl kpr explain ${code}`)])]),
    ],
  });
}

/** Rows of a larger cluster that are not folded. */
const shownRows = 40;

/** Nodes × frontends. Paths stand in the order of the document: what differs first. */
function matrixSection({ paths }: TraceDocument): Markup {
  const heads = [...new Set(paths.flatMap(({ frontends }) => frontends.map(frontendName)))];
  const rows = paths.flatMap((path) => {
    const cells = heads.map((head) => cellOf(path, head));
    return path.nodes.map((node) => [markup`${node}`, ...cells]);
  });
  if (heads.length === 0 || rows.length === 0) return markup``;
  return section('Nodes', [
    markup`<div class="matrix">${longTable(['node', ...heads], rows, shownRows, 'node')}</div>\n`,
  ]);
}

function cellOf({ frontends, unknown }: PathReport, head: string): Markup {
  const one = frontends.find((frontend) => frontendName(frontend) === head);
  if (one === undefined) return unknown === null ? symbolOf('skipped', 'none here') : symbolOf('unknown', 'unknown');
  return symbolOf(stateOf(one), verdictNames[one.verdict]);
}

type State = keyof typeof symbols;

const symbolOf = (state: State, title: string): Markup =>
  markup`<span class="${state}" title="${title}">${symbols[state]}</span>`;

const stateOf = ({ verdict }: FrontendReport): State => verdictSymbols[verdict][0];

const verdictNames: Readonly<Record<FrontendReport['verdict'], string>> = {
  asExpected: 'as expected',
  noBackends: 'no backends',
  notServed: 'not served',
  notHere: 'not on this node',
  different: 'different',
  settling: 'different for the moment',
  unknown: 'unknown',
};

function pathSection(
  { nodes, frontends, none, unknown, assumed, beside }: PathReport,
  from: keyof typeof origins,
): Markup {
  return section(`${origins[from]} ${listNames(nodes, nodes.length <= 12)}`, [
    ...(unknown === null ? [] : [card('unknown', markup`not known: ${unknown.detail}`)]),
    ...(none === null ? [] : [markup`<p>${symbols.skipped} no frontend: ${none}</p>\n`]),
    ...frontends.map(frontendCard),
    ...beside.map(({ code, row, settling, text }) =>
      card(
        settling ? 'unknown' : 'error',
        markup`${row ?? ''}, which such a connection does not use: ${text} <span class="dim">${code}</span>`,
      ),
    ),
    ...(assumed === null
      ? []
      : [markup`<p class="dim">by configuration, because the agent does not tell what is in effect: ${assumed}</p>\n`]),
  ]);
}

const card = (state: State, text: Markup): Markup =>
  markup`<article class="${state}" data-severity="${state}"><p>${symbolOf(state, state)} ${text}</p></article>\n`;

function frontendCard(one: FrontendReport): Markup {
  const state = stateOf(one);
  const facts = frontendFacts(one, true).map(([word, text]) => markup`<dt>${word}</dt><dd>${text}</dd>\n`);
  const code = one.verdict === 'different' ? (one.differences[0]?.code ?? '') : '';
  return markup`<article class="${state}" data-severity="${state === 'skipped' ? 'ok' : state}">
<span class="code">${code}</span><h3>${symbolOf(state, verdictNames[one.verdict])} ${frontendName(one)}</h3>
<p>${one.summary}</p>
<dl>${facts}</dl>
${hasTable(one) ? backendsMarkup(backendLines(one)) : ''}${one.rows.length === 0 ? '' : fold(markup`${count(one.rows.length, 'row')} of the map`, [pre(one.rows.join('\n'))])}</article>
`;
}

function backendsMarkup(lines: BackendLines | undefined): Markup {
  if (lines === undefined) return markup``;
  const { detached, odd, serving, idle, nowhere } = lines;
  const isUsed = detached.length === 0;
  const heads = ['expected', isUsed ? 'found' : 'in map', 'share of new connections', 'backend'];
  const shown = [...odd, ...serving, ...(nowhere === undefined ? [] : [nowhere])].map(cellsOf);
  return markup`${isUsed ? '' : markup`<p class="error">${tableNotUsed(detached)}</p>\n`}${longTable(heads, shown, shownRows, 'backend')}${
    idle.length === 0
      ? ''
      : fold(markup`${idle.length} without new connections, as it should be`, [table(heads, idle.map(cellsOf))])
  }`;
}

const cellsOf = ({ expected, found, share, text, isOdd }: BackendLine): readonly Markup[] =>
  [expected, found, share, text].map((cell) =>
    isOdd ? markup`<strong class="error">${cell}</strong>` : markup`${cell}`,
  );
