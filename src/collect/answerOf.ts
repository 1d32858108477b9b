import type { RawAnswer } from '../model/raw.ts';
import type { ClusterPort, ExecOutcome, ExecTarget } from './ClusterPort.ts';
import { isKilled } from './execEnds.ts';
import { goneSince } from './goneSince.ts';
import { cutOf, type Reading } from './Reading.ts';

/** What an exec of one program gives: what it printed, or why nobody knows what it would have. */
export async function answerOf(
  port: ClusterPort,
  asked: { readonly node: string; readonly target: ExecTarget; readonly command: string },
  outcome: ExecOutcome,
  reading: Reading,
): Promise<RawAnswer> {
  const { command } = asked;
  if (outcome.end === 'exited' && !isKilled(outcome))
    return { text: outcome.stdout, stderr: outcome.stderr, exitCode: outcome.exitCode, command };
  return { ...((await goneSince(port, asked, outcome, reading.plan.signal)) ?? cutOf(outcome, reading)), command };
}
