import { KprError } from '../core/KprError.ts';
import type { ReportDocument } from '../report/ReportDocument.ts';
import { whatIsMissing } from '../report/whatIsMissing.ts';
import { durationText } from '../text/durationText.ts';
import { visible } from '../text/visible.ts';
import type { Context } from './Context.ts';
import type { Examined, ExamineOptions } from './examination.ts';
import { lookAgain } from './lookAgain.ts';
import { pause } from './pause.ts';

/** Long enough not to be a burden, short enough that a gate opens soon. */
const betweenMs = 5000;

/**
 * Looks again until the gate is passed (exit code 0), the time is up or the user has seen enough, and says what it
 * waits for. Gives the last report. Throws KprError where nothing can be read at the first time; later the API server
 * may be away for a while, as it is in upgrades.
 */
export async function untilPassed(
  look: () => Promise<Examined>,
  ms: number,
  { verbosity, format }: Pick<ExamineOptions, 'verbosity' | 'format'>,
  { io }: Pick<Context, 'io'>,
  pauseMs = betweenMs,
): Promise<ReportDocument> {
  const started = io.now();
  const tell = format.kind === 'screen' && verbosity !== 'quiet' ? teller(io.stderr) : (): void => {};
  let last = await look();
  for (;;) {
    const { report } = last;
    if (report.exitCode === 0 || report.verdict === 'interrupted') return report;
    const left = started + ms - io.now();
    if (left <= 0) {
      tell(`Not passed within ${durationText(ms)}`);
      return report;
    }
    tell(`Not passed yet: ${whatIsMissing(report)}; looking again for ${durationText(ms)} at most`);
    io.guard?.dueIn(Infinity);
    if ((await pause(Math.min(pauseMs, left), io)) === 'interrupted') return last.interrupted();
    const next = await lookAgain(look);
    if (next === 'interrupted') return last.interrupted();
    if (next instanceof KprError) tell(`Nothing could be read: ${next.message}; trying again`);
    // Of a look that was cut short less is known than of the one before.
    else if (next.report.verdict === 'interrupted') return last.interrupted();
    else last = next;
  }
}

/** Says what is new only. */
function teller(stream: { write(text: string): unknown }): (text: string) => void {
  let said = '';
  return (text) => {
    if (text !== said) stream.write(`${visible(text)}\n`);
    said = text;
  };
}
