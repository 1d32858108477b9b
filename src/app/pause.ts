import type { Io } from '../terminal/Io.ts';

/** A person who has seen enough does not wait: Ctrl-C ends it. */
export async function pause(ms: number, io: Io): Promise<'over' | 'interrupted'> {
  const { promise, resolve } = Promise.withResolvers<'over' | 'interrupted'>();
  const ignoreInterrupts = io.onInterrupt(() => resolve('interrupted'));
  const timer = setTimeout(() => resolve('over'), ms);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    ignoreInterrupts();
  }
}
