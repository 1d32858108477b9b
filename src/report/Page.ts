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

/**
 * Text for people, line by line. Everything passes through here, and here all text is made safe before colour is added:
 * no caller can forget it.
 */
export class Page {
  readonly symbols: Symbols;
  readonly #style: Style;
  readonly #lines: string[] = [];

  constructor(style: Style) {
    this.#style = style;
    this.symbols = symbolsOf(style);
  }

  /** Prose: wrapped on a terminal, white space and line breaks are one blank; what is `glued` stays together. */
  prose(text: string, { label = '', labelPaint, paint, indent = 0 }: LineOptions = {}): void {
    const lead = label === '' ? '' : this.#ascii(visible(label)).padEnd(indent);
    const width = this.#style.width === undefined ? undefined : Math.max(this.#style.width - indent, 20);
    const over = Math.max(columnsOf(lead) - indent, 0);
    const lines = wrap(visible(text.replaceAll(/[ \t\n]+/g, ' ')), width, over);
    for (const [i, line] of lines.entries()) {
      const start = i === 0 && lead !== '' ? this.#paint(lead, labelPaint) : ' '.repeat(indent);
      this.#lines.push((start + this.#paint(this.#ascii(line.replaceAll(glue, ' ')), paint)).trimEnd());
    }
  }

  /** Commands and output: never wrapped, so that they can be copied. */
  verbatim(text: string, { label = '', labelPaint, paint, indent = 0 }: LineOptions = {}): void {
    for (const [i, line] of visibleLines(text).entries()) {
      const start =
        i === 0 && label !== ''
          ? this.#paint(this.#ascii(visible(label)).padEnd(indent), labelPaint)
          : ' '.repeat(indent);
      this.#lines.push((start + this.#paint(this.#ascii(line), paint)).trimEnd());
    }
  }

  blank(): void {
    if (this.#lines.length > 0 && this.#lines.at(-1) !== '') this.#lines.push('');
  }

  toString(): string {
    return `${this.#lines.join('\n').trimEnd()}\n`;
  }

  #paint(text: string, paint: Paint | undefined): string {
    return paint === undefined || text === '' ? text : this.#style.paint[paint](text);
  }

  #ascii(text: string): string {
    return this.#style.unicode ? text : toAscii(text);
  }
}
