import type { Difference } from '../expect/parity/Difference.ts';
import type { Code } from '../knowledge/codes.ts';

/**
 * What the rule book calls a difference between the API and a table, and what else is wrong on the way to a Service.
 */
export interface DifferenceWords {
  readonly codes: Readonly<Record<Difference['kind'] | 'detached' | 'agentError' | 'chained' | 'unanswered', Code>>;
  /** What it is and does to connections, as one sentence without its end. */
  readonly textOf: (difference: Difference) => string;
}
