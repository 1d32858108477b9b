import { closeSync } from 'node:fs';
import { getHeapStatistics } from 'node:v8';
import type { Worker } from 'node:worker_threads';

const mebibyte = 1024 * 1024;
const beatMs = 100;
const signals = ['SIGINT', 'SIGTERM'] as const;
/** How the thread finds the way in: an expression that it has evaluated sees global names only. */
const name = Symbol.for('kubectl-kpr guard');

/** Why a run is ended. */
export type Exceeded = 'memory' | 'time';

/** Says why a run is ended, and gives the exit code. @param maxBytes what it may take */
export type Fail = (why: Exceeded, maxBytes: number) => number;

/**
 * Ends the process with a sentence when it takes more memory than it may, or is busy beyond its time, whatever it is
 * doing then; and lets Ctrl-C end it while it is too busy to listen. A thread sees to it (10 ms, once), which is
 * started for what is large or slow only.
 */
export class Guard {
  readonly #bounds = new Float64Array(new SharedArrayBuffer(16));
  readonly #beats = new Int32Array(new SharedArrayBuffer(4));
  readonly #program: string;
  readonly #fail: Fail;
  #timer: NodeJS.Timeout | undefined;
  #worker: Worker | undefined;

  /** @param program what the thread runs */
  constructor(program: string, fail: Fail, maxBytes: number = 440 * mebibyte) {
    this.#program = program;
    this.#fail = fail;
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

  /** From now on; Infinity: there is no such time. */
  dueIn(ms: number): void {
    this.#bounds[1] = performance.timeOrigin + performance.now() + ms;
  }

  /** At least so long from now on. */
  extend(ms: number): void {
    this.#bounds[1] = Math.max(this.#bounds[1] ?? 0, performance.timeOrigin + performance.now() + ms);
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
    const workerData = { bounds: this.#bounds.buffer, beats: this.#beats.buffer };
    // Not loaded by what ends before.
    const { Worker } = process.getBuiltinModule('node:worker_threads');
    this.#worker = new Worker(this.#program, { eval: true, workerData, stdin: false });
    this.#worker.unref();
    // A machine without threads to spare: the run goes on as it would without.
    this.#worker.on('error', () => {});
  }

  /** Runs between any two steps of the program: it must not touch what the program works with. */
  #onCall(why: Why): void {
    if (why === 'busy') letSignalsEnd();
    else this.#end(why);
  }

  #end(why: Exceeded): void {
    const exitCode = this.#fail(why, this.#bounds[0] ?? 0);
    // Last of all: Node has a word to say about the thread that called.
    process.once('exit', () => closeSync(2));
    process.exit(exitCode);
  }
}

type Why = Exceeded | 'busy';

/** Until the program listens again, a signal does what it does to any program. */
function letSignalsEnd(): void {
  const listeners = signals.map((signal) => ({ signal, all: process.listeners(signal) }));
  for (const signal of signals) process.removeAllListeners(signal);
  setImmediate(() => {
    for (const { signal, all } of listeners) for (const one of all) process.on(signal, one);
  });
}
