import { basename, join } from 'node:path';
import { checks } from '../../checks/index.ts';
import { Derivations } from '../../src/core/Derivations.ts';
import type { CollectPlan } from '../../src/collect/RawSource.ts';
import { openArchive } from '../../src/collect/archive/openArchive.ts';
import { type CheckResult, runChecks } from '../../src/core/runChecks.ts';
import type { Phase } from '../../src/core/Phase.ts';
import type { Snapshot } from '../../src/model/Snapshot.ts';
import { SnapshotBuilder } from '../../src/parse/SnapshotBuilder.ts';
import { buildReport } from '../../src/report/buildReport.ts';
import { renderTable } from '../../src/report/renderTable.ts';
import type { ReportDocument } from '../../src/report/ReportDocument.ts';
import { aPlan } from './aPlan.ts';

const root = join(import.meta.dirname, '..', '..');

/** Where the recordings of test/cluster/recordings.ts lie, from the top of the project. */
export const captureOf = ({ name, isExample = false }: { name: string; isExample?: boolean }): string =>
  `${isExample ? 'examples/captures' : 'test/fixtures/recordings'}/${name}.kpr`;
export const sysdumpOf = ({ name }: { name: string }): string => `test/fixtures/recordings/${name}.zip`;

/** From the archive by the program's own way; its path in reports is the one that is given. */
export async function snapshotOf(file: string, plan: CollectPlan = aPlan({}, true)): Promise<Snapshot> {
  const source = await openArchive(join(root, file));
  if (source.origin.kind === 'live') throw new Error(`${basename(file)} is no archive`);
  const builder = new SnapshotBuilder({
    origin: { ...source.origin, file },
    takenAt: source.takenAt,
    selectedNodes: undefined,
    ciliumNamespace: undefined,
  });
  await source.read(plan, builder, { nodes: () => {}, nodeStarted: () => {}, nodeDone: () => {} });
  await source.close();
  return builder.build();
}

export const resultsOf = (snapshot: Snapshot, phase: Phase): CheckResult[] =>
  runChecks(
    checks.filter(({ phases }) => phases.includes(phase)),
    new Derivations(snapshot),
  );

export const reportOf = (snapshot: Snapshot, phase: Phase): ReportDocument =>
  buildReport(resultsOf(snapshot, phase), new Derivations(snapshot), {
    phase,
    failOn: 'error',
    strict: false,
    allowUnknown: new Set(),
    interrupted: false,
    toolVersion: '0.0.0',
    durationMs: 1234,
  });

const plain = (text: string): string => text;
const paint = { error: plain, warning: plain, info: plain, ok: plain, unknown: plain, dim: plain, bold: plain };

/** As people see it, 80 columns wide. */
export const tableOf = (report: ReportDocument): string =>
  renderTable(report, {
    width: 80,
    unicode: true,
    paint,
    detail: 'normal',
    now: Date.parse(report.takenAt) + 7 * 24 * 3_600_000,
  });

/**
 * Without the numbers that grow with the rule book, so that a check that is new changes no golden report in which it
 * finds nothing.
 */
export const withoutTotals = (table: string): string =>
  table
    .replace(/^\d+ checks: .*$/m, '… checks: …')
    .replaceAll(/\d+ (passed|skipped)/g, '… $1')
    .replaceAll(/\d+ (checks could not|more \()/g, '… $1');
