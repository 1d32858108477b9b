import { wholeUpTo } from '../parse/digest/wholeUpTo.ts';

/**
 * Whose turn it is where nodes say only what is not known: the first ones say all, and the others wait until that
 * of one
 * is known, unless it takes too long.
 */
export class Lessons {
  #began = 0;
  #ended = 0;
  readonly #learnt = Promise.withResolvers<void>();

  /** Whether this one is to say all, without waiting. */
  begins(): boolean {
    this.#began += 1;
    return this.#began <= wholeUpTo.teachers;
  }

  /** What one has said is known. */
  learnt(): void {
    this.#learnt.resolve();
  }

  /** One that began says nothing more. */
  ended(): void {
    this.#ended += 1;
    if (this.#ended >= wholeUpTo.teachers) this.#learnt.resolve();
  }

  async wait(atMostMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, atMostMs);
    });
    await Promise.race([this.#learnt.promise, late]);
    clearTimeout(timer);
  }
}
