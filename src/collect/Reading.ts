import type { Missing } from '../model/Fact.ts';
import type { ExecOutcome } from './ClusterPort.ts';
import { whyCut } from './execEnds.ts';
import type { Lessons } from './Lessons.ts';
import type { Pace } from './Pace.ts';
import type { CollectPlan } from './RawSource.ts';
import { unanswered } from './runEnd.ts';

/** One call of `read`. */
export interface Reading {
  readonly plan: CollectPlan;
  readonly pace: Pace;
  /** When the time is up, by the clock of `performance`; it follows the number of nodes. */
  readonly deadline: () => number;
  /** How long a node’s script waits for where connections are to go. */
  readonly reachWaitMs: () => number;
  /** undefined: nodes say their tables whole. */
  readonly lessons: () => Lessons | undefined;
}

/** For one node. */
export const timeLeft = ({ plan, deadline }: Reading): number =>
  Math.min(plan.nodeTimeoutMs, deadline() - performance.now());

/** Why it is not there, of an exec that had no more time than the run. */
export const cutOf = (outcome: ExecOutcome, { plan, deadline }: Reading): Missing =>
  outcome.end === 'timeout' && performance.now() >= deadline() ? unanswered : whyCut(outcome, plan.signal);

/** Most of a node's text is its LB table: 10,000 Services are some 20 MB, and agents have room for 65,536 rows. */
export const maxNodeBytes = 64 * 1024 * 1024;
