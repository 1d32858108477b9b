import xterm from '@xterm/headless';
import { Chalk } from 'chalk';
import { renderTable } from '../../src/report/renderTable.ts';
import type { ReportDocument } from '../../src/report/ReportDocument.ts';

export interface Screen {
  /** All that a person sees who scrolls from the first line to the last. */
  readonly lines: readonly string[];
  /** Lines that the terminal had to break by itself. */
  readonly broken: readonly string[];
}

const { red, yellow, cyan, green, magenta, dim, bold } = new Chalk({ level: 1 });
const paint = { error: red, warning: yellow, info: cyan, ok: green, unknown: magenta, dim, bold };
const daysLater = 7 * 24 * 3_600_000;

/** A report as a terminal of this size shows it, with its colours, a week after it was taken. */
export async function screenOf(report: ReportDocument, columns: number, rows: number): Promise<Screen> {
  const text = renderTable(report, {
    width: columns,
    unicode: true,
    paint,
    detail: 'normal',
    now: Date.parse(report.takenAt) + daysLater,
  });
  const terminal = new xterm.Terminal({
    cols: columns,
    rows,
    scrollback: 10_000,
    convertEol: true,
    allowProposedApi: true,
  });
  await new Promise<void>((resolve) => terminal.write(text, resolve));
  const buffer = terminal.buffer.active;
  const seen = Array.from({ length: buffer.baseY + buffer.cursorY }, (_, at) => buffer.getLine(at));
  terminal.dispose();
  return {
    lines: seen.map((line) => line?.translateToString(true) ?? ''),
    broken: seen.flatMap((line) => (line?.isWrapped === true ? [line.translateToString(true)] : [])),
  };
}
