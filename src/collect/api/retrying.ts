import { setTimeout as sleep } from 'node:timers/promises';

export interface Try<T> {
  readonly result: T;
  /** Whether another try may end better. */
  readonly mayPass: boolean;
  /** Milliseconds that the server asks to wait before it. */
  readonly waitMs?: number;
}

const maxTries = 3;
const backoffMs = 150;

/**
 * At most three tries, with growing, jittered pauses; for reading only. The result of the last try counts. A pause that
 * would not end in time (`remainingMs`) is not begun.
 */
export async function retrying<T>(
  attempt: () => Promise<Try<T>>,
  remainingMs: () => number,
  signal: AbortSignal,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    const { result, mayPass, waitMs = 0 } = await attempt();
    if (!mayPass || tries >= maxTries) return result;
    const pauseMs = Math.max(waitMs, backoffMs * 2 ** (tries - 1) * (0.5 + Math.random()));
    if (pauseMs >= remainingMs()) return result;
    try {
      await sleep(pauseMs, undefined, { signal });
    } catch {
      return result;
    }
  }
}
