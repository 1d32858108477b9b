import { KprError } from '../core/KprError.ts';
import type { Format } from '../report/formats.ts';
import type { ReportDocument } from '../report/ReportDocument.ts';
import { type ReportChange, reportChanges } from '../report/watch/reportChanges.ts';
import { renderTimedChange, renderFrame, type TimedChange } from '../report/watch/renderWatch.ts';
import { fitRows, type Size } from '../terminal/fitRows.ts';
import type { Io, OutputStream } from '../terminal/Io.ts';
import type { Context } from './Context.ts';
import type { Examined, ExamineOptions } from './examination.ts';
import { lookAgain } from './lookAgain.ts';
import { pause } from './pause.ts';
import { print, type SpeechOptions, viewOf } from './print.ts';

/** What is watched, and what is done with each report beside showing it. */
export interface Watched {
  readonly look: () => Promise<Examined>;
  readonly everyMs: number;
  readonly keep: (report: ReportDocument) => Promise<void>;
}

/**
 * Keeps a report up to date until Ctrl-C, or until nobody reads any more: in place on a terminal, a line for each
 * change elsewhere. Gives the last report; throws KprError where nothing can be read at the first look or at the last
 * one, since the report before it says nothing of now.
 */
export async function watch(
  { look, everyMs, keep }: Watched,
  options: SpeechOptions & Pick<ExamineOptions, 'format'>,
  { io }: Pick<Context, 'io'>,
): Promise<ReportDocument> {
  const first = await look();
  if (first.report.verdict === 'interrupted') {
    await print(first.report, options.format, viewOf(options, io), io);
    return first.report;
  }
  const heard = listen(io);
  const shown = canRedraw(io) ? await redrawing(options, everyMs, io) : lines(options, io);
  try {
    return await keepUp(first.report, { look, everyMs, keep }, shown, heard);
  } finally {
    heard.stop();
    shown.stop();
  }
}

async function keepUp(
  first: ReportDocument,
  { look, everyMs, keep }: Watched,
  shown: Shown,
  heard: Heard,
): Promise<ReportDocument> {
  let report = first;
  let failure: KprError | undefined;
  await keep(report);
  shown.show(report, undefined, reportChanges(undefined, report));
  for (;;) {
    heard.io.guard?.dueIn(Infinity);
    if (heard.isOver() || (await pause(everyMs, heard.io)) === 'interrupted') break;
    const next = await lookAgain(look);
    if (next === 'interrupted') break;
    if (next instanceof KprError) {
      if (next.message !== failure?.message) shown.show(report, report, [unreadable('added', next)]);
      failure = next;
      continue;
    }
    if (next.report.verdict === 'interrupted') break;
    const back = failure === undefined ? [] : [unreadable('gone', failure)];
    failure = undefined;
    await keep(next.report);
    shown.show(next.report, report, [...back, ...reportChanges(report, next.report)]);
    report = next.report;
  }
  await shown.end(report);
  if (failure !== undefined) throw failure;
  return report;
}

const unreadable = (kind: 'added' | 'gone', { message }: KprError): ReportChange => ({
  kind,
  mark: 'error',
  text: `nothing can be read: ${message}`,
});

interface Heard {
  /** Ctrl-C is heard, and so is that nobody reads any more. */
  readonly io: Io;
  isOver(): boolean;
  stop(): void;
}

/** From now on, also between two things that wait for it. */
function listen(io: Io): Heard {
  const ended = new AbortController();
  const end = (): void => ended.abort();
  const ignoreInterrupts = io.onInterrupt(end);
  io.stdout.on('error', end);
  return {
    io: {
      ...io,
      onInterrupt: (listener) => {
        ended.signal.addEventListener('abort', listener);
        return () => ended.signal.removeEventListener('abort', listener);
      },
    },
    isOver: () => ended.signal.aborted,
    stop: () => {
      ignoreInterrupts();
      io.stdout.removeListener('error', end);
    },
  };
}

/** How looks are shown, one after the other. */
interface Shown {
  show(report: ReportDocument, before: ReportDocument | undefined, changes: readonly ReportChange[]): void;
  /** What is left on the screen. */
  end(report: ReportDocument): Promise<void>;
  stop(): void;
}

type Shape = SpeechOptions & { readonly format: Format<ReportDocument> };

/** A line for each change. */
function lines(options: Shape, io: Io): Shown {
  return {
    show: (_, __, changes) => {
      const at = new Date().toISOString().replace(/\.\d+/, '');
      const view = viewOf(options, io);
      for (const change of changes) io.stdout.write(renderTimedChange({ at, change }, view));
    },
    end: async () => {},
    stop: () => {},
  };
}

type Terminal = OutputStream & Size;

/** A terminal that says how large it is, and moves its cursor. */
const canRedraw = ({ stdout, env }: Io): boolean => isTerminal(stdout) && env['TERM'] !== 'dumb';

const isTerminal = (stream: OutputStream): stream is Terminal =>
  stream.isTTY === true && (stream.columns ?? 0) > 0 && (stream.rows ?? 0) > 0;

const up = (rows: number): string => (rows === 0 ? '\r\u001b[J' : `\r\u001b[${rows}A\u001b[J`);
/** Where the size has changed nobody knows which rows the lines take now. */
const wholeScreen = '\u001b[H\u001b[J';

/** Draws over what it drew before. Nothing of the terminal is changed, so nothing has to be put back at any end. */
async function redrawing(options: Shape, everyMs: number, io: Io): Promise<Shown> {
  const { format } = options;
  if (format.kind === 'document') throw new Error('only what is for people is drawn on a terminal');
  const render = await format.load();
  const { stdout } = io;
  const seen: TimedChange[] = [];
  let drawn = 0;
  let last: { readonly report: ReportDocument; readonly before: ReportDocument | undefined } | undefined;
  const draw = (over: string): void => {
    if (last === undefined || !isTerminal(stdout)) return;
    const text = renderFrame({ ...last, seen, everyMs }, render, viewOf(options, io));
    const frame = fitRows(text, stdout);
    stdout.write(over + frame.text);
    drawn = frame.rows;
  };
  const onResize = (): void => draw(wholeScreen);
  stdout.on('resize', onResize);
  return {
    show: (report, before, changes) => {
      // At the first look everything is new: that is the report itself.
      if (before !== undefined) seen.push(...changes.map((change) => ({ at: new Date().toISOString(), change })));
      seen.splice(0, seen.length - mostRemembered);
      last = { report, before };
      draw(up(drawn));
    },
    end: async (report) => {
      stdout.write(up(drawn));
      await print(report, format, viewOf(options, io), io);
    },
    stop: () => void stdout.removeListener('resize', onResize),
  };
}

const mostRemembered = 100;
