import type { Severity } from '../core/Problem.ts';

/** What a stream can show. Decided once, by src/cli; a report only follows it. */
export interface Style {
  /** Columns at which prose is wrapped; undefined: never, as for files and pipes. */
  readonly width: number | undefined;
  readonly unicode: boolean;
  readonly paint: Readonly<Record<Paint, (text: string) => string>>;
}
export type Paint = Severity | 'ok' | 'unknown' | 'dim' | 'bold';

export type Symbols = Readonly<Record<Severity | 'ok' | 'unknown' | 'skipped' | 'separator' | 'bar', string>>;

/** The words carry the verdict where there are no colours and no Unicode. */
export const symbolsOf = ({ unicode }: Style): Symbols => (unicode ? unicodeSymbols : asciiSymbols);

const unicodeSymbols: Symbols = {
  error: '✖',
  warning: '⚠',
  info: 'ℹ',
  ok: '✔',
  unknown: '?',
  skipped: '○',
  separator: ' · ',
  bar: '│',
};
const asciiSymbols: Symbols = {
  error: '[FAIL]',
  warning: '[warn]',
  info: '[info]',
  ok: '[ok]',
  unknown: '[?]',
  skipped: '[skip]',
  separator: ', ',
  bar: '|',
};

const asciiFor: Readonly<Record<string, string>> = {
  '‘': "'",
  '’': "'",
  '“': '"',
  '”': '"',
  '–': '-',
  '—': '-',
  '…': '...',
  '→': '->',
  '←': '<-',
  '≥': '>=',
  '≤': '<=',
  '≠': '!=',
  '×': 'x',
  '·': '-',
  '\u{a0}': ' ',
};

/** Text for a stream that shows ASCII only; what has no counterpart becomes `?`. */
export const toAscii = (text: string): string =>
  text.replaceAll(/[^\n\u0020-\u007e]/gu, (char) => asciiFor[char] ?? '?');
