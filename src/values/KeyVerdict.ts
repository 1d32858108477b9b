import type { ChartValue, ChartValues } from '../knowledge/charts/ChartTable.ts';
import { type KeyPath, type KeyPlace, withValueAt } from './PlacedValues.ts';

/** What happens with a value when a version’s chart gets it. */
export type VerdictKind =
  /** The chart has no such key any more. */
  | 'removed'
  /** It has another name. */
  | 'renamed'
  /** The chart never had it. */
  | 'unknown'
  /** A word of former versions. */
  | 'wrongValue'
  /** Not of the type that values.schema.json asks for. */
  | 'wrongType'
  /** The chart’s own `fail`. */
  | 'refusedCombination'
  /** The same, but only in a cluster that lacks an API. */
  | 'conditional'
  /** The chart takes it, and the agents end at their start. */
  | 'agentRefuses'
  /** It still has its effect. */
  | 'deprecated'
  /** kube-proxy replacement that probably does not do what is wanted. */
  | 'kprDoubt'
  /** From this version on it means something else. */
  | 'behaviour'
  /** Another tool fills it in, so that nobody can judge it here. */
  | 'placeholder';

export interface KeyVerdict {
  readonly kind: VerdictKind;
  /** In the user’s own spelling. */
  readonly key: string;
  readonly path: KeyPath;
  /** Where it is written; undefined: nowhere, which is what is wrong with it. */
  readonly place: KeyPlace | undefined;
  /** `error`: the change must not be made with it; `info`: nothing to do now. */
  readonly severity: 'error' | 'warning' | 'info' | 'unknown';
  /** Helm ends with an error because of it. */
  readonly refused: boolean;
  /** What happens, as a sentence without a period. */
  readonly message: string;
  /** What to write instead. */
  readonly right: string | undefined;
  /** What makes it right, where that needs no decision. */
  readonly repair: Repair | undefined;
}

/**
 * What can be written without asking: not what has another feature for its successor, nor what somebody may have meant
 * in a way that nobody knows.
 */
export function repairOf({ kind, right, repair }: KeyVerdict): Repair | undefined {
  if (kind === 'removed' && right !== undefined) return undefined;
  return kind === 'unknown' && right === undefined ? undefined : repair;
}

/** A key goes, and others come; both may be missing. */
export interface Repair {
  readonly removes: KeyPath | undefined;
  readonly sets: readonly { readonly path: KeyPath; readonly value: ChartValue }[];
}

export const repaired = (tree: ChartValues, { removes, sets }: Repair): ChartValues =>
  sets.reduce(
    (values, { path, value }) => withValueAt(values, path, value),
    removes === undefined ? tree : withValueAt(tree, removes, undefined),
  );
