import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { pack } from 'tar-stream';

export interface PackedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Of what is compressed, as much as comes at a time. */
const chunkSize = 128 * 1024;

/** What stands at the end of a tar. */
export const endOfTar = Buffer.alloc(1024);

/**
 * The files as a gzip member of tar entries without the end of a tar, so that several such pieces make one. Same input,
 * same bytes. Only what is compressed is held, for a node's files are megabytes.
 */
export async function packMember(files: readonly PackedFile[], mtime: Date): Promise<Buffer> {
  const tar = pack();
  for (const { name, bytes } of files) tar.entry({ name, mode: 0o600, mtime }, bytes);
  tar.finalize();
  const packed: Uint8Array[] = [];
  await pipeline(tar, withoutEnd, createGzip({ chunkSize }), async (chunks: AsyncIterable<Uint8Array>) => {
    for await (const chunk of chunks) packed.push(chunk);
  });
  return Buffer.concat(packed);
}

/** The end of a tar comes with the last chunk. */
async function* withoutEnd(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let last: Uint8Array | undefined;
  for await (const chunk of chunks) {
    if (last !== undefined) yield last;
    last = chunk;
  }
  if (last !== undefined && last.length > endOfTar.length) yield last.subarray(0, -endOfTar.length);
}
