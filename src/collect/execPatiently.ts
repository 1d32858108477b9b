import { setTimeout as delay } from 'node:timers/promises';
import type { ClusterPort, ExecOptions, ExecOutcome, ExecTarget } from './ClusterPort.ts';
import type { Reading } from './Reading.ts';

/** A server that has too much to do says so at once; it is asked again, later each time. */
const busyPauseMs = 500;
const maxBusyPauseMs = 5000;

/** Asks again where the server has too much to do, which it says before anything is run. */
export async function execPatiently(
  port: ClusterPort,
  target: ExecTarget,
  command: readonly string[],
  { plan: { signal }, pace }: Pick<Reading, 'plan' | 'pace'>,
  options: Omit<ExecOptions, 'signal'>,
): Promise<ExecOutcome> {
  const end = performance.now() + options.timeoutMs;
  let { timeoutMs } = options;
  for (let pauseMs = busyPauseMs; ; pauseMs = Math.min(2 * pauseMs, maxBusyPauseMs)) {
    const outcome = await port.exec(target, command, { ...options, timeoutMs, ...(signal && { signal }) });
    if (outcome.end !== 'refused' || outcome.httpStatus !== 429) return outcome;
    pace.heard({ kind: 'busy' });
    const wait = pauseMs * (0.5 + Math.random());
    if (performance.now() + wait >= end || signal?.aborted === true) return outcome;
    await delay(wait, undefined, signal && { signal }).catch(() => {});
    timeoutMs = Math.max(1, end - performance.now());
  }
}
