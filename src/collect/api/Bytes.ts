/** How much room there is from the first byte on. */
const firstBytes = 64 * 1024;

/**
 * Bytes in one piece of memory that grows where it is, and is given back at once: pieces that wait for each other, and
 * for the garbage collector, take three times as much.
 */
export class Bytes {
  readonly #maxBytes: number;
  #buffer: ArrayBuffer | undefined;
  #length = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  append(piece: Uint8Array): void {
    const length = this.#length + piece.length;
    this.#buffer ??= new ArrayBuffer(0, { maxByteLength: this.#maxBytes });
    if (length > this.#buffer.byteLength) {
      this.#buffer.resize(Math.min(this.#maxBytes, Math.max(firstBytes, length, 2 * this.#buffer.byteLength)));
    }
    new Uint8Array(this.#buffer).set(piece, this.#length);
    this.#length = length;
  }

  /** What the first bytes say, at most this many. */
  text(length: number): string {
    return this.#view(length).toString('utf8');
  }

  /** A copy of them, which stays. */
  copy(): Buffer {
    return Buffer.from(this.#view(this.#length));
  }

  clear(): void {
    this.#buffer?.resize(0);
    this.#length = 0;
  }

  #view(length: number): Buffer {
    return this.#buffer === undefined ? Buffer.alloc(0) : Buffer.from(this.#buffer, 0, Math.min(length, this.#length));
  }
}
