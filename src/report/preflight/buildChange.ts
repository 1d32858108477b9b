import type { Checklist, ChecklistStep } from '../../remedy/change/Checklist.ts';
import type { ReportDocument } from '../ReportDocument.ts';
import type { ChangeReport, ChecklistStepReport } from './ChangeReport.ts';

/** Why it is this change, where nobody said which; to which version. */
export interface ChangeOptions {
  readonly because: string | undefined;
  readonly toVersion: string | undefined;
}

/** Of a no-go the checklist holds what may be done all the same: what changes nothing. */
export function buildChange(
  { change, settings, losses, steps }: Checklist,
  report: ReportDocument,
  { because, toVersion }: ChangeOptions,
): ChangeReport {
  const found = { change, because: because ?? null, toVersion: toVersion ?? null, report, settings, losses, steps };
  return report.verdict === 'fail' ? withheldIn(found) : found;
}

/** Of a no-go, whatever it comes from. */
export const withheldIn = (change: ChangeReport): ChangeReport => ({
  ...change,
  steps: change.steps.map((step) => (isRisky(step) ? withheld(step) : step)),
});

const isRisky = ({ risk, done }: Pick<ChecklistStep, 'risk' | 'done'>): boolean =>
  risk !== undefined && done === undefined;

const withheld = ({ text, where }: Pick<ChecklistStep, 'text' | 'where'>): ChecklistStepReport => ({
  text,
  where,
  withheld: true,
  commands: [],
});
