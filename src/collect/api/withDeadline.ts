/** Why an operation was stopped from here. */
export type Stopped = 'deadline' | 'closed';

/** Rejects as soon as `signal` is aborted, whatever `promise` does. */
export async function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let onAbort: (() => void) | undefined;
  try {
    return await Promise.race([
      promise,
      new Promise<never>((_, reject) => {
        onAbort = () => reject(signal.reason);
        if (signal.aborted) onAbort();
        else signal.addEventListener('abort', onAbort, { once: true });
      }),
    ]);
  } finally {
    if (onAbort) signal.removeEventListener('abort', onAbort);
  }
}

/**
 * Runs `work` with a signal that is aborted after `timeoutMs` or when `closed` is. `stopped` tells afterwards which of
 * the two it was. The timer keeps no finished program alive.
 */
export async function withDeadline<T>(
  timeoutMs: number,
  closed: AbortSignal,
  work: (signal: AbortSignal, stopped: () => Stopped | undefined, remainingMs: () => number) => Promise<T>,
): Promise<T> {
  const deadline = new AbortController();
  const start = performance.now();
  const timer = setTimeout(() => deadline.abort(new Error(`stopped after ${timeoutMs} ms`)), timeoutMs);
  try {
    return await work(
      AbortSignal.any([deadline.signal, closed]),
      () => (closed.aborted ? 'closed' : deadline.signal.aborted ? 'deadline' : undefined),
      () => timeoutMs - (performance.now() - start),
    );
  } finally {
    clearTimeout(timer);
  }
}
