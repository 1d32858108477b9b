import { pack } from 'tar-stream';

export interface PackedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** What stands at the end of a tar. */
export const endOfTar = Buffer.alloc(1024);

/** The files as tar entries without the end of a tar, so that several such pieces make one. Same input, same bytes. */
export async function packTar(files: readonly PackedFile[], mtime: Date): Promise<Buffer> {
  const tar = pack();
  for (const { name, bytes } of files) tar.entry({ name, mode: 0o600, mtime }, bytes);
  tar.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of tar) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks).subarray(0, -endOfTar.length);
}
