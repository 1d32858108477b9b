import { listFirst } from '../../text/names.ts';
import { type Paint, type Style, toAscii } from '../../text/Style.ts';
import { visible } from '../../text/visible.ts';
import { truncateMiddle } from '../../text/truncate.ts';
import { columnsOf } from '../../text/wrap.ts';

export interface ColumnsRow {
  readonly cells: readonly string[];
  readonly paint?: Paint;
}

/** Of every column but the last. */
const widest = 48;
/** Of the last: a line of a terminal must end some time. */
const longest = 2000;

/** A line for each thing, as kubectl prints them: columns that line up, nothing wrapped, for eyes and for grep. */
export function renderColumns(heads: readonly string[], rows: readonly ColumnsRow[], style: Style): string {
  const shown = [{ cells: heads, paint: 'bold' } as const, ...rows].map((row) => ({
    paint: row.paint,
    cells: cellsOf(row, style),
  }));
  const widths = heads.map((_, i) => Math.max(...shown.map(({ cells }) => columnsOf(cells[i] ?? ''))));
  return shown
    .map(({ cells, paint }) => {
      const line = cells.map((cell, i) => (i === cells.length - 1 ? cell : padded(cell, widths[i] ?? 0))).join('   ');
      return `${paint === undefined ? line : style.paint[paint](line)}\n`;
    })
    .join('');
}

const cellsOf = ({ cells }: ColumnsRow, { unicode }: Style): readonly string[] =>
  cells.map((cell, i) => {
    const text = visible(
      truncateMiddle(cell.replaceAll(/\s+/g, ' ').trim(), i === cells.length - 1 ? longest : widest),
    );
    return text === '' ? '-' : unicode ? text : toAscii(text);
  });

const padded = (cell: string, width: number): string => cell + ' '.repeat(Math.max(0, width - columnsOf(cell)));

/** Names in one cell: the first few, and how many more there are. */
export const namesCell = (names: readonly string[]): string => listFirst(names, 3);
