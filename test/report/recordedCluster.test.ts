import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { checks } from '../../checks/index.ts';
import { openArchive } from '../../src/collect/archive/openArchive.ts';
import type { Finding } from '../../src/core/Finding.ts';
import { type CheckResult, runChecks } from '../../src/core/runChecks.ts';
import type { Phase, Problem } from '../../src/knowledge/Problem.ts';
import { problems } from '../../src/knowledge/problems/index.ts';
import type { Snapshot } from '../../src/model/Snapshot.ts';
import { SnapshotBuilder } from '../../src/parse/SnapshotBuilder.ts';
import { valuesOf } from '../../src/remedy/valuesOf.ts';
import { buildReport } from '../../src/report/buildReport.ts';
import { renderJson } from '../../src/report/renderJson.ts';
import { renderTable } from '../../src/report/renderTable.ts';
import type { ReportDocument } from '../../src/report/ReportDocument.ts';
import { aPlan } from '../support/aPlan.ts';
import { schemaErrors } from './schema.ts';

/**
 * A real cluster with a hung agent on n2, whose table is behind, and with what kube-proxy left; the way from the archive to
 * the report is the program's own.
 */
const file = 'examples/captures/broken-cluster.kpr';

const plain = (text: string): string => text;
const paint = { error: plain, warning: plain, info: plain, ok: plain, unknown: plain, dim: plain, bold: plain };

let snapshot: Snapshot;
beforeAll(async () => {
  const source = await openArchive(join(import.meta.dirname, '..', '..', file));
  if (source.origin.kind !== 'capture') throw new Error('it is a capture');
  const builder = new SnapshotBuilder({
    origin: { ...source.origin, file },
    takenAt: source.takenAt,
    selectedNodes: undefined,
    ciliumNamespace: undefined,
  });
  await source.read(aPlan(), builder, { nodes: () => {}, nodeStarted: () => {}, nodeDone: () => {} });
  await source.close();
  snapshot = builder.build();
});

const results = (phase: Phase): CheckResult[] =>
  runChecks(
    checks.filter(({ phases }) => phases.includes(phase)),
    snapshot,
  );
const report = (phase: Phase): ReportDocument =>
  buildReport(results(phase), snapshot, {
    phase,
    failOn: 'error',
    strict: false,
    allowUnknown: new Set(),
    interrupted: false,
    toolVersion: '0.0.0',
    durationMs: 1234,
  });

describe('the report on a recorded cluster', () => {
  test('as people see it', async () => {
    const text = renderTable(report('doctor'), { width: 80, unicode: true, paint, detail: 'normal', failOn: 'error' });
    await expect(text).toMatchFileSnapshot('golden/recorded-cluster.80.golden');
  });

  test('as programs read it', async () => {
    const document: unknown = JSON.parse(renderJson(report('doctor')));
    expect(schemaErrors(document)).toEqual([]);
    await expect(renderJson(report('doctor'))).toMatchFileSnapshot('golden/recorded-cluster.json.golden');
  });

  test('the cause comes first, and what follows from it says so', () => {
    const { findings } = report('doctor');
    expect(findings[0]).toMatchObject({ code: 'KPR1002', nodes: ['n2'] });
    const stale = findings.filter(({ code }) => code === 'KPR4003');
    expect(stale.length).toBeGreaterThan(0);
    for (const one of stale) {
      expect(one.nodes).toEqual(['n2']);
      expect(one.likelyCauses).toContain('KPR1002');
    }
  });

  test('n2’s agent hangs, its maps are judged all the same', () => {
    const match = report('verify').checks.find(({ id }) => id === 'tables-match');
    expect(match?.result).toBe('fail');
    expect(report('verify').findings.map(({ code }) => code)).not.toContain('KPR4009');
  });

  test('fails the gate', () => {
    expect(report('verify')).toMatchObject({ verdict: 'fail', exitCode: 1 });
    expect(schemaErrors(JSON.parse(renderJson(report('verify'))))).toEqual([]);
  });

  test('is the same each time', () => {
    expect(renderJson(report('doctor'))).toBe(renderJson(report('doctor')));
  });

  test('every name in its texts has a value', () => {
    const findings = results('doctor').flatMap((one) => (one.result === 'fail' ? one.findings : []));
    expect(findings.length).toBeGreaterThan(5);
    expect(findings.flatMap((one) => unfilled(one))).toEqual([]);
  });
});

/** Placeholders of a finding’s texts for which nothing is known. */
function unfilled(finding: Finding): string[] {
  const problem: Problem = problems[finding.code];
  const values = valuesOf(finding, snapshot);
  const names = [...JSON.stringify(problem.variants[finding.variant]).matchAll(/\{\{(\w+)\}\}/g)].map(
    ([, name = '']) => name,
  );
  return names.filter((name) => values[name] === undefined).map((name) => `${finding.code} ${name}`);
}
