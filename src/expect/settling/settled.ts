import type { FrontendState } from '../../model/NodeFacts.ts';
import type { FrontendKey } from '../../model/lb/keys.ts';
import { type Difference, type FirmDifference, open } from '../parity/Difference.ts';
import type { AgentProgress } from './AgentProgress.ts';
import { type ApiChanges, isTouched } from './apiChanges.ts';
import { seenTwice } from './seenTwice.ts';
import { type RowState, standingOf } from './standingOf.ts';

/** What is known of one node's agent and of the API, that differences may be excused by. */
export interface Moment {
  /** The later reading; undefined: there is one. */
  readonly again: { readonly differences: readonly FirmDifference[]; readonly secondsLater: number } | undefined;
  readonly changes: ApiChanges;
  /** When that was, as the end of a sentence. */
  readonly changed: string;
  readonly states: readonly FrontendState[];
  readonly agent: AgentProgress;
  readonly canReadAgain: boolean;
}

/** Tells what differs for good from what may be on its way, by the evidence that there is. */
export function settled(first: readonly FirmDifference[], moment: Moment): readonly Difference[] {
  const { again, changes, changed, agent, canReadAgain } = moment;
  const stateOf = rowStates(moment.states);
  const judge = (difference: FirmDifference, lasted: number | undefined): Difference => {
    const standing = standingOf(difference, {
      lasted,
      change: isTouched(difference, changes) ? changed : undefined,
      row: stateOf(difference),
      agent,
      canReadAgain,
    });
    switch (standing.kind) {
      case 'firm':
        return { ...difference, proof: standing.proof };
      case 'settling':
        return open('settling', difference, standing.why, standing.byStart);
      case 'unknown':
        return open('undecided', difference, standing.why, standing.byStart);
    }
  };
  if (again === undefined) return first.map((difference) => judge(difference, undefined));
  return seenTwice(first, again.differences).map(({ later, both }) =>
    both === undefined ? judge(later, 0) : judge(both, again.secondsLater),
  );
}

/** A row that waits longer than that is not on its way any more. */
const waitingSeconds = 30;

function rowStates(states: readonly FrontendState[]): (difference: FirmDifference) => RowState {
  // Most nodes have no difference, and thousands of rows.
  let byKey: ReadonlyMap<FrontendKey, FrontendState> | undefined;
  return ({ agentKey }) => {
    byKey ??= new Map(states.map((state) => [state.frontend, state]));
    const state = byKey.get(agentKey);
    if (state === undefined) return 'unknown';
    if (state.status === 'Done') return 'written';
    if (state.status === 'Error') return 'failed';
    return (state.forSeconds ?? 0) < waitingSeconds ? 'waiting' : 'unknown';
  };
}
