import { pack } from 'tar-stream';

export interface TarInput {
  readonly name: string;
  readonly content?: string | Uint8Array;
  readonly type?: 'file' | 'symlink' | 'link' | 'directory' | 'fifo';
  readonly linkname?: string;
}

export async function buildTar(files: readonly TarInput[]): Promise<Buffer> {
  const tar = pack();
  for (const { name, content = '', type = 'file', linkname = '' } of files) {
    const header = { name, type, linkname, mtime: new Date(0) };
    if (type === 'file') tar.entry(header, Buffer.from(content as string));
    else tar.entry(header);
  }
  tar.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of tar) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}
