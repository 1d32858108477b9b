import type { Severity } from '../core/Problem.ts';
import type { CodeText, Count, DocumentHead } from './DocumentHead.ts';

/** What was found at one time, for `--baseline`. */
export interface BaselineDocument extends DocumentHead {
  readonly summary: {
    /** By severity. */
    readonly findings: Readonly<Record<Severity, Count>>;
  };
  /** RFC 3339: when the cluster was read. */
  readonly takenAt: string;
  readonly cluster: {
    /** For people: whose findings these are. */
    readonly context: string | null;
  };
  readonly findings: readonly {
    readonly code: CodeText;
    /** In which of its ways the finding shows. */
    readonly variant: string;
    readonly severity: Severity;
    readonly nodes: readonly string[];
    readonly objects: readonly { readonly kind: string; readonly namespace?: string; readonly name: string }[];
  }[];
}
