import { close, fstatSync, openSync, read } from 'node:fs';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { RandomAccessReader } from 'yauzl';

const blockBytes = 1024 * 1024;
const pieceBytes = 64 * 1024;
const readPiece = promisify(read);

/** A part of a file that is open already, and stays so; what is behind its end is left out. */
export const piecesOf = (fd: number, start: number, end: number): Readable =>
  Readable.from(pieces(fd, start, end), { objectMode: false });

async function* pieces(fd: number, start: number, end: number): AsyncGenerator<Buffer, void, void> {
  for (let at = start; at < end;) {
    const size = Math.min(pieceBytes, end - at);
    const { bytesRead, buffer } = await readPiece(fd, Buffer.allocUnsafe(size), 0, size, at);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
    at += bytesRead;
  }
}

/**
 * A file for yauzl, which reads a zip's table of contents by some fifty bytes: of a large block at once, since each
 * look at the disk costs as much as a hundred entries.
 */
export class BlockReader extends RandomAccessReader {
  /** Of the file, in bytes. */
  readonly size: number;
  readonly #fd: number;
  #block: { readonly bytes: Buffer; readonly from: number } = { bytes: Buffer.alloc(0), from: 0 };

  readonly #isOwn: boolean;

  /** @param fd of a file that is open already, and stays so. Throws what `open` throws. */
  constructor(file: string, fd?: number) {
    super();
    this.#isOwn = fd === undefined;
    this.#fd = fd ?? openSync(file, 'r');
    this.size = fstatSync(this.#fd).size;
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return piecesOf(this.#fd, start, end);
  }

  override read(
    into: Buffer,
    offset: number,
    length: number,
    position: number,
    done: (error: Error | null) => void,
  ): void {
    const { bytes, from } = this.#block;
    if (position >= from && position + length <= from + bytes.length) {
      bytes.copy(into, offset, position - from, position - from + length);
      return done(null);
    }
    const block = Buffer.allocUnsafeSlow(Math.max(blockBytes, length));
    read(this.#fd, block, 0, block.length, position, (error, count) => {
      if (error !== null) return done(error);
      if (count < length) return done(new Error('unexpected EOF'));
      this.#block = { bytes: block.subarray(0, count), from: position };
      block.copy(into, offset, 0, length);
      done(null);
    });
  }

  override close(done: (error: Error | null) => void = () => {}): void {
    if (this.#isOwn) close(this.#fd, done);
    else done(null);
  }
}
