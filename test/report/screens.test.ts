import { beforeAll, describe, expect, test } from 'vitest';
import { recordings } from '../cluster/recordings.ts';
import { captureOf, reportOf, snapshotOf, withoutTotals } from '../support/readRecording.ts';
import { screenOf } from '../support/screenOf.ts';
import type { ReportDocument } from '../../src/report/ReportDocument.ts';

const sizes = [
  [80, 24],
  [120, 40],
] as const;

/** What a terminal shows, with a line where the first screen ends. */
const drawn = (lines: readonly string[], rows: number): string =>
  `${[...lines.slice(0, rows), `~~~~ ${rows} rows`, ...lines.slice(rows)].join('\n')}\n`;

describe.each(recordings)('$name on a terminal', ({ name }) => {
  let report: ReportDocument;
  beforeAll(async () => {
    report = reportOf(await snapshotOf(captureOf(recordings.find((one) => one.name === name) ?? { name })), 'doctor');
  });

  test.each(sizes)('of %i columns and %i rows', async (columns, rows) => {
    const { lines, broken } = await screenOf(report, columns, rows);
    expect(broken).toEqual([]);
    await expect(withoutTotals(drawn(lines, rows))).toMatchFileSnapshot(
      `golden/screens/${name}.${columns}x${rows}.golden`,
    );
  });

  test('shows the verdict, the first cause and what to type at a look', async () => {
    const { lines } = await screenOf(report, 80, 24);
    const first = lines.slice(0, 24).join('\n');
    const cause = report.findings.find(({ severity, effectOf }) => severity !== 'info' && effectOf === undefined);
    expect(first).toMatch(/(FAIL|PASS|PASS WITH WARNINGS): /);
    if (cause === undefined) {
      // What is healthy fits as a whole.
      expect(lines.length).toBeLessThan(24);
      return;
    }
    const [command = ''] = cause.remedy.steps.flatMap(({ commands }) => commands.map((one) => one.command));
    expect(first).toContain(cause.code);
    expect(first.replaceAll(/ \\\n +/g, ' ')).toContain(command);
  });
});
