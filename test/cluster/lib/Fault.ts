import type { Decisions } from './followRemedy.ts';
import type { Bed } from './Bed.ts';

/** What must be found of a fault. */
export interface ExpectedFinding {
  readonly code: string;
  /** Exactly these; undefined: a finding about the cluster as a whole. */
  readonly nodes?: readonly string[];
  /** `namespace/name` of an object that the finding names. */
  readonly object?: string;
  /** The finding that it must be told to follow from. */
  readonly from?: string;
}

/**
 * One real fault: how it is made on a healthy cluster, what must be found of it and what not, and how it is repaired.
 */
export interface Fault {
  readonly id: string;
  /** For the table in the docs. */
  readonly title: string;
  /** All of these; none for a fault that must not make a finding (a restart that is over). */
  readonly expect: readonly ExpectedFinding[];
  /** Codes of what may follow from it. Any other warning or error is a false alarm. */
  readonly also?: readonly string[];
  /** Default: 1 with an error among `expect`, as the report's severities say. */
  readonly exitCode?: number;
  /** What `doctor` must say on stderr, where it cannot judge. */
  readonly says?: RegExp;
  /** Flags of `doctor`. */
  readonly flags?: readonly string[];
  /** Why it is not made with all others, but only when it is named. */
  readonly onlyByName?: string;
  /** Seconds to wait after the injection, for what needs time to show. */
  readonly showsAfter?: number;
  /** Seconds until the cluster must be clean again after the repair. */
  readonly cleanWithin?: number;
  /**
   * `executed`: the printed remedy of what is found, followed to the letter, repairs it. `decided`: so it does with
   * these decisions of a person, by the command that is printed. `not`: why nobody can follow it here.
   */
  readonly remedy: 'executed' | { readonly decided: Decisions } | { readonly not: string };
  /** Takes away what the remedy leaves, as it should: what was changed and is no fault. */
  tidy?(bed: Bed): Promise<unknown>;
  /** Gives the repair: for where the remedy is not followed, or did not help. */
  inject(bed: Bed): Promise<() => Promise<unknown>>;
}

export const defineFault = (fault: Fault): Fault => fault;
