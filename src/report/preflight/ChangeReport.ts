import type { RemedyStep } from '../../core/Problem.ts';
import type { Change } from '../../model/Intent.ts';
import type { ReportDocument } from '../ReportDocument.ts';

/** A change of a cluster: whether it may be made, by what that is so, and how it is made. */
export interface ChangeReport {
  readonly change: Change;
  /** Why it is this one, where nobody said which. */
  readonly because: string | null;
  /** To which version; null: it stays. */
  readonly toVersion: string | null;
  /** What was found on the cluster, as it counts for this change. */
  readonly report: ReportDocument;
  /** What the change takes over from the cluster. */
  readonly settings: readonly CarriedSettingReport[];
  /** What is lost meanwhile or afterwards, and cannot be helped. */
  readonly losses: readonly string[];
  /** In their order. */
  readonly steps: readonly ChecklistStepReport[];
}

export interface CarriedSettingReport {
  /** Among the values of Cilium’s chart; null: nothing is to be set. */
  readonly helm: string | null;
  readonly value: string;
  readonly from: string;
}

export interface ChecklistStepReport {
  readonly text: string;
  readonly where: RemedyStep['where'];
  /** A person has to decide, or to fill in words in capitals. */
  readonly decision?: true;
  /** It is not to be done as things are, so its commands are left out. */
  readonly withheld?: true;
  /** To paste, in this order. */
  readonly commands: readonly string[];
  /** Absent: it changes nothing. */
  readonly risk?: string;
  /** A command that fails unless the step has succeeded. */
  readonly check?: string;
  readonly wayBack?: string;
  /** What shows that it is done already. */
  readonly done?: string;
}
