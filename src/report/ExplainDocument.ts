import type { RaisedProblem, Severity } from '../core/Problem.ts';
import type { Count, DocumentHead } from './DocumentHead.ts';

/** What codes mean. Names between {{ and }} stand for what a finding fills in. */
export interface ExplainDocument extends DocumentHead {
  readonly command: 'explain';
  readonly summary: {
    readonly problems: Count;
    /** By severity. */
    readonly severities: Readonly<Record<Severity, Count>>;
  };
  /** In the order in which they were asked for; without a name all, by code. */
  readonly problems: readonly RaisedProblem[];
}
