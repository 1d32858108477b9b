import { durationText } from '../text/durationText.ts';
import { listNames } from '../text/names.ts';
import { count } from '../text/plural.ts';
import type { Verbosity } from '../text/Style.ts';
import { visible } from '../text/visible.ts';
import type { Io } from './Io.ts';
import { hasColor } from './streamStyle.ts';
import { showsUnicode } from './showsUnicode.ts';

/** What is told of a reading while it goes on, as whoever reads tells it. */
export interface Progress {
  nodes(total: number): void;
  /** The API's lists are there; until then no node is read to its end. */
  listed(): void;
  nodeStarted(name: string): void;
  nodeDone(name: string): void;
  probing(connections: number, mostFromOne: number): void;
  /** Says something in place of what it was about to say. */
  say(text: string): void;
  /** Takes everything off the screen; may be called twice. */
  stop(): void;
}

export interface ProgressOptions {
  readonly verbosity: Verbosity;
  /** A person reads stdout, too. */
  readonly forPeople: boolean;
}

const slowAfterMs = 3000;
const refreshMs = 250;
/** Of fewer nodes nobody can tell how fast the others will be. */
const fewestForRate = 10;

/**
 * For a person who waits: a spinner on a terminal, a line at the beginning and the end with -v elsewhere, else nothing.
 */
export async function createProgress(io: Io, options: ProgressOptions): Promise<Progress> {
  if (options.verbosity !== 'quiet' && options.forPeople && canSpin(io)) return spinner(io);
  return milestones(io, options.verbosity === 'verbose');
}

/** A terminal of 0 columns makes ora clear lines without end, and what is not a terminal keeps every frame. */
const canSpin = ({ stderr, env }: Io): boolean =>
  stderr.isTTY === true &&
  (stderr.columns ?? 0) > 0 &&
  env['TERM'] !== 'dumb' &&
  ['', '0', 'false', undefined].includes(env['CI']);

async function spinner(io: Io): Promise<Progress> {
  const { default: ora } = await import('ora');
  // discardStdin puts the terminal into raw mode, which takes Ctrl-C away.
  const shape = showsUnicode(io.env, io.platform) ? {} : { spinner: 'line' as const };
  const color = hasColor(io.stderr, io.env, 'auto') ? ('cyan' as const) : (false as const);
  const options = { stream: io.stderr, discardStdin: false, isEnabled: true, color, text: 'reading the cluster' };
  const spin = ora({ ...options, ...shape }).start();
  const state = new NodeProgress(io);
  const columns = io.stderr.columns ?? 80;
  let isFinal = false;
  const show = (): void => {
    if (!isFinal) spin.text = visible(state.text(columns - 4)).slice(0, columns - 4);
  };
  const timer = setInterval(show, refreshMs);
  return {
    nodes: (total) => {
      state.begin(total);
      show();
    },
    listed: () => state.listed(),
    nodeStarted: (name) => void state.waiting.set(name, io.now()),
    nodeDone: (name) => state.done(name),
    probing: () => {},
    say: (text) => {
      isFinal = true;
      spin.text = text;
    },
    stop: () => {
      clearInterval(timer);
      spin.stop();
    },
  };
}

const silenceMs = 30_000;

function milestones(io: Io, isVerbose: boolean): Progress {
  const state = new NodeProgress(io);
  const write = (text: string): void => void (isVerbose && io.stderr.write(`${visible(text)}\n`));
  const timer = isVerbose ? setInterval(() => write(state.text()), silenceMs) : undefined;
  return {
    nodes: (total) => {
      state.begin(total);
      write(state.text());
    },
    listed: () => state.listed(),
    nodeStarted: (name) => void state.waiting.set(name, io.now()),
    nodeDone: (name) => {
      state.done(name);
      if (state.read === state.total) write(state.text());
    },
    probing: (connections, mostFromOne) =>
      write(
        `nodes open ${count(connections, 'connection')} to each other, ${mostFromOne} at most from one, and close them at once`,
      ),
    say: write,
    stop: () => clearInterval(timer),
  };
}

class NodeProgress {
  total: number | undefined;
  read = 0;
  #begun = 0;
  #isListed = false;
  readonly waiting = new Map<string, number>();
  readonly #io: Io;

  constructor(io: Io) {
    this.#io = io;
  }

  /** Also of a second look, which counts from the beginning. */
  begin(total: number): void {
    this.total = total;
    this.read = 0;
    this.#begun = this.#io.now();
  }

  /** What nodes have said by then comes all at once: how fast they are is told from here on. */
  listed(): void {
    if (!this.#isListed) this.#begun = this.#io.now();
    this.#isListed = true;
  }

  done(name: string): void {
    this.waiting.delete(name);
    this.read += 1;
  }

  /** @param room so many letters at most, if there is a way */
  text(room = Infinity): string {
    if (this.total === undefined) return 'reading the cluster';
    const now = this.#io.now();
    if (!this.#isListed && this.read === 0 && now - this.#begun >= slowAfterMs)
      return `${count(this.total, 'node')}: reading the API’s lists (${secondsText(now - this.#begun)})`;
    const slow = [...this.waiting].filter(([, since]) => now - since >= slowAfterMs).toSorted(([, a], [, b]) => a - b);
    const read = `read ${this.read} of ${count(this.total, 'node')}${this.#rate(this.total - slow.length, now)}`;
    if (slow.length === 0) return read;
    const longest = secondsText(Math.max(...slow.map(([, since]) => now - since)));
    const named = `${read}, waiting for ${listNames(slow.map(([name]) => name))} (${longest})`;
    return named.length <= room ? named : `${read}, waiting for ${slow.length} (${longest})`;
  }

  /**
   * How fast it goes and how long it will take, where there is enough to tell.
   * @param total without those that have been waited for: of them nobody can tell
   */
  #rate(total: number, now: number): string {
    const seconds = (now - this.#begun) / 1000;
    if (this.read < fewestForRate || this.read >= total || seconds < 1) return '';
    const perSecond = this.read / seconds;
    const rate = perSecond >= 10 ? perSecond.toFixed(0) : perSecond.toFixed(1);
    return `, ${rate} a second, ${durationText(1000 * Math.ceil((total - this.read) / perSecond))} left`;
  }
}

const secondsText = (ms: number): string => `${Math.round(ms / 1000)} s`;
