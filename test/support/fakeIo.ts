import { Writable } from 'node:stream';
import type { Io } from '../../src/terminal/Io.ts';

export class Screen extends Writable {
  readonly isTTY: boolean;
  columns: number | undefined;
  rows: number | undefined;
  text = '';

  constructor(columns?: number, rows?: number) {
    super();
    this.isTTY = columns !== undefined;
    this.columns = columns;
    this.rows = rows;
  }

  // What a terminal has beside a stream.
  cursorTo = (): boolean => true;
  moveCursor = (): boolean => true;
  clearLine = (): boolean => true;

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString('utf8');
    done();
  }
}

export interface FakeIo extends Io {
  readonly stdout: Screen;
  readonly stderr: Screen;
  /** What was asked of the process. */
  readonly exits: number[];
  readonly left: { behind: boolean };
  interrupt(): void;
}

export function fakeIo(
  options: { stdout?: number; rows?: number; stderr?: number; env?: Record<string, string> } = {},
): FakeIo {
  const listeners = new Set<() => void>();
  const exits: number[] = [];
  const left = { behind: false };
  return {
    stdout: new Screen(options.stdout, options.rows),
    stderr: new Screen(options.stderr),
    env: options.env ?? {},
    platform: 'linux',
    stdinIsTerminal: false,
    now: () => performance.now(),
    onInterrupt: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    exitNow: (code) => void exits.push(code),
    leaveBehind: () => {
      left.behind = true;
    },
    exits,
    left,
    interrupt: () => {
      for (const listener of listeners) listener();
    },
  };
}
