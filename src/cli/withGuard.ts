import { newGuard } from '../terminal/newGuard.ts';
import { InterruptedError, KprError } from '../core/KprError.ts';
import { exitCodes } from '../core/verdict.ts';
import type { Exceeded, Fail } from '../terminal/Guard.ts';
import type { Io } from '../terminal/Io.ts';
import { failureTeller } from './reportFailure.ts';

/** The same with a guard where the process is this program's own. */
export async function withGuard(io: Io, argv: readonly string[], command: string): Promise<Io> {
  if (io.isWholeProcess !== true) return io;
  // What is said then is loaded now: nothing can be loaded in the middle of a loop.
  const tell = await failureTeller(argv, command, io);
  const fail: Fail = (why, maxBytes, isAnswered) =>
    // A second answer would contradict the first one, and be no JSON together with it.
    isAnswered && why === 'interrupted' ? exitCodes.interrupted : tell(failureOf(why, maxBytes));
  return { ...io, guard: newGuard(fail, io) };
}

function failureOf(why: Exceeded, maxBytes: number): KprError {
  switch (why) {
    case 'memory':
      return new KprError(
        `What was read takes more memory than it may (${Math.round(maxBytes / 1024 / 1024)} MiB)`,
        'Ask fewer nodes at a time (--concurrency 2), or look at one (--node NAME); an archive that needs so much is not what it seems',
      );
    case 'time':
      return new KprError(
        'The time is up, and what was read is still being worked on',
        'Give more time with --timeout, or look at one node (--node NAME)',
      );
    case 'interrupted':
      return new InterruptedError(
        'Interrupted while what was read was still being worked on',
        'Nothing was judged, and nothing is known',
      );
    default:
      return why satisfies never;
  }
}
