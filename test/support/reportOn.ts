import { checks } from '../../checks/index.ts';
import type { AnyCheck } from '../../src/core/Check.ts';
import { Derivations } from '../../src/core/Derivations.ts';
import { runChecks } from '../../src/core/runChecks.ts';
import type { Snapshot } from '../../src/model/Snapshot.ts';
import { buildReport } from '../../src/report/buildReport.ts';
import type { FindingReport, ReportDocument } from '../../src/report/ReportDocument.ts';

/** What doctor says of a cluster, with all checks unless some are given. */
export function reportOn(snapshot: Snapshot, some: readonly AnyCheck[] = checks): ReportDocument {
  const derivations = new Derivations(snapshot);
  return buildReport(runChecks(some, derivations), derivations, {
    phase: 'doctor',
    failOn: 'error',
    strict: false,
    allowUnknown: new Set(),
    interrupted: false,
    toolVersion: '0.0.0',
    durationMs: 0,
  });
}

/** Every command that a finding says to run, without those of alternatives, checks and undo. */
export const stepCommandsOf = ({ remedy }: FindingReport): string[] =>
  remedy.steps.flatMap(({ commands }) => commands.map(({ command }) => command));
