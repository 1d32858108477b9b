import type { RemedyStep } from '../../core/Problem.ts';
import type { Change } from '../../model/Intent.ts';

/** How a change is made on this cluster, in the order in which nobody loses a connection that need not be lost. */
export interface Checklist {
  readonly change: Change;
  /** What this cluster has, and the change takes over. */
  readonly settings: readonly CarriedSetting[];
  /** What is lost or different meanwhile or afterwards, and cannot be helped; a sentence each, without a period. */
  readonly losses: readonly string[];
  readonly steps: readonly ChecklistStep[];
}

export interface CarriedSetting {
  /** Among the values of Cilium’s chart; null: nothing is to be set. */
  readonly helm: string | null;
  readonly value: string;
  /** Where it was found. */
  readonly from: string;
}

export interface ChecklistStep {
  /** As a short sentence without a period. */
  readonly text: string;
  readonly where: RemedyStep['where'];
  /** A person has to decide, or to fill in words in capitals. */
  readonly decision?: true;
  /** To paste, in this order. */
  readonly commands: readonly string[];
  /** What may go wrong or be interrupted; absent: nothing is changed. */
  readonly risk?: string;
  /** A command that fails unless the step has succeeded. */
  readonly check?: string;
  /** What takes the step back. */
  readonly wayBack?: string;
  /** What shows that it is done already; absent: it is to be done. */
  readonly done?: string;
}
