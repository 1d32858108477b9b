import { bugText } from './tool.ts';
import type { Io } from './Io.ts';

const interrupts = ['SIGINT', 'SIGTERM'] as const;

/** Of a reader that is gone: a pipe, a terminal that was closed. */
const gone: ReadonlySet<unknown> = new Set(['EPIPE', 'EIO']);

/** The real process. Reader gone (`| head`): no stack trace, and the exit code stays what the answer is. */
export function processIo(): Io {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (gone.has(error.code)) return;
      if (error.syscall !== 'write') throw error;
      // A disk that is full is the reader's, and no bug of ours.
      process.stderr.write(
        `Error: The output could not be written: ${error.message}\nWhat was printed is incomplete: write to another place, or make room\n`,
      );
      process.exit(2);
    });
  }
  let listening = 0;
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    isWholeProcess: true,
    env: process.env,
    platform: process.platform,
    // What makes a stream of it takes 3 ms, and nearly nobody reads it.
    get stdinIsTerminal() {
      return process.getBuiltinModule('node:tty').isatty(0);
    },
    now: () => performance.now(),
    onInterrupt: (listener) => {
      for (const signal of interrupts) process.on(signal, listener);
      listening += 1;
      return () => {
        for (const signal of interrupts) process.off(signal, listener);
        listening -= 1;
      };
    },
    hearsInterrupts: () => listening > 0,
    exitNow: (code) => process.exit(code),
    leaveBehind: () => void setInterval(leaveWhenWritten, 100).unref(),
  };
}

function leaveWhenWritten(): void {
  const isWritten = process.stdout.writableLength === 0 || process.stdout.destroyed;
  // The exit code is set when the answer has been given to stdout.
  if (isWritten && process.exitCode !== undefined) process.exit();
}

/** What nobody caught is a bug; its exit code must not be overwritten by a later success. */
export function reportBugs(debug: boolean): void {
  const onBug = (error: unknown): void => {
    process.stderr.write(bugText(error, debug));
    process.exit(2);
  };
  process.on('uncaughtException', onBug);
  process.on('unhandledRejection', onBug);
}
