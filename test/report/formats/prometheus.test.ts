import parse from 'parse-prometheus-text-format';
import { describe, expect, test } from 'vitest';
import { prometheusFailure, renderPrometheus } from '../../../src/report/formats/renderPrometheus.ts';
import type { ReportDocument } from '../../../src/report/ReportDocument.ts';
import { broken, healthy, unknowns } from '../documents.ts';
import { againstReport, brokenGate, failure, withTextEverywhere } from './samples.ts';

const reports: readonly (readonly [string, () => ReportDocument | Promise<ReportDocument>])[] = [
  ['healthy', () => healthy],
  ['broken', () => broken],
  ['unknown', () => unknowns],
  ['a recorded cluster', brokenGate],
  ['compared with before', againstReport],
];

const valueOf = (text: string, line: string): string | undefined =>
  text
    .split('\n')
    .find((one) => one.startsWith(`${line} `))
    ?.slice(line.length + 1);

describe('metrics', () => {
  test.each(reports)('of what is %s are read by a parser, each name and each set of labels once', async (_, read) => {
    const report = await read();
    for (const document of [report, withTextEverywhere(report, 'a"\\\n{}\u001b\u202e=,')]) {
      const text = renderPrometheus(document);
      const families = parse(text);
      expect(new Set(families.map(({ name }) => name)).size).toBe(families.length);
      const series = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
      expect(families.flatMap(({ metrics }) => metrics)).toHaveLength(series.length);
      expect(new Set(series.map((line) => line.replace(/ [^ ]*$/, ''))).size).toBe(series.length);
      for (const { name, help, type } of families) {
        expect(name).toMatch(/^kpr_[a-z_]+$/);
        expect(help).not.toBe('');
        // What is no counter must not be called one.
        expect(type).toBe(name.endsWith('_total') ? 'UNTYPED' : 'GAUGE');
      }
    }
  });

  test('tell the same as the report', async () => {
    const text = renderPrometheus(await brokenGate());
    expect(valueOf(text, 'kpr_exit_code')).toBe('1');
    expect(valueOf(text, 'kpr_verdict{verdict="fail"}')).toBe('1');
    expect(valueOf(text, 'kpr_verdict{verdict="pass"}')).toBe('0');
    expect(
      valueOf(text, 'kpr_finding{code="KPR1002",severity="error",harm="now",check="agents-answer",node="n2"}'),
    ).toBe('1');
    expect(valueOf(text, 'kpr_node_parity{node="n1"}')).toBe('1');
    expect(valueOf(text, 'kpr_node_parity{node="n2"}')).toBe('0');
    const { coverage } = await brokenGate();
    expect(valueOf(text, 'kpr_frontends_verified_total')).toBe(String(coverage.frontends?.verified));
  });

  test('a node that was not read is not as it should be', () => {
    const frontends = { ...(healthy.coverage.frontends ?? never()), byNode: [{ node: 'n1', total: 3, verified: 3 }] };
    const text = renderPrometheus({ ...unknowns, coverage: { ...unknowns.coverage, frontends } });
    expect(valueOf(text, 'kpr_node_read{node="n7"}')).toBe('0');
    expect(valueOf(text, 'kpr_node_parity{node="n1"}')).toBe('1');
    expect(valueOf(text, 'kpr_node_parity{node="n7"}')).toBe('NaN');
  });

  test('of a failure say that nothing is known', () => {
    const text = prometheusFailure(failure);
    expect(valueOf(text, 'kpr_up')).toBe('0');
    expect(valueOf(text, 'kpr_verdict{verdict="error"}')).toBe('1');
    expect(valueOf(text, 'kpr_verdict{verdict="pass"}')).toBe('0');
    expect(parse(text)).toHaveLength(4);
  });
});

function never(): never {
  throw new Error('the healthy report has tables');
}
