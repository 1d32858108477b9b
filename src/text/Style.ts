/** What a stream can show. Decided once, by the terminal; a report only follows it. */
export interface Style {
  /** Columns at which prose is wrapped; undefined: never, as for files and pipes. */
  readonly width: number | undefined;
  readonly unicode: boolean;
  readonly paint: Readonly<Record<Paint, (text: string) => string>>;
  /** What is typed in place of `kubectl kpr`, where kubectl does not know the program; absent: that itself. */
  readonly program?: string;
}
/** How much of a report is shown. */
export type Verbosity = 'quiet' | 'normal' | 'verbose';

/** A colour is named after what it says: how bad a finding is, or the state of a check. */
export type Paint = Mark | 'dim' | 'bold';
type Mark = 'error' | 'warning' | 'info' | 'ok' | 'unknown';

export type Symbols = Readonly<Record<Mark | 'skipped' | 'separator' | 'bar', string>>;

const plain = (text: string): string => text;
/** For files and pipes. */
export const plainPaint: Style['paint'] = {
  error: plain,
  warning: plain,
  info: plain,
  ok: plain,
  unknown: plain,
  dim: plain,
  bold: plain,
};

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
