import { type Markup, markup } from '../markup.ts';
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
${Object.entries(filters).map(([value, label]) => markup`<label><input type="checkbox" value="${value}" checked> ${label}</label>\n`)}<button type="button">Unfold all, or fold</button>
<output></output>
</form>
<main>
${body}</main>
<footer class="dim"><p>${title}</p></footer>
<script>${raw(script)}</script>
</body>
</html>
`.toString();

/** Of this program's own text: what came from outside must never go through here. */
const raw = (text: string): Markup => markup(Object.assign([text], { raw: [text] }));

export const section = (title: string, parts: readonly Markup[]): Markup =>
  parts.length === 0 ? markup`` : markup`<section>\n<h2>${title}</h2>\n${parts}</section>\n`;

export const fold = (summary: Markup, inner: readonly Markup[]): Markup =>
  markup`<details>\n<summary>${summary}</summary>\n${inner}</details>\n`;

export const pre = (text: string): Markup => markup`<pre>${text}</pre>\n`;

export const table = (heads: readonly string[], rows: readonly (readonly (Markup | string)[])[]): Markup =>
  markup`<div class="tall"><table>
<thead><tr>${heads.map((head) => markup`<th>${head}</th>`)}</tr></thead>
<tbody>
${rows.map((row) => markup`<tr>${row.map((cell) => markup`<td>${cell}</td>`)}</tr>\n`)}</tbody>
</table></div>
`;
