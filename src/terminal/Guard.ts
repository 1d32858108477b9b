import { closeSync } from 'node:fs';
import { getHeapStatistics } from 'node:v8';
import type { Worker } from 'node:worker_threads';

const mebibyte = 1024 * 1024;
const beatMs = 100;
/** How the thread finds the way in: an expression that it has evaluated sees global names only. */
const name = Symbol.for('kubectl-kpr guard');

/** So far beyond its time, or after Ctrl-C, a run is ended that does not end by itself: two seconds at most. */
export const overrunMs = 1300;

/** Why a run is ended. */
export type Exceeded = 'memory' | 'time' | 'interrupted';

/**
 * Says why a run is ended, and gives the exit code.
 * @param maxBytes what it may take
 * @param isAnswered whether it has given its answer, and only comes to its end
 */
export type Fail = (why: Exceeded, maxBytes: number, isAnswered: boolean) => number;

/**
 * Ends the process with a sentence when it takes more memory than it may, or is busy beyond its time or after Ctrl-C,
 * whatever it is doing then. A thread sees to it (10 ms, once), which is started for what is large or slow only.
 */
export class Guard {
  /** As the thread reads them: guard.cjs. */
  readonly #bounds = new Float64Array(new SharedArrayBuffer(32));
  readonly #beats = new Int32Array(new SharedArrayBuffer(4));
  readonly #program: string;
  readonly #fail: Fail;
  readonly #isHeard: () => boolean;
  #isAnswered = false;
  #timer: NodeJS.Timeout | undefined;
  #worker: Worker | undefined;

  /** @param program what the thread runs @param isHeard whether somebody waits for Ctrl-C, to end in his own way */
  constructor(program: string, fail: Fail, isHeard: () => boolean, maxBytes: number = 400 * mebibyte) {
    this.#program = program;
    this.#fail = fail;
    this.#isHeard = isHeard;
    this.allow(maxBytes);
    this.dueIn(Infinity);
  }

  /** As much more as a further part of what is read may cost. */
  allowMore(bytes: number): void {
    this.allow((this.#bounds[0] ?? 0) + bytes);
  }

  /** Bytes that the process may take; never more than V8 gives, which would end it with a stack trace. */
  allow(maxBytes: number): void {
    this.#bounds[0] = Math.min(maxBytes, 0.9 * getHeapStatistics().heap_size_limit);
  }

  /** From now on; Infinity: there is no such time. Once it is interrupted nothing gives it more. */
  dueIn(ms: number): void {
    if (this.#bounds[2] !== 1) this.#bounds[1] = performance.timeOrigin + performance.now() + ms;
  }

  /** From now on there is little time; whoever heard Ctrl-C knows how much. */
  interrupted(ms: number = overrunMs): void {
    this.#bounds[2] = 0;
    this.dueIn(ms);
    this.#bounds[2] = 1;
    this.start();
  }

  /**
   * Neither time nor SIGTERM nor a first Ctrl-C end the run in the middle of what it does until the given function is
   * called, for it has something to put in order first; memory and a second Ctrl-C do. The time that this took is not
   * counted; once it is interrupted, there is little for what comes after it.
   */
  hold(): () => void {
    const due = this.#bounds[1] ?? Infinity;
    const begun = performance.now();
    this.#bounds[3] = 1;
    return () => {
      const ended = performance.now();
      const [ofRun, afterInterrupt] = [due + ended - begun, performance.timeOrigin + ended + overrunMs];
      this.#bounds[1] = this.#bounds[2] === 1 ? afterInterrupt : ofRun;
      this.#bounds[3] = 0;
    };
  }

  /** The answer was given to stdout, or why there is none. */
  answered(): void {
    this.#isAnswered = true;
  }

  /** Starts the thread soon, unless the run is over before. */
  startIn(ms: number): void {
    if (this.#worker === undefined) this.#timer ??= setTimeout(() => this.start(), ms).unref();
  }

  start(): void {
    clearTimeout(this.#timer);
    if (this.#worker !== undefined) return;
    Object.defineProperty(globalThis, name, { value: (why: Why) => this.#onCall(why), configurable: true });
    setInterval(() => Atomics.add(this.#beats, 0, 1), beatMs).unref();
    // For good: the first listener of a signal would take it from the thread.
    process.on('SIGINT', () => {
      // Nobody does when what was read is judged.
      if (!this.#isHeard()) this.#end('interrupted');
    });
    const workerData = { bounds: this.#bounds.buffer, beats: this.#beats.buffer, overrunMs };
    // Not loaded by what ends before.
    const { Worker } = process.getBuiltinModule('node:worker_threads');
    this.#worker = new Worker(this.#program, { eval: true, workerData, stdin: false });
    this.#worker.unref();
    // A machine without threads to spare: the run goes on as it would without.
    this.#worker.on('error', () => {});
  }

  /** Runs between any two steps of the program: it must not touch what the program works with. */
  #onCall(why: Why): void {
    switch (why) {
      case 'busy':
        return letTerminationEnd();
      case 'signal':
        return void setImmediate(() => process.emit('SIGINT'));
      case 'memory':
      case 'time':
      case 'interrupted':
        return this.#end(why);
      default:
        return why satisfies never;
    }
  }

  #end(why: Exceeded): void {
    const exitCode = this.#fail(why, this.#bounds[0] ?? 0, this.#isAnswered);
    // Last of all: Node has a word to say about the thread that called.
    process.once('exit', () => closeSync(2));
    process.exit(exitCode);
  }
}

type Why = Exceeded | 'busy' | 'signal';

/** Until the program listens again, SIGTERM does what it does to any program. */
function letTerminationEnd(): void {
  const listeners = process.listeners('SIGTERM');
  process.removeAllListeners('SIGTERM');
  setImmediate(() => {
    for (const one of listeners) process.on('SIGTERM', one);
  });
}
