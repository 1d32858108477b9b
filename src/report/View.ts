import type { Style, Verbosity } from '../text/Style.ts';

/** How a document is to be shown on a screen. */
export interface View extends Style {
  readonly detail: Verbosity;
  /** Milliseconds since 1970, to say how old a reading is. */
  readonly now: number;
}
