import { describe, expect, test } from 'vitest';
import type { Examined } from '../../src/app/examination.ts';
import { untilPassed } from '../../src/app/untilPassed.ts';
import { InterruptedError, KprError } from '../../src/core/KprError.ts';
import { reportFormats } from '../../src/report/formats.ts';
import type { ReportDocument } from '../../src/report/ReportDocument.ts';
import { fakeIo } from '../support/fakeIo.ts';
import { healthy } from '../report/documents.ts';

const passed: ReportDocument = { ...healthy, command: 'verify' };
const failed: ReportDocument = {
  ...passed,
  verdict: 'unknown',
  exitCode: 3,
  gate: { failOn: 'error', unknownFails: true, allowedUnknown: [] },
  checks: [
    {
      id: 'tables-match',
      title: 'Tables match',
      area: 'tables',
      codes: ['KPR4003'],
      result: 'unknown',
      unknown: [{ node: 'n1', reason: 'notCollected', detail: 'the agent started 8 s before', blockedBy: null }],
    },
  ],
};

type Answer = ReportDocument | Error;

/** A cluster that gives one answer after the other, and the last one for good. */
function setUp(...answers: [Answer, ...Answer[]]) {
  const io = fakeIo();
  const looks = { made: 0 };
  const look = async (): Promise<Examined> => {
    const answer = answers[Math.min(looks.made++, answers.length - 1)] ?? answers[0];
    if (answer instanceof Error) throw answer;
    return { report: answer, interrupted: () => ({ ...answer, verdict: 'interrupted', exitCode: 130 }) };
  };
  const run = async (ms: number, pauseMs = 1, format: (typeof reportFormats)['table' | 'json'] = reportFormats.table) =>
    untilPassed(look, ms, { verbosity: 'normal', format }, { io }, pauseMs);
  return { io, looks, run };
}

describe('a gate that is waited for', () => {
  test('is passed at once where nothing is missing, and nothing is said', async () => {
    const { io, looks, run } = setUp(passed);
    expect(await run(60_000)).toBe(passed);
    expect({ looks: looks.made, said: io.stderr.text }).toEqual({ looks: 1, said: '' });
  });

  test('is looked at until it is passed; what it waits for is said once', async () => {
    const { io, looks, run } = setUp(failed, failed, passed);
    expect(await run(60_000)).toBe(passed);
    expect(looks.made).toBe(3);
    expect(io.stderr.text).toBe(
      'Not passed yet: 1 check could not judge everything (n1: the agent started 8 s before); looking again for 1 min at most\n',
    );
  });

  test('keeps its own exit code when the time is up', async () => {
    const { io, run } = setUp(failed);
    expect(await run(30, 10)).toBe(failed);
    expect(io.stderr.text).toMatch(/^Not passed yet: .*\nNot passed within 30 ms\n$/);
  });

  test('says nothing beside a document', async () => {
    const { io, run } = setUp(failed, passed);
    expect(await run(60_000, 1, reportFormats.json)).toBe(passed);
    expect(io.stderr.text).toBe('');
  });

  test('outlasts an API server that is away for a while, but not one that never answered', async () => {
    const away = new KprError('The API server does not answer', 'Try again');
    const { io, run } = setUp(failed, away, passed);
    expect(await run(60_000)).toBe(passed);
    expect(io.stderr.text).toContain('Nothing could be read: The API server does not answer; trying again\n');
    await expect(setUp(away, passed).run(60_000)).rejects.toBe(away);
  });

  test('ends with Ctrl-C, and what was known stands', async () => {
    const { io, run } = setUp(failed);
    const running = run(60_000, 60_000);
    await new Promise((resolve) => void setTimeout(resolve, 20));
    io.interrupt();
    expect(await running).toMatchObject({ verdict: 'interrupted', exitCode: 130, checks: failed.checks });
    const while_ = setUp(failed, new InterruptedError('Interrupted', 'Nothing'));
    expect(await while_.run(60_000)).toMatchObject({ verdict: 'interrupted', exitCode: 130 });
    // A look that Ctrl-C cut short has seen less than the one before it.
    const cut: ReportDocument = { ...passed, verdict: 'interrupted', exitCode: 130, checks: [] };
    expect(await setUp(failed, cut).run(60_000)).toMatchObject({ verdict: 'interrupted', checks: failed.checks });
    expect(await setUp(cut).run(60_000)).toBe(cut);
  });
});
