import type { Guard } from './Guard.ts';

export type OutputStream = NodeJS.WritableStream & {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
};

/** All that a command touches of the process it runs in, so that tests can be another one. */
export interface Io {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: string;
  /** Whether a person can be asked something. */
  readonly stdinIsTerminal: boolean;
  /** Milliseconds since any fixed moment; never goes back. */
  now(): number;
  /** Calls back on each Ctrl-C (and SIGTERM) until the returned function is called. */
  onInterrupt(listener: () => void): () => void;
  /** Whether anybody is called back. */
  hearsInterrupts?(): boolean;
  /** Ends the process at once; for the second Ctrl-C only, because it cuts what is still being written. */
  exitNow(code: number): void;
  /** Whether it is a process of its own, which may be ended at any moment. */
  readonly isWholeProcess?: boolean;
  /** Sees to memory and time; undefined: nobody does. */
  readonly guard?: Guard | undefined;
  /** Something was left running that could keep the process alive: ends it once all is written. */
  leaveBehind(): void;
}
