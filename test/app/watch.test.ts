import xterm from '@xterm/headless';
import { describe, expect, test } from 'vitest';
import type { Examined } from '../../src/app/examination.ts';
import { watch } from '../../src/app/watch.ts';
import { InterruptedError, KprError } from '../../src/core/KprError.ts';
import { reportFormats } from '../../src/report/formats.ts';
import type { ReportDocument } from '../../src/report/ReportDocument.ts';
import { aFindingReport, broken, healthy } from '../report/documents.ts';
import { type FakeIo, fakeIo } from '../support/fakeIo.ts';

type Answer = ReportDocument | Error;

const detached = aFindingReport({ nodes: ['n7'] });
const failing: ReportDocument = { ...healthy, verdict: 'fail', exitCode: 1, findings: [detached] };
const alsoOnN8: ReportDocument = { ...failing, findings: [aFindingReport({ nodes: ['n7', 'n8'] })] };
const later = (report: ReportDocument): ReportDocument => ({
  ...report,
  durationMs: report.durationMs + 7,
  takenAt: '2026-01-02T03:05:05Z',
});

/** Looks at one answer after the other, and is interrupted when it waits after the last one. */
async function watched(io: FakeIo, answers: readonly Answer[], format: keyof typeof reportFormats = 'table') {
  let made = 0;
  const kept: ReportDocument[] = [];
  const look = async (): Promise<Examined> => {
    const answer = answers[made++];
    if (made >= answers.length) setTimeout(() => io.interrupt(), 20);
    if (answer === undefined) throw new Error('nobody asks any more');
    if (answer instanceof Error) throw answer;
    return { report: answer, interrupted: () => answer };
  };
  const keep = async (report: ReportDocument): Promise<void> => void kept.push(report);
  const everyMs = 1;
  const pauses = { look, everyMs, keep };
  const speech = { color: 'never', verbosity: 'normal', debug: false } as const;
  // The last answer is looked at until somebody interrupts: no further one is asked for.
  const last = await watch(
    { ...pauses, look: async () => (made < answers.length ? look() : new Promise<never>(endless(io))) },
    { ...speech, format: reportFormats[format] },
    { io },
  );
  return { last, kept, made };
}

/** A look that is interrupted before it knows anything. */
const endless =
  (io: FakeIo) =>
  (_: unknown, reject: (error: Error) => void): void => {
    io.onInterrupt(() => reject(new InterruptedError('Interrupted', 'Nothing is known')));
  };

const linesOf = (io: FakeIo): string[] =>
  io.stdout.text
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ /, 'TIME '));

describe('in a pipe', () => {
  test('everything at first, then a line for each change, and none for what only took longer', async () => {
    const io = fakeIo();
    const { last, kept } = await watched(io, [failing, later(failing), alsoOnN8, healthy]);
    expect(linesOf(io)).toEqual([
      expect.stringMatching(/^TIME \+ error KPR1007 n7: Socket LB is enabled, but /) as unknown,
      'TIME = FAIL: socket load balancing is not attached on n7',
      expect.stringMatching(/^TIME \+ error KPR1007 n8: Socket LB is enabled, but /) as unknown,
      'TIME = FAIL: socket load balancing is not attached on n7 and n8',
      expect.stringMatching(/^TIME - error KPR1007 n7 and n8: Socket LB is enabled, but /) as unknown,
      'TIME = PASS: nothing wrong on 12 nodes',
    ]);
    expect(last).toBe(healthy);
    expect(kept).toHaveLength(4);
  });

  test('checks that cannot judge any more are one line, and so are those that can again', async () => {
    const io = fakeIo();
    const unread = { node: 'n3', reason: 'timeout', detail: 'no answer within 10 s', blockedBy: null } as const;
    const checks = healthy.checks.map((one) => ({ ...one, result: 'unknown', unknown: [unread] }) as const);
    await watched(io, [healthy, { ...healthy, checks }, healthy]);
    const text = 'agents-ready, socket-lb-attached and 3 more could not judge everything (n3: no answer within 10 s)';
    expect(linesOf(io).slice(1)).toEqual([`TIME + unknown ${text}`, `TIME - unknown ${text}`]);
  });

  test('an API server that is away is a change, and so is that it is back', async () => {
    const io = fakeIo();
    const away = new KprError('The API server does not answer', 'Try again');
    expect(await watched(io, [healthy, away, away, healthy])).toMatchObject({ last: healthy, made: 4 });
    expect(linesOf(io).slice(1)).toEqual([
      'TIME + error nothing can be read: The API server does not answer',
      'TIME - error nothing can be read: The API server does not answer',
    ]);
  });

  test('a report of before is no answer when nothing can be read at the end', async () => {
    const away = new KprError('The API server does not answer', 'Try again');
    await expect(watched(fakeIo(), [healthy, away])).rejects.toBe(away);
    await expect(watched(fakeIo(), [away])).rejects.toBe(away);
  });

  test('nobody reads any more: it ends', async () => {
    const io = fakeIo();
    const everyMs = 60_000;
    const running = watch(
      {
        look: async () => ({ report: failing, interrupted: () => failing }),
        everyMs,
        keep: async () => {},
      },
      { color: 'never', verbosity: 'normal', debug: false, format: reportFormats.table },
      { io },
    );
    setTimeout(() => io.stdout.emit('error', Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })), 10);
    expect((await running).exitCode).toBe(1);
  });

  test('TERM=dumb: lines, even on a terminal; hostile names act on none', async () => {
    const io = fakeIo({ stdout: 80, rows: 24, env: { TERM: 'dumb' } });
    const hostile = aFindingReport({ nodes: ['n1\u001b[2J'], message: 'a\nb\u202e' });
    await watched(io, [healthy, { ...failing, findings: [hostile] }]);
    expect(io.stdout.text).not.toContain('\u001b');
    expect(linesOf(io)[1]).toBe(String.raw`TIME + error KPR1007 n1\x1b[2J: a b\u{202e}`);
  });

  test('Ctrl-C during the first look: what was known until then', async () => {
    const io = fakeIo();
    const report: ReportDocument = { ...failing, verdict: 'interrupted', exitCode: 130 };
    expect((await watched(io, [report])).last.exitCode).toBe(130);
    expect(io.stdout.text).toContain('exit 130: ');
  });
});

/** What a terminal shows after it was sent a text. */
async function screenAfter(text: string, columns: number, rows: number) {
  const terminal = new xterm.Terminal({ cols: columns, rows, convertEol: true, allowProposedApi: true });
  await new Promise<void>((resolve) => terminal.write(text, resolve));
  const buffer = terminal.buffer.active;
  const all = Array.from({ length: buffer.length }, (_, at) => buffer.getLine(at)?.translateToString(true) ?? '');
  return { lines: all.join('\n').trimEnd().split('\n'), scrolled: buffer.baseY };
}

const prompt = '$ kubectl kpr doctor --watch\n';

/** The screen while it waits: what was written until the end of the watch is cut off. */
async function during(answers: readonly Answer[], columns = 80, rows = 24, env: Record<string, string> = {}) {
  const io = fakeIo({ stdout: columns, rows, env });
  const frames: string[] = [];
  const write = io.stdout.write.bind(io.stdout);
  io.stdout.write = (chunk: unknown) => {
    frames.push(String(chunk));
    return write(String(chunk));
  };
  await watched(io, answers);
  const looks = answers.filter((one) => !(one instanceof Error)).length;
  return { frames, shown: await screenAfter(prompt + frames.slice(0, looks).join(''), columns, rows), io };
}

describe('on a terminal', () => {
  test('draws over what it drew, marks what is new, and tells what changed', async () => {
    const { shown } = await during([failing, later(alsoOnN8)]);
    const text = shown.lines.join('\n');
    expect(shown.lines[0]).toBe(prompt.trim());
    expect(shown.lines[1]).toBe('Seen at 03:05:05Z, looking again after 1 ms; Ctrl-C ends');
    expect(text).toMatch(/\d\d:\d\d:\d\dZ \+ ✖ n8: Socket LB is enabled.* {2}KPR1007\n/);
    expect(text).toContain('= ✖ FAIL: socket load balancing is not attached on n7 and n8\n');
    expect(text).toMatch(/✖ n7 and n8: Socket LB is enabled.* {2}new KPR1007\n/);
    expect(text.match(/Seen at/g)).toHaveLength(1);
    expect(text).not.toContain('on n7\n');
  });

  test('never scrolls: what does not fit is counted', async () => {
    const { shown } = await during([broken, later(broken), broken], 80, 12);
    expect(shown.scrolled).toBeLessThanOrEqual(1);
    expect(shown.lines.at(-1)).toMatch(/^and \d+ more lines$/);
    expect(shown.lines.filter((line) => line.startsWith('Seen at'))).toHaveLength(1);
  });

  test.each([
    [20, 10, {}],
    [80, 3, {}],
    [80, 24, { LANG: 'C' }],
    [80, 24, { NO_COLOR: '1' }],
  ] as const)('%i columns, %i rows, %j: no rubbish is left', async (columns, rows, env) => {
    const { shown, io } = await during([broken, healthy, broken], columns, rows, env);
    expect(shown.lines.join('\n').match(/Seen at/g)).toHaveLength(1);
    if ('LANG' in env) expect(Buffer.from(io.stdout.text).every((byte) => byte < 0x80)).toBe(true);
  });

  test('at the end the last report is left, as it would have been printed', async () => {
    const io = fakeIo({ stdout: 80, rows: 24 });
    await watched(io, [broken, later(healthy)]);
    const { lines } = await screenAfter(prompt + io.stdout.text, 80, 60);
    expect(lines[1]).toMatch(/^prod-1 · Cilium/);
    expect(lines.at(-1)).toMatch(/^exit 0: /);
    expect(lines.join('\n')).not.toContain('Seen at');
  });

  test('is drawn anew when the size changes', async () => {
    const io = fakeIo({ stdout: 80, rows: 24 });
    const running = watched(io, [failing]);
    await new Promise((resolve) => void setTimeout(resolve, 5));
    io.stdout.columns = 120;
    io.stdout.emit('resize');
    await running;
    expect(io.stdout.text).toContain('\u001b[H\u001b[J');
    expect(io.stdout.listenerCount('resize')).toBe(0);
    expect(io.stdout.listenerCount('error')).toBe(0);
  });
});
