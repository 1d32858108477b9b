import { count } from '../../../text/plural.ts';
import { truncate } from '../../../text/truncate.ts';
import type { ErrorDocument } from '../../ReportDocument.ts';
import { longestText, type Markup, markup } from '../markup.ts';
import { script, scriptHash } from './script.ts';
import { style } from './style.ts';

export interface PageContent {
  /** Of the window. */
  readonly title: string;
  /** A class: the verdict. */
  readonly verdict: string;
  readonly headline: string;
  /** Under the headline, one after the other. */
  readonly about: readonly string[];
  readonly body: readonly Markup[];
  /** What may be hidden: values of data-severity with their labels. */
  readonly filters: Readonly<Record<string, string>>;
}

/** One file, that loads nothing from anywhere; nothing but its own script may run in it. */
export const htmlPage = ({ title, verdict, headline, about, body, filters }: PageContent): string =>
  markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${raw(scriptHash)}'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${raw(style)}</style>
</head>
<body>
<header class="${verdict}">
<h1>${headline}</h1>
<p class="dim">${about.join(' · ')}</p>
</header>
<form hidden>
<input type="search" placeholder="Filter by word, node, Service" aria-label="Filter">
${Object.entries(filters).map(([value, label]) => markup`<label><input type="checkbox" value="${value}" checked> ${label}</label>\n`)}<button type="button">Expand or collapse all</button>
<output></output>
</form>
<main>
${body}</main>
<footer class="dim"><p>${title}</p></footer>
<script>${raw(script)}</script>
</body>
</html>
`.toString();

export const htmlFailure = ({ command, error }: ErrorDocument): string =>
  htmlPage({
    title: `kubectl kpr ${command ?? ''}: ERROR`,
    verdict: 'error',
    headline: `ERROR: ${error.message}`,
    about: ['Nothing was judged, and nothing is known'],
    filters: {},
    body: [pre(error.hint)],
  });

/** Of this program's own text: what came from outside must never go through here. */
const raw = (text: string): Markup => markup(Object.assign([text], { raw: [text] }));

export const section = (title: string, parts: readonly Markup[]): Markup =>
  parts.length === 0 ? markup`` : markup`<section>\n<h2>${title}</h2>\n${parts}</section>\n`;

export const fold = (summary: Markup, inner: readonly Markup[]): Markup =>
  markup`<details>\n<summary>${summary}</summary>\n${inner}</details>\n`;

export const pre = (text: string): Markup => markup`<pre>${text}</pre>\n`;

export const table = (heads: readonly string[], rows: readonly Row[]): Markup =>
  markup`<div class="tall"><table>
<thead><tr>${heads.map((head) => markup`<th>${head}</th>`)}</tr></thead>
<tbody>
${rows.map((row) => markup`<tr>${row.map((cell) => markup`<td>${cell}</td>`)}</tr>\n`)}</tbody>
</table></div>
`;

/** Rows of a larger cluster: what comes first is seen, the others are folded. */
export function longTable(
  heads: readonly string[],
  rows: readonly Row[],
  most: number,
  noun: string,
): readonly Markup[] {
  const rest = rows.slice(most);
  return [
    table(heads, rows.slice(0, most)),
    ...(rest.length === 0 ? [] : [fold(markup`${count(rest.length, `more ${noun}`)}`, [table(heads, rest)])]),
  ];
}

type Row = readonly (Markup | string)[];

/** Parts of a list one below the other; those that the other side lacks stand out. */
export function partLines(text: string, other?: string): Markup {
  const theirs = other === undefined ? undefined : new Set(partsOf(other));
  return markup`${partsOf(text).map((part) =>
    theirs === undefined || theirs.has(part) ? markup`${part}<br>` : markup`<strong class="error">${part}</strong><br>`,
  )}`;
}

const partsOf = (text: string): readonly string[] => truncate(text, longestText).split(/,\s+/);

/** Side by side; on a narrow screen one below the other. */
export const sides = (before: readonly string[], after: readonly string[]): Markup => markup`<div class="sides">
<div><p class="dim">before</p>\n${sideOf(before.map((line) => markup`<del>${line}</del>\n`))}</div>
<div><p class="dim">after</p>\n${sideOf(after.map((line) => markup`<ins>${line}</ins>\n`))}</div>
</div>
`;

const sideOf = (lines: readonly Markup[]): Markup =>
  lines.length === 0 ? markup`<p class="dim">nothing</p>` : markup`<pre>${lines}</pre>`;
