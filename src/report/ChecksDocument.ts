import type { RunnablePhase } from '../core/Phase.ts';
import type { Area } from '../knowledge/codes.ts';
import type { CodeText, Count, DocumentHead } from './DocumentHead.ts';

/** The rule book: every check that a command runs. */
export interface ChecksDocument extends DocumentHead {
  readonly command: 'checks';
  readonly summary: {
    readonly checks: Count;
    /** How many different codes they may raise. */
    readonly codes: Count;
  };
  /** In the order of the rule book. */
  readonly checks: readonly CheckListing[];
}

/** What is said of a check without running it. */
export interface CheckListing {
  /** @pattern ^[a-z0-9-]+$ */
  readonly id: string;
  /** What holds when the check passes. */
  readonly title: string;
  readonly area: Area;
  /** The commands that run it. */
  readonly phases: readonly RunnablePhase[];
  /** The codes that it may raise. */
  readonly codes: readonly CodeText[];
}
