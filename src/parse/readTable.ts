import { type Parsed, parsed, unparsed } from './Parsed.ts';
import { excerptOf, linesOf } from './text.ts';

export interface TableRow {
  readonly line: string;
  /** What stands below a heading; empty where there is no such heading. */
  cell(heading: string): string;
  /**
   * The cells that are not empty, in their order: for rows that an earlier line break has pushed out of the columns.
   */
  readonly filled: readonly string[];
}

/**
 * Rows of a table as Go's tabwriter aligns it: cells stand below their headings, and are cut there, because a
 * cell may be empty and may hold blanks. Lines before the headings are left out. Headings with single blanks in
 * them are one heading.
 */
export function readTable(text: string, headings: readonly string[]): Parsed<readonly TableRow[]> {
  const lines = linesOf(text);
  for (const [at, line] of lines.entries()) {
    // As wide as the widest cells below them: the headings of an agent's health are, when a module has much to
    // complain of.
    if (!headings.every((heading) => line.includes(heading))) continue;
    const columns = columnsOf(line);
    if (!headings.every((heading) => columns.has(heading))) continue;
    return parsed(
      lines
        .slice(at + 1)
        .filter((row) => row.trim() !== '')
        .map((row) => new Row(row, columns)),
    );
  }
  return unparsed(
    text.trim() === '' ? 'nothing was printed' : `no table with ${headings.join(', ')}: ${excerptOf(text)}`,
  );
}

type Columns = ReadonlyMap<string, readonly [from: number, to: number | undefined]>;

function columnsOf(line: string): Columns {
  const found = [...line.matchAll(/\S+(?: \S+){0,9}/g)];
  return new Map(found.map((match, i) => [match[0], [match.index, found[i + 1]?.index]]));
}

class Row implements TableRow {
  readonly line: string;
  readonly #columns: Columns;

  constructor(line: string, columns: Columns) {
    this.line = line;
    this.#columns = columns;
  }

  cell(heading: string): string {
    const column = this.#columns.get(heading);
    if (column === undefined) return '';
    // tabwriter counts code points, and so must this where a string's units are not the same.
    const cut = /[\ud800-\udfff]/.test(this.line)
      ? Array.from(this.line)
          .slice(...column)
          .join('')
      : this.line.slice(...column);
    return cut.trim();
  }

  get filled(): readonly string[] {
    return this.line.trim().split(/ {3,}/);
  }
}
