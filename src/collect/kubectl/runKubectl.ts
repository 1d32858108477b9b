import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { Output } from '../api/Output.ts';
import type { Env } from '../ConnectionFlags.ts';

export interface KubectlOptions {
  readonly env: Env;
  readonly timeoutMs: number;
  /** Bytes of stdout and stderr together. */
  readonly maxBytes: number;
  readonly onStdout?: (chunk: Uint8Array) => void;
  readonly stdin?: Uint8Array;
  readonly stdinLater?: Promise<Uint8Array>;
  readonly signals: readonly AbortSignal[];
}

/** How a run of kubectl ended, with what it said until then. */
export type KubectlRun = { readonly stdout: string; readonly stderr: string } & (
  | { readonly end: 'exited'; readonly exitCode: number }
  | { readonly end: 'timeout' }
  | { readonly end: 'tooLarge'; readonly maxBytes: number }
  | { readonly end: 'aborted' }
  | { readonly end: 'notStarted'; readonly error: Error }
);

/** What kubectl itself has to say must not be lost where little output is wanted. */
const ownWordsBytes = 8 * 1024;

type End = KubectlRun extends infer O ? (O extends KubectlRun ? Omit<O, 'stdout' | 'stderr'> : never) : never;

/**
 * Runs the kubectl on PATH, with the input that is given or none. Settles once; rejects only if `onStdout` throws.
 * Kills it when it is not wanted any more.
 */
export async function runKubectl(args: readonly string[], options: KubectlOptions): Promise<KubectlRun> {
  const signal = AbortSignal.any([...options.signals]);
  if (signal.aborted) return { end: 'aborted', stdout: '', stderr: '' };
  return new KubectlProcess(args, options, signal).run;
}

class KubectlProcess {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #output: Output;
  readonly #signal: AbortSignal;
  readonly #timer: NodeJS.Timeout;
  readonly #run = Promise.withResolvers<KubectlRun>();
  #isOver = false;

  constructor(
    args: readonly string[],
    { env, timeoutMs, maxBytes, onStdout, stdin, stdinLater }: KubectlOptions,
    signal: AbortSignal,
  ) {
    this.#output = new Output(maxBytes, onStdout, ownWordsBytes);
    this.#signal = signal;
    this.#timer = setTimeout(() => this.#settle({ end: 'timeout' }), timeoutMs);
    signal.addEventListener('abort', this.#onAbort, { once: true });
    const child = spawn('kubectl', args, { env, stdio: ['pipe', 'pipe', 'pipe'], windowsHide: true });
    this.#child = child;
    // A program that ends before it has read all says why by its status.
    child.stdin.on('error', () => {});
    if (stdin === undefined || stdinLater === undefined) child.stdin.end(stdin);
    else {
      child.stdin.write(stdin);
      void stdinLater.then((rest) => child.stdin.end(rest));
    }
    child.stdout.on('data', (data: Buffer) => this.#take('stdout', data));
    child.stderr.on('data', (data: Buffer) => this.#take('stderr', data));
    child.once('error', (error) => this.#settle({ end: 'notStarted', error }));
    child.once('close', (code) => this.#settle({ end: 'exited', exitCode: code ?? -1 }));
  }

  get run(): Promise<KubectlRun> {
    return this.#run.promise;
  }

  readonly #onAbort = (): void => this.#settle({ end: 'aborted' });

  #take(stream: 'stdout' | 'stderr', data: Uint8Array): void {
    if (this.#isOver) return;
    try {
      const maxBytes = this.#output.take(stream, data);
      if (maxBytes !== undefined) this.#settle({ end: 'tooLarge', maxBytes });
    } catch (error) {
      this.#output.drop();
      if (this.#leave()) this.#run.reject(error);
    }
  }

  #settle(end: End): void {
    if (this.#leave()) this.#run.resolve({ ...end, ...this.#output.text() });
  }

  /** False: it was over before. */
  #leave(): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#signal.removeEventListener('abort', this.#onAbort);
    this.#child.kill('SIGKILL');
    // A credential plugin that kubectl started may outlive it and hold the pipes open.
    this.#child.stdout.destroy();
    this.#child.stderr.destroy();
    return true;
  }
}
