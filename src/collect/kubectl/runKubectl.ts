import { spawn } from 'node:child_process';
import type { Env } from '../ConnectionFlags.ts';

export interface KubectlOptions {
  readonly env: Env;
  readonly timeoutMs: number;
  /** Bytes of stdout and stderr together. */
  readonly maxBytes: number;
  readonly onStdout?: (chunk: Uint8Array) => void;
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

type End = KubectlRun extends infer O ? (O extends KubectlRun ? Omit<O, 'stdout' | 'stderr'> : never) : never;

const textOf = (chunks: readonly Uint8Array[]): string => Buffer.concat(chunks).toString('utf8');

/** Runs the kubectl on PATH, without input. Settles once; rejects only if `onStdout` throws. Kills it when it is not wanted any more. */
export const runKubectl = async (args: readonly string[], options: KubectlOptions): Promise<KubectlRun> =>
  await new Promise((resolve, reject) => {
    const signal = AbortSignal.any([...options.signals]);
    if (signal.aborted) return resolve({ end: 'aborted', stdout: '', stderr: '' });
    const child = spawn('kubectl', args, { env: options.env, stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true });
    const stdout: Uint8Array[] = [];
    const stderr: Uint8Array[] = [];
    let size = 0;
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
      if (leave()) resolve({ ...end, stdout: textOf(stdout), stderr: textOf(stderr) });
    };
    const onAbort = (): void => settle({ end: 'aborted' });
    const timer = setTimeout(() => settle({ end: 'timeout' }), options.timeoutMs);
    signal.addEventListener('abort', onAbort, { once: true });

    const take = (chunks: Uint8Array[], data: Uint8Array): void => {
      const room = options.maxBytes - size;
      const kept = data.length > room ? data.subarray(0, room) : data;
      size += kept.length;
      if (kept.length > 0) chunks.push(kept);
      if (kept.length > 0 && chunks === stdout && options.onStdout) {
        try {
          options.onStdout(kept);
        } catch (error) {
          if (leave()) reject(error);
        }
      }
      if (data.length > room) settle({ end: 'tooLarge' });
    };
    child.stdout.on('data', (data: Buffer) => take(stdout, data));
    child.stderr.on('data', (data: Buffer) => take(stderr, data));
    child.once('error', (error) => settle({ end: 'notStarted', error }));
    child.once('close', (code) => settle({ end: 'exited', exitCode: code ?? -1 }));
    return undefined;
  });
