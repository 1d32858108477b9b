import { join } from 'node:path';
import { Ajv } from 'ajv';
import type { Log } from 'sarif';
import { createGenerator } from 'ts-json-schema-generator';
import { beforeAll, describe, expect, test } from 'vitest';
import { renderSarif, sarifFailure } from '../../../src/report/formats/renderSarif.ts';
import type { ReportDocument } from '../../../src/report/ReportDocument.ts';
import { broken, healthy, unknowns } from '../documents.ts';
import { accepted, againstReport, brokenReport, failure, withLosses, withTextEverywhere } from './samples.ts';

/** The published types of SARIF 2.1.0 follow its schema: which members there are, and which must be. */
let errorsIn: (text: string) => readonly string[];
beforeAll(() => {
  const root = join(import.meta.dirname, '../../..');
  const schema = createGenerator({
    path: join(root, 'node_modules/@types/sarif/index.d.ts'),
    tsconfig: join(root, 'tsconfig.json'),
    type: 'Log',
    additionalProperties: false,
    skipTypeCheck: true,
  }).createSchema('Log');
  const validate = new Ajv({ allErrors: true, strict: false }).compile(schema as object);
  errorsIn = (text) =>
    validate(JSON.parse(text))
      ? []
      : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? ''}`);
}, 60_000);

const logOf = (report: ReportDocument): Log => JSON.parse(renderSarif(report)) as Log;

const prints = (report: ReportDocument) => logOf(report).runs[0]?.results?.map((one) => one.partialFingerprints);

const reports: readonly (readonly [string, () => ReportDocument | Promise<ReportDocument>])[] = [
  ['healthy', () => healthy],
  ['broken', () => broken],
  ['accepted', () => accepted(broken)],
  ['unknown', () => unknowns],
  ['unread', () => ({ ...broken, verdict: 'error', exitCode: 2, error: failure.error })],
  ['a recorded cluster', brokenReport],
  ['compared with before', async () => withLosses(await againstReport())],
];

describe('SARIF', () => {
  test.each(reports)('of what is %s is valid', async (_, read) => {
    const report = await read();
    expect(errorsIn(renderSarif(report))).toEqual([]);
    expect(errorsIn(renderSarif(withTextEverywhere(report, '../<a>\u0000{0}[b](c) ')))).toEqual([]);
    const [run] = logOf(report).runs;
    expect(run?.results).toHaveLength(
      report.findings.length + (report.against?.lost.length ?? 0) + (report.suppressions?.suppressed.length ?? 0),
    );
    // What the schema says of them, and types cannot.
    const rules = run?.tool.driver.rules?.map(({ id }) => id) ?? [];
    expect(new Set(rules).size).toBe(rules.length);
    for (const { ruleId, locations = [] } of run?.results ?? []) {
      expect(rules).toContain(ruleId);
      for (const { physicalLocation } of locations)
        expect(physicalLocation?.artifactLocation?.uri).toMatch(
          /^(?!\.)[\w.~!*'()%-]+(\/(?!\.+(\/|$))[\w.~!*'()%-]+)*$/,
        );
    }
  });

  test('what is suppressed and what is known say so in the words of SARIF', () => {
    const results = logOf(accepted(broken)).runs[0]?.results ?? [];
    expect(results.filter(({ suppressions }) => suppressions !== undefined)).toHaveLength(2);
    expect(results.filter(({ baselineState }) => baselineState === 'unchanged')).toHaveLength(2);
  });

  test('of a failure', () => {
    expect(errorsIn(sarifFailure(failure))).toEqual([]);
    expect(JSON.parse(sarifFailure(failure))).toMatchObject({
      runs: [{ results: [], invocations: [{ executionSuccessful: false, exitCode: 2 }] }],
    });
  });

  test('what is unknown is told by the run, and is no result', () => {
    const [run] = logOf(unknowns).runs;
    expect(run?.results).toEqual([]);
    const told = run?.invocations?.[0]?.toolExecutionNotifications?.map(({ message }) => message.text) ?? [];
    expect(told).toHaveLength(unknowns.checks.flatMap(({ unknown }) => unknown).length);
    expect(told[0]).toBe('socket-lb-attached on n7 could not be judged: the agent did not answer within 10 s');
  });

  test('a result keeps its fingerprint while it is found, and has one of its own', () => {
    expect(prints({ ...broken, takenAt: '2027-01-01T00:00:00Z' })).toEqual(prints(broken));
    expect(new Set(prints(broken)?.map((one) => JSON.stringify(one))).size).toBe(broken.findings.length);
  });

  test('what a message means to SARIF is text', () => {
    const [finding] = broken.findings;
    const findings = finding === undefined ? [] : [{ ...finding, message: 'see [this](https://x) {0}' }];
    expect(logOf({ ...broken, findings }).runs[0]?.results?.[0]?.message.text).toBe(
      String.raw`see [this\](https://x) {{0}}`,
    );
  });
});
