import { spawn } from 'node:child_process';
import { createOutput } from '../api/Output.ts';
import type { Env } from '../ConnectionFlags.ts';

export interface KubectlOptions {
  readonly env: Env;
  readonly timeoutMs: number;
  /** Bytes of stdout and stderr together. */
  readonly maxBytes: number;
  readonly onStdout?: (chunk: Uint8Array) => void;
  readonly stdin?: Uint8Array;
  readonly signals: readonly AbortSignal[];
}

/** How a run of kubectl ended, with what it said until then. */
export type KubectlRun = { readonly stdout: string; readonly stderr: string } & (
  | { readonly end: 'exited'; readonly exitCode: number }
  | { readonly end: 'timeout' }
  | { readonly end: 'tooLarge' }
  | { readonly end: 'aborted' }
  | { readonly end: 'notStarted'; readonly error: Error }
);

/** What kubectl itself has to say must not be lost where little output is wanted. */
const OWN_WORDS_BYTES = 8 * 1024;

type End = KubectlRun extends infer O ? (O extends KubectlRun ? Omit<O, 'stdout' | 'stderr'> : never) : never;

/**
 * Runs the kubectl on PATH, with the input that is given or none. Settles once; rejects only if `onStdout` throws.
 * Kills it when it is not wanted any more.
 */
export const runKubectl = async (args: readonly string[], options: KubectlOptions): Promise<KubectlRun> =>
  await new Promise((resolve, reject) => {
    const signal = AbortSignal.any([...options.signals]);
    if (signal.aborted) return resolve({ end: 'aborted', stdout: '', stderr: '' });
    const child = spawn('kubectl', args, { env: options.env, stdio: ['pipe', 'pipe', 'pipe'], windowsHide: true });
    // A program that ends before it has read all says why by its status.
    child.stdin.on('error', () => {});
    child.stdin.end(options.stdin);
    const output = createOutput(options.maxBytes, options.onStdout, OWN_WORDS_BYTES);
    let settled = false;

    const leave = (): boolean => {
      if (settled) return false;
      settled = true;
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      child.kill('SIGKILL');
      // A credential plugin that kubectl started may outlive it and hold the pipes open.
      child.stdout.destroy();
      child.stderr.destroy();
      return true;
    };
    const settle = (end: End): void => {
      if (leave()) resolve({ ...end, ...output.text() });
    };
    const onAbort = (): void => settle({ end: 'aborted' });
    const timer = setTimeout(() => settle({ end: 'timeout' }), options.timeoutMs);
    signal.addEventListener('abort', onAbort, { once: true });

    const take = (stream: 'stdout' | 'stderr', data: Uint8Array): void => {
      if (settled) return;
      try {
        if (!output.take(stream, data)) settle({ end: 'tooLarge' });
      } catch (error) {
        if (leave()) reject(error);
      }
    };
    child.stdout.on('data', (data: Buffer) => take('stdout', data));
    child.stderr.on('data', (data: Buffer) => take('stderr', data));
    child.once('error', (error) => settle({ end: 'notStarted', error }));
    child.once('close', (code) => settle({ end: 'exited', exitCode: code ?? -1 }));
    return undefined;
  });
