import { calledBy } from '../text/calledBy.ts';
import { breakCommand } from '../text/breakCommand.ts';
import { type Paint, type Style, type Symbols, symbolsOf, toAscii } from '../text/Style.ts';
import { visible, visibleLines } from '../text/visible.ts';
import { columnsOf, glue, wrap } from '../text/wrap.ts';

export interface LineOptions {
  /** Stands before the text, in the first line; the following lines are indented as the text is. */
  readonly label?: string;
  readonly labelPaint?: Paint | undefined;
  readonly paint?: Paint;
  readonly indent?: number;
}

export interface ProseOptions extends LineOptions {
  /** At the right edge of the first line, where it is soon found. */
  readonly aside?: string;
  /** Lines on a terminal; what does not fit ends in `…`. */
  readonly rows?: number;
}

const gap = 2;
const leastColumns = 20;

/**
 * Text for people, line by line. Everything passes through here, and here all text is made safe before colour is added:
 * no caller can forget it.
 */
export class Page {
  readonly symbols: Symbols;
  readonly #style: Style;
  readonly #lines: { readonly text: string; readonly columns: number }[] = [];

  constructor(style: Style) {
    this.#style = style;
    this.symbols = symbolsOf(style);
  }

  /** Columns of the terminal; undefined: not a terminal. */
  get width(): number | undefined {
    return this.#style.width;
  }

  /** Lines of the terminal that are taken so far; what is wider than it takes several. */
  get rows(): number {
    const { width } = this;
    return width === undefined
      ? this.#lines.length
      : this.#lines.reduce((sum, { columns }) => sum + Math.max(1, Math.ceil(columns / width)), 0);
  }

  /** An empty page of the same kind. */
  another(): Page {
    return new Page(this.#style);
  }

  append(other: Page): void {
    this.#lines.push(...other.#lines);
  }

  /** Prose: wrapped on a terminal, white space and line breaks are one blank; what is `glued` stays together. */
  prose(text: string, options: ProseOptions = {}): void {
    const { label = '', labelPaint, paint, indent = 0, aside = '', rows } = options;
    const lead = label === '' ? '' : this.#ascii(visible(label)).padEnd(indent);
    const width = this.width === undefined ? undefined : Math.max(this.width - indent, leastColumns);
    const asideColumns = aside === '' ? 0 : columnsOf(aside) + gap;
    const over = Math.max(columnsOf(lead) - indent, 0) + asideColumns;
    const lines = wrap(visible(this.#called(text).replaceAll(/[ \t\n]+/g, ' ')), width, over);
    for (const [i, line] of shortened(lines, rows, width, over).entries()) {
      const start = i === 0 && lead !== '' ? lead : ' '.repeat(indent);
      const body = this.#ascii(line.replaceAll(glue, ' '));
      const code = i === 0 && aside !== '' ? this.#asideOf(aside, columnsOf(start) + columnsOf(body)) : '';
      this.#push(
        this.#paint(start, i === 0 ? labelPaint : undefined) + this.#paint(body, paint) + this.#paint(code, 'dim'),
        columnsOf(start) + columnsOf(body) + columnsOf(code),
      );
    }
  }

  /** Output of programs: never wrapped, so that it can be copied. */
  verbatim(text: string, options: LineOptions = {}): void {
    for (const [i, line] of visibleLines(this.#called(text)).entries()) this.#line(line, i, options);
  }

  /** To paste: broken at blanks where it is too wide for the terminal, so that it still can be pasted. */
  command(text: string, options: LineOptions = {}): void {
    const { indent = 0 } = options;
    const safe = visibleLines(this.#called(text)).join('\n');
    const lines = this.width === undefined ? safe.split('\n') : breakCommand(safe, this.width - indent, hang);
    let isContinued = false;
    for (const [i, line] of lines.entries()) {
      this.#line(isContinued ? ' '.repeat(hang) + line : line, i, options);
      isContinued = line.endsWith('\\');
    }
  }

  blank(): void {
    if (this.#lines.length > 0 && this.#lines.at(-1)?.text !== '') this.#push('', 0);
  }

  toString(): string {
    return `${this.#lines
      .map(({ text }) => text)
      .join('\n')
      .trimEnd()}\n`;
  }

  #line(line: string, i: number, { label = '', labelPaint, paint, indent = 0 }: LineOptions): void {
    const start = i === 0 && label !== '' ? this.#ascii(visible(label)).padEnd(indent) : ' '.repeat(indent);
    const body = this.#ascii(line);
    this.#push(
      this.#paint(start, i === 0 && label !== '' ? labelPaint : undefined) + this.#paint(body, paint),
      columnsOf(start) + columnsOf(body),
    );
  }

  #called(text: string): string {
    const { program } = this.#style;
    return program === undefined ? text : calledBy(program, text);
  }

  #asideOf(aside: string, used: number): string {
    const free = (this.width ?? 0) - used - columnsOf(aside);
    return ' '.repeat(Math.max(free, gap)) + this.#ascii(visible(aside));
  }

  #push(text: string, columns: number): void {
    this.#lines.push({ text: text.trimEnd(), columns });
  }

  #paint(text: string, paint: Paint | undefined): string {
    return paint === undefined || text.trim() === '' ? text : this.#style.paint[paint](text);
  }

  #ascii(text: string): string {
    return this.#style.unicode ? text : toAscii(text);
  }
}

/** Columns by which what goes on in a next line is indented. */
const hang = 2;

/** No more lines than asked for; the last one says that there is more. */
function shortened(
  lines: readonly string[],
  rows: number | undefined,
  width: number | undefined,
  over: number,
): readonly string[] {
  if (rows === undefined || width === undefined || lines.length <= rows) return lines;
  const room = width - (rows === 1 ? over : 0) - 1;
  const last = Array.from(lines[rows - 1] ?? '');
  return [...lines.slice(0, rows - 1), `${last.slice(0, room).join('').trimEnd()}…`];
}
