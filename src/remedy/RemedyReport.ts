import type { Precondition, RemedyStep } from '../core/Problem.ts';

/** A remedy as the published report holds it: filled in, with commands to paste. */
export interface RemedyReport {
  readonly steps: readonly StepReport[];
  /** A command that shows whether it is repaired. */
  readonly check?: string;
  readonly undo?: string;
}

/** Another way to the same end. */
export interface AlternativeReport extends RemedyReport {
  /** Goes on from “or”. */
  readonly title: string;
}

export interface StepReport {
  readonly text: string;
  readonly where: RemedyStep['where'];
  readonly risk?: string;
  /** What must hold first; its command fails as long as it does not. */
  readonly precondition?: Precondition;
  /** A person has to decide, or to fill in something. */
  readonly decision?: true;
  /** The text says why this is not to be done now, and what comes first; what would have followed is left out. */
  readonly withheld?: true;
  /** To paste; one for each node where they differ by node. */
  readonly commands: readonly { readonly node?: string; readonly command: string }[];
}
