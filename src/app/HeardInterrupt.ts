import type { Io } from '../terminal/Io.ts';

/**
 * Remembers Ctrl-C where nobody waits for it, such as while what was read is judged: that is over soon, or, when it
 * takes long, ended by the guard.
 */
export class HeardInterrupt implements Disposable {
  readonly #io: Io;
  #isHeard = false;
  #ignore: (() => void) | undefined;

  constructor(io: Io) {
    this.#io = io;
  }

  /** From now on nothing may be waited for that could hang, but by who hears Ctrl-C, too. */
  listen(): void {
    this.#ignore ??= this.#io.onInterrupt(() => {
      this.#isHeard = true;
    });
  }

  /** One that came in the middle of a long step is heard first. */
  async isHeard(): Promise<boolean> {
    // Between the two the process looks for signals.
    for (let turn = 0; turn < 2; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    return this.#isHeard;
  }

  [Symbol.dispose](): void {
    this.#ignore?.();
  }
}
