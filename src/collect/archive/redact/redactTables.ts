import type { Pseudonyms } from './Pseudonyms.ts';
import { redactFreeText } from './redactFreeText.ts';

/** Every row is as wide as the longest. */
const longestCell = 2000;

/**
 * A table whose cells stand below their headings (Go's tabwriter), with cells changed and laid out anew, because what
 * reads it looks at columns. Text without such headings is changed as a whole.
 */
export function redactColumns(
  text: string,
  headings: readonly string[],
  names: Pseudonyms,
  cell: (heading: string, text: string) => string,
): string {
  const lines = text.split('\n');
  const head = lines.findIndex((line) => {
    if (line.length > 1000) return false;
    const found = new Set(columnsOf(line).map(({ name }) => name));
    return headings.every((heading) => found.has(heading));
  });
  if (head === -1) return redactFreeText(text, names);
  const columns = columnsOf(lines[head] ?? '');
  const rows = lines.slice(head + 1).map((line) => {
    const cells = cellsOf(line, columns);
    if (cells === undefined) return redactFreeText(line, names);
    return cells.map((one, i) => {
      const value = one.trim().slice(0, longestCell);
      return value === '' ? '' : cell(columns[i]?.name ?? '', value);
    });
  });
  const widths = columns.map(({ name }, i) =>
    Math.max(name.length, ...rows.map((row) => (typeof row === 'string' ? 0 : Array.from(row[i] ?? '').length))),
  );
  const print = (cells: readonly string[]): string =>
    cells.map((one, i) => one + ' '.repeat((widths[i] ?? 0) - Array.from(one).length + 3)).join('');
  return [
    ...lines.slice(0, head),
    print(columns.map(({ name }) => name)),
    ...rows.map((row) => (typeof row === 'string' ? row : row.every((one) => one === '') ? '' : print(row))),
  ].join('\n');
}

interface Column {
  readonly name: string;
  readonly from: number;
}

/**
 * What stands below each heading. A text of several lines is as wide as it likes, and goes on over the columns behind
 * it: cells have blanks between them. undefined: the line is all such a text.
 */
function cellsOf(line: string, columns: readonly Column[]): readonly string[] | undefined {
  const units = Array.from(line);
  const cells = columns.map(() => '');
  const begins = columns.map(({ from }, i) => i === 0 || (units[from - 1] === ' ' && units[from - 2] === ' '));
  const isText = units.length > (columns[1]?.from ?? Infinity) && !begins.some((begin, i) => begin && i > 0);
  if (isText) return undefined;
  let at = 0;
  for (const [i, { from }] of columns.entries()) {
    if (begins[i] === true) at = i;
    cells[at] += units.slice(from, columns[i + 1]?.from).join('');
  }
  return cells;
}

const columnsOf = (line: string): readonly Column[] =>
  [...line.matchAll(/\S+(?: \S+)*/g)].map((match) => ({ name: match[0], from: match.index }));
