import type { Page } from './Page.ts';
import type { View } from './View.ts';

/** A verdict in words: `FAIL`, and what is wrong where. */
export interface VerdictWords {
  readonly word: string;
  readonly text: string;
}

/** The first thing that a person reads. */
export function renderVerdict(
  page: Page,
  { word, text }: VerdictWords,
  mark: 'ok' | 'error' | 'warning' | 'unknown',
  { unicode }: Pick<View, 'unicode'>,
): void {
  page.prose(`${word}: ${text}`, {
    // Without Unicode the symbol is the same word.
    label: unicode ? `${page.symbols[mark]} ` : '',
    labelPaint: mark,
    indent: 2,
    paint: 'bold',
    rows: 3,
  });
  page.blank();
}
