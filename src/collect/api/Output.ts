/** So many pieces are joined to one: each costs as much as a hundred bytes, and some have one byte. */
const joinedPieces = 1024;

/** The bounded output of a command. */
export class Output {
  readonly #maxBytes: number;
  readonly #extraStderr: number;
  readonly #onStdout: ((chunk: Uint8Array) => void) | undefined;
  readonly #kept: Record<'stdout' | 'stderr', Uint8Array[]> = { stdout: [], stderr: [] };
  /** How many of the kept pieces are joined ones; they come first. */
  readonly #joined = { stdout: 0, stderr: 0 };
  #size = 0;

  /** `maxBytes` is for both streams together, `extraStderr` for stderr on top. */
  constructor(maxBytes: number, onStdout: ((chunk: Uint8Array) => void) | undefined, extraStderr = 0) {
    this.#maxBytes = maxBytes;
    this.#extraStderr = extraStderr;
    this.#onStdout = onStdout;
  }

  /** Keeps what still has room; false: that was more. Throws what `onStdout` throws. */
  take(stream: 'stdout' | 'stderr', data: Uint8Array): boolean {
    const room = Math.max(0, this.#maxBytes + (stream === 'stderr' ? this.#extraStderr : 0) - this.#size);
    const piece = data.length > room ? data.subarray(0, room) : data;
    this.#size += piece.length;
    if (piece.length > 0) {
      this.#keep(stream, piece);
      if (stream === 'stdout') this.#onStdout?.(piece);
    }
    return data.length <= room;
  }

  #keep(stream: 'stdout' | 'stderr', piece: Uint8Array): void {
    const kept = this.#kept[stream];
    kept.push(piece);
    if (kept.length - this.#joined[stream] < joinedPieces) return;
    kept.push(Buffer.concat(kept.splice(this.#joined[stream])));
    this.#joined[stream] += 1;
  }

  /** What was kept, once: it is let go. Decoded as a whole, since a character may come in two pieces. */
  text(): { readonly stdout: string; readonly stderr: string } {
    return { stdout: this.#textOf('stdout'), stderr: this.#textOf('stderr') };
  }

  #textOf(stream: 'stdout' | 'stderr'): string {
    const whole = Buffer.concat(this.#kept[stream].splice(0));
    return whole.toString('utf8');
  }
}
