import { closeSync, openSync, readSync } from 'node:fs';

const mebibyte = 1024 * 1024;
const pieceBytes = 64 * 1024;
const pauseMs = 20;

/** What a person has written, or a program for people: the largest are kubeconfigs of all clusters, and reports. */
export const mostBytes = 32 * mebibyte;

/**
 * A text file of the user's as a whole; 0 is standard input, which is waited for. Throws an Error: what the system
 * says, or that there is more than `most` bytes, for a device never ends.
 */
export function readSmallFile(file: string | 0, most: number = mostBytes): string {
  const fd = file === 0 ? file : openSync(file, 'r');
  try {
    return textOf(fd, most);
  } finally {
    if (file !== 0) closeSync(fd);
  }
}

function textOf(fd: number, most: number): string {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for (let piece = nextOf(fd); piece.length > 0; piece = nextOf(fd)) {
    bytes += piece.length;
    if (bytes > most) throw new Error(`it has more than ${Math.floor(most / mebibyte)} MiB`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

/** Empty at the end. */
function nextOf(fd: number): Buffer {
  const piece = Buffer.allocUnsafe(pieceBytes);
  for (;;) {
    try {
      return piece.subarray(0, readSync(fd, piece));
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      // Windows says so at the end of a pipe.
      if (code === 'EOF') return Buffer.alloc(0);
      if (code !== 'EAGAIN') throw error;
      // Node reads standard input without waiting, once somebody asked whether it is a terminal.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pauseMs);
    }
  }
}
