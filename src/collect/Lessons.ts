import { wholeUpTo } from '../parse/digest/wholeUpTo.ts';

/** So long the first one has for itself: a table of 5,000 Services takes a node half a second. */
export const patienceMs = 1000;

/**
 * Whose turn it is where nodes say only what is not known: the first one says all, and the others wait until that is
 * known. Where that fails, or takes long, another one says all, too, and so on; where it fails again, nobody waits.
 */
export class Lessons {
  #ended = 0;
  #isOver = false;
  /** Whether the next one that comes need not wait. */
  #isVacant = true;
  readonly #waiting = new Set<(teaches: boolean) => void>();

  /** Whether this one is to say all; otherwise it is told what is known, which is nothing where that comes too late. */
  async begins(atMostMs: number): Promise<boolean> {
    if (this.#isOver) return false;
    if (this.#isVacant) return this.#begin();
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.#waiting.add(resolve);
    const timer = setTimeout(() => resolve(false), atMostMs);
    const teaches = await promise;
    clearTimeout(timer);
    this.#waiting.delete(resolve);
    return teaches;
  }

  /** What one has said is known. */
  learnt(): void {
    this.#isOver = true;
    for (const goOn of this.#waiting) goOn(false);
  }

  /** One that began says nothing more. */
  ended(): void {
    this.#ended += 1;
    if (this.#ended >= wholeUpTo.teachers) this.learnt();
    else this.#next();
  }

  #begin(): true {
    this.#isVacant = false;
    setTimeout(() => this.#next(), patienceMs).unref();
    return true;
  }

  #next(): void {
    if (this.#isOver) return;
    const [first] = this.#waiting;
    if (first === undefined) this.#isVacant = true;
    else first(this.#begin());
  }
}
