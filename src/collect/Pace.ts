/** How an exec went, as far as it tells whether more at a time would go well. */
export type Heard =
  | { readonly kind: 'answered'; readonly ms: number; readonly bytes: number }
  /** The server said that it has too much to do (429). */
  | { readonly kind: 'busy' }
  | { readonly kind: 'timeout' };

const atFirst = 32;
/** Of more nodes a few are asked first: whether answers are kilobytes or megabytes is known only then. */
const fewNodes = 12;
const toLearnFrom = 8;
/** So many answers tell it: of those that were asked first, others may hang. */
const enoughToLearn = 3;
/** Whole tables are megabytes for certain, on small clusters, too. */
const toLearnWholeFrom = 4;
const fewest = 4;
/**
 * Each is two connections with TLS, and API servers take some hundred long-running requests besides their other work;
 * more would have more answers come than one process can read.
 */
const most = 96;
/** Answers that are on their way at the same time may be this large together. */
const maxBytes = 64 * 1024 * 1024;
/** As long as answers take no longer than that many times the best, more at a time cost nobody anything. */
const stillFlat = 1.5;
const tooSlow = 3;
/** On a fast network a few milliseconds more or less tell nothing. */
const tolerantMs = 20;

/**
 * How many nodes are asked at a time: 32 at first (a few until it is known how large answers are, where there are many
 * nodes or they say whole tables), more while answers come as fast as before; fewer where they take much
 * longer, time out, are large, or when the server says that it has too much to do. A single node that hangs says
 * nothing about the others. Who is given a number keeps to it, and goes below it only where the server says so, most
 * time out, or answers are so large that there is no room for as many.
 */
export class Pace {
  readonly #fixed: number | undefined;
  #limit: number;
  #running = 0;
  readonly #waiting: (() => void)[] = [];
  readonly #returning: (() => void)[] = [];
  #bestMs = Number.POSITIVE_INFINITY;
  #window: Window;
  #isLearning = false;

  /** @param fixed as many as that; undefined: as many as go well */
  constructor(fixed: number | undefined) {
    this.#fixed = fixed;
    this.#limit = fixed ?? atFirst;
    this.#window = newWindow(this.#limit);
  }

  /** How many there are, and whether they say whole tables, before the first is asked. */
  expect(nodes: number, wholeTables = false): void {
    const first = Math.min(wholeTables ? toLearnWholeFrom : toLearnFrom, this.#limit);
    const mayBeTooMany = wholeTables ? nodes > first : nodes > fewNodes && this.#fixed === undefined;
    if (!mayBeTooMany || this.#running > 0) return;
    this.#limit = first;
    this.#isLearning = true;
    this.#window = newWindow(Math.min(first, enoughToLearn));
  }

  /** How many may be asked at a time now. */
  get limit(): number {
    return this.#limit;
  }

  /**
   * Resolves when it is one's turn, with what ends it; that may be called again.
   * @param again whoever had a turn before goes before others: what it has said is held until it ends
   */
  async enter(again = false): Promise<() => void> {
    const queue = again ? this.#returning : this.#waiting;
    if (this.#running >= this.#limit) await new Promise<void>((resolve) => queue.push(resolve));
    else this.#running += 1;
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.#running -= 1;
      this.#letIn();
    };
  }

  heard(one: Heard): void {
    const window = this.#window;
    window.count += 1;
    if (one.kind === 'busy') window.busy += 1;
    else if (one.kind === 'timeout') window.timeouts += 1;
    else {
      window.times.push(one.ms);
      window.bytes += one.bytes;
    }
    // Once for all that were asked at the same time.
    if (window.busy === 1 && one.kind === 'busy') this.#set(this.#limit / 2);
    if (window.count < window.size) return;
    this.#adapt(window);
    this.#window = newWindow(this.#limit);
  }

  #adapt({ count, busy, timeouts, times, bytes }: Window): void {
    if (busy > 0) return;
    const first = this.#isLearning ? (this.#fixed ?? atFirst) : undefined;
    this.#isLearning = false;
    // Nodes that hang take time, and no room: the first few of them are no reason to ask even fewer.
    if (timeouts > count / 2) return this.#set(first ?? this.#limit / 2);
    const median = times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)];
    if (median === undefined) return undefined;
    this.#bestMs = Math.min(this.#bestMs, median);
    const slower = median - tolerantMs;
    const isFlat = slower <= stillFlat * this.#bestMs || this.#fixed !== undefined;
    const factor = isFlat ? 1.5 : slower > tooSlow * this.#bestMs ? 0.75 : 1;
    return this.#set(Math.min(first ?? this.#limit * factor, (maxBytes * times.length) / Math.max(bytes, 1)));
  }

  #set(wanted: number): void {
    this.#limit = Math.round(Math.min(this.#fixed ?? most, Math.max(Math.min(fewest, this.#fixed ?? fewest), wanted)));
    this.#letIn();
  }

  #letIn(): void {
    while (this.#running < this.#limit) {
      const next = this.#returning.shift() ?? this.#waiting.shift();
      if (next === undefined) return;
      this.#running += 1;
      next();
    }
  }
}

interface Window {
  /** How many are heard before anything is made of them. */
  readonly size: number;
  count: number;
  busy: number;
  timeouts: number;
  /** Milliseconds of those that were answered. */
  readonly times: number[];
  bytes: number;
}

const newWindow = (limit: number): Window => ({
  size: Math.min(limit, atFirst),
  count: 0,
  busy: 0,
  timeouts: 0,
  times: [],
  bytes: 0,
});
