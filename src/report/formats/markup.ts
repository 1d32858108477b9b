import { truncate } from '../../text/truncate.ts';
import { visibleLines } from '../../text/visible.ts';

/** Of one text; what is longer no person reads, and programs have -o json. */
export const longestText = 20_000;

/** HTML or XML in which nothing that came from outside is markup. Only the tag below makes it. */
export class Markup {
  readonly #text: string;

  private constructor(text: string) {
    this.#text = text;
  }

  static of(pieces: readonly string[], values: readonly Value[]): Markup {
    return new Markup(pieces.map((piece, i) => piece + valueText(values[i])).join(''));
  }

  toString(): string {
    return this.#text;
  }
}

type Value = Markup | readonly Markup[] | string | number | undefined;

/** What is filled in is text, and safe to look at; line breaks stay. The template itself is trusted. */
export const markup = (pieces: TemplateStringsArray, ...values: readonly Value[]): Markup => Markup.of(pieces, values);

function valueText(value: Value): string {
  if (value === undefined) return '';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return escape(visibleLines(truncate(value, longestText)).join('\n'));
  return value instanceof Markup ? value.toString() : value.map(String).join('');
}

const escape = (text: string): string =>
  text.replaceAll(/[&<>"'\ufffe\uffff]/g, (char) => entities[char] ?? `\\u{${char.charCodeAt(0).toString(16)}}`);

/** Those that HTML and XML share. XML cannot hold the two non-characters, not even as entities. */
const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
