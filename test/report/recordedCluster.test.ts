import { beforeAll, describe, expect, test } from 'vitest';
import type { Finding } from '../../src/core/Finding.ts';
import type { Snapshot } from '../../src/model/Snapshot.ts';
import { valuesOf } from '../../src/remedy/valuesOf.ts';
import { summaryOf } from '../../src/report/buildReport.ts';
import { renderJson } from '../../src/report/renderJson.ts';
import { reportOf, resultsOf, snapshotOf } from '../support/readRecording.ts';
import { schemaErrors } from './schema.ts';

/**
 * The cluster of `npm start`: a hung agent on n2, whose table is behind, and what kube-proxy left. What people see of
 * it: recordings.test.ts.
 */
let snapshot: Snapshot;
beforeAll(async () => {
  snapshot = await snapshotOf('examples/captures/broken-cluster.kpr');
});

describe('the report on a recorded cluster', () => {
  test('as programs read it', async () => {
    const report = reportOf(snapshot, 'doctor');
    const document: unknown = JSON.parse(renderJson(report));
    expect(schemaErrors(document)).toEqual([]);
    // One check of each result shows how they are printed; all of them would change with every check that is new.
    const checks = [...Map.groupBy(report.checks, ({ result }) => result).values()].flatMap((alike) =>
      alike.slice(0, 1),
    );
    const summary = summaryOf(checks, report.findings);
    await expect(renderJson({ ...report, summary, checks })).toMatchFileSnapshot('golden/recorded-cluster.json.golden');
  });

  test('the cause comes first, and what follows from it says so', () => {
    const { findings } = reportOf(snapshot, 'doctor');
    expect(findings[0]).toMatchObject({ code: 'KPR1002', nodes: ['n2'] });
    const stale = findings.filter(({ code }) => code === 'KPR4003');
    expect(stale.length).toBeGreaterThan(0);
    for (const one of stale) {
      expect(one.nodes).toEqual(['n2']);
      expect(one.likelyCauses).toContain('KPR1002');
    }
  });

  test('n2’s agent hangs, its maps are judged all the same', () => {
    const match = reportOf(snapshot, 'verify').checks.find(({ id }) => id === 'tables-match');
    expect(match?.result).toBe('fail');
    expect(reportOf(snapshot, 'verify').findings.map(({ code }) => code)).not.toContain('KPR4009');
  });

  test('fails the gate', () => {
    expect(reportOf(snapshot, 'verify')).toMatchObject({ verdict: 'fail', exitCode: 1 });
    expect(schemaErrors(JSON.parse(renderJson(reportOf(snapshot, 'verify'))))).toEqual([]);
  });

  test('is the same each time', () => {
    expect(renderJson(reportOf(snapshot, 'doctor'))).toBe(renderJson(reportOf(snapshot, 'doctor')));
  });

  test('every name in its texts has a value', () => {
    const findings = resultsOf(snapshot, 'doctor').flatMap((one) => (one.result === 'fail' ? one.findings : []));
    expect(findings.length).toBeGreaterThan(5);
    expect(findings.flatMap((one) => unfilled(one))).toEqual([]);
  });
});

/** Placeholders of a finding’s texts for which nothing is known. */
function unfilled(finding: Finding): string[] {
  const values = valuesOf(finding, snapshot);
  const names = [...JSON.stringify(finding.problem.variants[finding.variant]).matchAll(/\{\{(\w+)\}\}/g)].map(
    ([, name = '']) => name,
  );
  return names.filter((name) => values[name] === undefined).map((name) => `${finding.code} ${name}`);
}
