import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { validateXML } from 'xmllint-wasm';
import { describe, expect, test } from 'vitest';
import { junitFailure, renderReportJunit } from '../../../src/report/formats/renderReportJunit.ts';
import { renderTraceJunit } from '../../../src/report/formats/renderTraceJunit.ts';
import type { ReportDocument } from '../../../src/report/ReportDocument.ts';
import type { TraceDocument } from '../../../src/report/TraceDocument.ts';
import { broken, healthy, unknowns } from '../documents.ts';
import {
  accepted,
  againstReport,
  brokenGate,
  brokenReport,
  brokenTrace,
  failure,
  withLosses,
  withTextEverywhere,
} from './samples.ts';

const schema = readFileSync(join(import.meta.dirname, 'junit.xsd'), 'utf8');

async function errorsIn(contents: string): Promise<readonly string[]> {
  const { errors } = await validateXML({ xml: { fileName: 'report.xml', contents }, schema, maxMemoryPages: 4096 });
  return errors.map(({ message }) => message);
}

const gate: ReportDocument = { ...unknowns, exitCode: 3, gate: { ...unknowns.gate, unknownFails: true } };
const interrupted: ReportDocument = { ...healthy, verdict: 'interrupted', exitCode: 130 };
const unread: ReportDocument = { ...broken, verdict: 'error', exitCode: 2, error: failure.error };
const skipped = healthy.checks.map(
  ({ id, title, area, codes }) => ({ id, title, area, codes, result: 'skipped', reason: 'off', unknown: [] }) as const,
);
const unjudged: ReportDocument = { ...healthy, verdict: 'unknown', exitCode: 3, checks: skipped };
const hostile = '<a b="]]>&amp;\u001b\ufffe\u0000';

const reports: readonly (readonly [string, () => ReportDocument | Promise<ReportDocument>])[] = [
  ['healthy', () => healthy],
  ['broken', () => broken],
  ['accepted', () => accepted(broken)],
  ['unknown', () => unknowns],
  ['an unknown gate', () => gate],
  ['interrupted', () => interrupted],
  ['unread', () => unread],
  ['nothing judged', () => unjudged],
  ['a recorded cluster', brokenReport],
  ['a gate on it', brokenGate],
  ['compared with before', againstReport],
  ['compared with before, with losses', async () => withLosses(await againstReport())],
];

describe('JUnit', () => {
  test.each(reports)('of what is %s is valid, and fails where the exit code is not 0', async (_, read) => {
    const report = await read();
    const text = renderReportJunit(report);
    expect(await errorsIn(text)).toEqual([]);
    expect(/<(failure|error) /.test(text)).toBe(report.exitCode !== 0);
    expect(await errorsIn(renderReportJunit(withTextEverywhere(report, hostile)))).toEqual([]);
  });

  test('of a trace', async () => {
    const document = await brokenTrace();
    const text = renderTraceJunit(document);
    expect(await errorsIn(text)).toEqual([]);
    expect(text).toMatch(/<testcase [^>]*name="n2" time="0"><failure type="KPR4003"/);
    expect(await errorsIn(renderTraceJunit(withTextEverywhere(document, hostile)))).toEqual([]);
    const none: TraceDocument = { ...document, verdict: 'unknown', exitCode: 3, paths: [] };
    expect(renderTraceJunit(none)).toContain('<error type="error" message="no node was examined">');
  });

  test('of a failure', async () => {
    expect(await errorsIn(junitFailure(failure))).toEqual([]);
    expect(junitFailure(failure)).toContain('<error type="error" message="The server refused">');
  });

  test('counts what it holds', () => {
    const text = renderReportJunit(gate);
    const count = (name: string): number =>
      [...text.matchAll(new RegExp(` ${name}="(\\d+)"`, 'g'))].reduce((sum, [, number]) => sum + Number(number), 0);
    expect(count('tests')).toBe(text.match(/<testcase /g)?.length);
    expect(count('errors')).toBe(text.match(/<error /g)?.length);
    expect(count('failures')).toBe(0);
  });

  test('what is allowed to be unknown is left out, and never passes', () => {
    const text = renderReportJunit({ ...gate, exitCode: 0, gate: { ...gate.gate, allowedUnknown: 'all' } });
    expect(text).not.toContain('<error');
    expect(text.match(/<skipped message="not judged: /g)).toHaveLength(gate.summary.inconclusive);
  });

  test('what is suppressed does not pass', () => {
    const text = renderReportJunit(accepted(broken));
    expect(text.match(/<skipped message="all that was found is suppressed"/g)).toHaveLength(2);
    expect(text).toContain('suppressed: KPR1007');
  });

  test('a finding below --fail-on fails nothing', () => {
    expect(renderReportJunit(broken).match(/<failure /g)).toHaveLength(1);
    const all = renderReportJunit({ ...broken, gate: { ...broken.gate, failOn: 'warning' } });
    expect(all.match(/<failure /g)).toHaveLength(2);
  });
});
