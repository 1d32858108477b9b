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
    const units = Array.from(line);
    return columns.map(({ name, from }, i) => {
      const value = units
        .slice(from, columns[i + 1]?.from)
        .join('')
        .trim()
        .slice(0, longestCell);
      return value === '' ? '' : cell(name, value);
    });
  });
  const widths = columns.map(({ name }, i) =>
    Math.max(name.length, ...rows.map((row) => Array.from(row[i] ?? '').length)),
  );
  const print = (cells: readonly string[]): string =>
    cells.map((one, i) => one + ' '.repeat((widths[i] ?? 0) - Array.from(one).length + 3)).join('');
  return [
    ...lines.slice(0, head),
    print(columns.map(({ name }) => name)),
    ...rows.map((row) => (row.every((one) => one === '') ? '' : print(row))),
  ].join('\n');
}

const columnsOf = (line: string): readonly { readonly name: string; readonly from: number }[] =>
  [...line.matchAll(/\S+(?: \S+)*/g)].map((match) => ({ name: match[0], from: match.index }));
