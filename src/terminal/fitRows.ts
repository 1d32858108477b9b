import { stripVTControlCharacters } from 'node:util';
import { count } from '../text/plural.ts';
import { columnsOf } from '../text/wrap.ts';

/** Of a terminal, in cells. */
export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** Lines with a line end each, and the rows that a terminal takes for them. */
export interface Fitted {
  readonly text: string;
  readonly rows: number;
}

/** As many lines as fit, with a row left for the cursor; what is wider than the terminal takes several rows. */
export function fitRows(text: string, { columns, rows }: Size): Fitted {
  const lines = text.trimEnd().split('\n');
  const heightOf = (line: string): number =>
    Math.max(1, Math.ceil(columnsOf(stripVTControlCharacters(line)) / Math.max(1, columns)));
  const heightOfAll = (some: readonly string[]): number => some.reduce((sum, line) => sum + heightOf(line), 0);
  const most = Math.max(1, rows - 1);
  if (heightOfAll(lines) <= most) return { text: `${lines.join('\n')}\n`, rows: heightOfAll(lines) };
  let free = most - 1;
  const cut = lines.findIndex((line) => (free -= heightOf(line)) < 0);
  const shown = lines.slice(0, cut);
  const left = `and ${count(lines.length - cut, 'more line')}`.slice(0, Math.max(1, columns));
  return { text: `${[...shown, left].join('\n')}\n`, rows: heightOfAll(shown) + 1 };
}
