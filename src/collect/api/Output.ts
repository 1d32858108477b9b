import { Bytes } from './Bytes.ts';

/** Bytes that the outputs of all commands under way may hold together: the program has room for that beside itself. */
const maxHeldBytes = 256 * 1024 * 1024;
/** Of each stream of a command that said too much: what is whole in it still counts, and more would not help. */
const keptOfTooMuch = 1024 * 1024;
let heldBytes = 0;

/** The bounded output of a command. What it takes is given back by `text` or `drop`: one of them is to be called. */
export class Output {
  readonly #maxBytes: number;
  readonly #extraStderr: number;
  readonly #onStdout: ((chunk: Uint8Array) => void) | undefined;
  readonly #kept: Record<'stdout' | 'stderr', Bytes>;
  #size = 0;
  #isTooMuch = false;

  /** `maxBytes` is for both streams together, `extraStderr` for stderr on top. */
  constructor(maxBytes: number, onStdout: ((chunk: Uint8Array) => void) | undefined, extraStderr = 0) {
    this.#maxBytes = maxBytes;
    this.#extraStderr = extraStderr;
    this.#onStdout = onStdout;
    this.#kept = { stdout: new Bytes(maxBytes), stderr: new Bytes(maxBytes + extraStderr) };
  }

  /**
   * Keeps what still has room. Gives the bound in bytes that was passed, of this command or of all together; undefined:
   * none was. Throws what `onStdout` throws.
   */
  take(stream: 'stdout' | 'stderr', data: Uint8Array): number | undefined {
    const own = Math.max(0, this.#maxBytes + (stream === 'stderr' ? this.#extraStderr : 0) - this.#size);
    const ofAll = Math.max(0, maxHeldBytes - heldBytes);
    const room = Math.min(own, ofAll);
    const piece = data.length > room ? data.subarray(0, room) : data;
    this.#size += piece.length;
    heldBytes += piece.length;
    if (piece.length > 0) {
      this.#kept[stream].append(piece);
      if (stream === 'stdout') this.#onStdout?.(piece);
    }
    if (data.length <= room) return undefined;
    this.#isTooMuch = true;
    return own <= ofAll ? this.#maxBytes : maxHeldBytes;
  }

  /** What was kept, once: it is let go. Decoded as a whole, since a character may come in two pieces. */
  text(): { readonly stdout: string; readonly stderr: string } {
    const length = this.#isTooMuch ? keptOfTooMuch : Number.POSITIVE_INFINITY;
    const said = { stdout: this.#kept.stdout.text(length), stderr: this.#kept.stderr.text(length) };
    this.drop();
    return said;
  }

  /** Lets go of what was kept, unread. */
  drop(): void {
    heldBytes -= this.#size;
    this.#size = 0;
    this.#kept.stdout.clear();
    this.#kept.stderr.clear();
  }
}
