import { missing, type Missing } from '../model/Fact.ts';
import { excerptOf } from '../parse/text.ts';
import { durationText } from '../text/durationText.ts';
import type { ExecOutcome } from './ClusterPort.ts';
import { whyUnanswered } from './runEnd.ts';

/** Its own words, else these. */
export const saidOf = ({ stderr }: ExecOutcome, otherwise: string): string => excerptOf(stderr) || otherwise;

/** Shells: 128 and the number of a signal. */
export const isKilled = ({ exitCode }: Extract<ExecOutcome, { readonly end: 'exited' }>): boolean => exitCode > 128;

/** Why a command's output is not there, when the exec that was to bring it ended like this. */
export function whyCut(outcome: ExecOutcome, signal: AbortSignal | undefined): Missing {
  switch (outcome.end) {
    case 'exited':
      // Somebody killed it, as a kernel without memory does, and whoever ends the container: it said nothing wrong.
      if (isKilled(outcome))
        return {
          ...missing('unreachable', `the exec was killed before all was printed (status ${outcome.exitCode})`),
          unheard: true,
        };
      // Runtimes lose the end of what was printed now and then: it was on its way, and nothing is wrong with it.
      if (outcome.exitCode === 0)
        return { ...missing('unreachable', 'the exec ended before all that was printed had come'), unheard: true };
      return missing(
        'unparsed',
        `the exec ended with status ${outcome.exitCode} before all was printed${because(outcome.stderr)}`,
      );
    case 'failed':
      return missing('unreachable', `nothing was run in the pod: ${outcome.message}`);
    case 'refused':
      if (outcome.httpStatus === 401) return missing('unauthenticated', outcome.message);
      if (outcome.httpStatus === 403) return missing('forbidden', outcome.message);
      return missing('unreachable', `exec was refused with HTTP ${outcome.httpStatus}: ${outcome.message}`);
    case 'dropped':
      return { ...missing('unreachable', `the connection ended early: ${outcome.message}`), unheard: true };
    case 'timeout':
      return { ...missing('timeout', `no answer within ${durationText(outcome.afterMs)}`), unheard: true };
    case 'tooLarge':
      return missing('unparsed', `more than ${outcome.maxBytes} bytes were printed`);
    case 'unreachable':
      return missing('unreachable', outcome.message);
    case 'aborted':
      return whyUnanswered(signal);
  }
}

function because(stderr: string): string {
  const line = stderr.trim().split('\n')[0] ?? '';
  return line === '' ? '' : `: ${line}`;
}
