import { type Paint, type Style, type Symbols, symbolsOf, toAscii } from './Style.ts';
import { visible, visibleLines } from './visible.ts';
import { columnsOf, wrap } from './wrap.ts';

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

  /** Prose: wrapped on a terminal, all white space one blank. */
  prose(text: string, { label = '', labelPaint, paint, indent = 0 }: LineOptions = {}): void {
    const lead = label === '' ? '' : this.#safe(label).padEnd(indent);
    const width = this.#style.width === undefined ? undefined : Math.max(this.#style.width - indent, 20);
    const over = Math.max(columnsOf(lead) - indent, 0);
    const [first = '', ...others] = wrap(this.#safe(text.replaceAll(/\s+/g, ' ')), width, over);
    const start = lead === '' ? ' '.repeat(indent) : this.#paint(lead, labelPaint);
    this.#lines.push((start + this.#paint(first, paint)).trimEnd());
    for (const line of others) this.#lines.push(' '.repeat(indent) + this.#paint(line, paint));
  }

  /** Commands and output: never wrapped, so that they can be copied. */
  verbatim(text: string, { label = '', labelPaint, paint, indent = 0 }: LineOptions = {}): void {
    for (const [i, line] of visibleLines(text).entries()) {
      const start =
        i === 0 && label !== '' ? this.#paint(this.#safe(label).padEnd(indent), labelPaint) : ' '.repeat(indent);
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

  #safe(text: string): string {
    return this.#ascii(visible(text));
  }

  #ascii(text: string): string {
    return this.#style.unicode ? text : toAscii(text);
  }
}
