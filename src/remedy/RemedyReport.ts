import type { RemedyStep } from '../core/Problem.ts';

/** A remedy as the published report holds it: filled in, with commands to paste. */
export interface RemedyReport {
  readonly steps: readonly StepReport[];
  /** A command that shows whether it is repaired. */
  readonly check?: string;
  readonly undo?: string;
}

export interface StepReport {
  readonly text: string;
  readonly where: RemedyStep['where'];
  readonly risk?: string;
  /** To paste; one for each node where they differ by node. */
  readonly commands: readonly { readonly node?: string; readonly command: string }[];
}
