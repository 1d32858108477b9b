import { createReadStream } from 'node:fs';
import { Readable, Transform, type TransformCallback } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract, type Extract } from 'tar-stream';
import { KprError } from '../../core/KprError.ts';
import { visibleName } from '../../text/visible.ts';
import { damaged, notAnArchive, suspicious } from './archiveErrors.ts';
import { piecesOf } from './BlockReader.ts';
import type { ByteBudget } from './ByteBudget.ts';
import { entryName } from './entryName.ts';
import { failureText } from '../../text/failureText.ts';

/** A tar, as a file or in memory (one that lies inside another archive), with gzip around it or without. */
export interface TarInput {
  readonly file: string;
  readonly bytes?: Uint8Array;
  /** Of a file that is open already, and stays so. */
  readonly fd?: number | undefined;
  readonly gzip: boolean;
  /** What a person types to get at it, where it lies inside another. */
  readonly shownBy?: string;
}

export interface TarEntry {
  readonly name: string;
  readonly size: number;
  /** The content; entries whose content is not asked for are passed over. To be called before the next entry. */
  read(): Promise<Buffer>;
}

type Entry = Extract extends AsyncIterable<infer E> ? E : never;

/**
 * Regular files in the order in which they lie there; whoever reads them counts them. Throws KprError for what is
 * damaged, too large or not trusted.
 */
export async function* readTar(input: TarInput, budget: ByteBudget): AsyncGenerator<TarEntry, void, void> {
  const source = input.bytes === undefined ? fileStream(input) : Readable.from([input.bytes], { objectMode: false });
  let packed = 0;
  let unpacked = 0;
  const onIn = counter((bytes) => {
    packed += bytes;
  });
  const onOut = counter((bytes) => {
    unpacked += bytes;
    budget.countBytes(bytes);
    if (input.gzip) budget.checkRatio(unpacked, packed);
  });
  const tar = extract();
  let failure: unknown;
  let entries = 0;
  const flow = (
    input.gzip ? pipeline(source, onIn, createGunzip(), onOut, tar) : pipeline(source, onIn, onOut, tar)
  ).catch((error: unknown) => {
    failure ??= error;
  });
  // A limit, or what the decompressor said, rather than that a stream ended because of it.
  const explain = (error: unknown): KprError => {
    const cause = error instanceof KprError ? error : (failure ?? error);
    if (cause instanceof KprError) return cause;
    if (entries === 0 && failureText(cause).startsWith('Invalid tar header')) {
      return notAnArchive(input.file, 'compressed, but no tar');
    }
    return damaged(input.file, cause);
  };
  try {
    for await (const entry of tar) {
      entries += 1;
      const name = nameOf(input.file, entry);
      if (name !== undefined) {
        const size = entry.header.size ?? 0;
        const read = async (): Promise<Buffer> => {
          try {
            return await contentOf(entry, name, size, budget);
          } catch (error) {
            throw explain(error);
          }
        };
        yield { name, size, read };
      }
      entry.resume();
    }
    await flow;
    if (failure !== undefined) throw failure;
  } catch (error) {
    throw explain(error);
  } finally {
    source.destroy();
    tar.destroy();
    await flow;
  }
}

const fileStream = ({ file, fd }: TarInput): Readable =>
  fd === undefined ? createReadStream(file) : piecesOf(fd, 0, Number.POSITIVE_INFINITY);

async function contentOf(entry: Entry, name: string, size: number, budget: ByteBudget): Promise<Buffer> {
  budget.countFile(name, size);
  // Once, and only what is written takes memory.
  const content = Buffer.allocUnsafeSlow(size);
  let filled = 0;
  for await (const chunk of entry) filled += (chunk as Buffer).copy(content, filled);
  return content.subarray(0, filled);
}

/** undefined: a directory. */
function nameOf(file: string, { header }: Entry): string | undefined {
  const shown = visibleName(header.name);
  const named = entryName(header.name);
  if ('wrong' in named) throw suspicious(file, `its entry ${shown} has ${named.wrong}`);
  switch (header.type) {
    case 'file':
    case 'contiguous-file':
      return named.name;
    case 'symlink':
    case 'link':
      throw suspicious(file, `its entry ${shown} is a link`);
    case 'character-device':
    case 'block-device':
    case 'fifo':
      throw suspicious(file, `its entry ${shown} is a device`);
    case 'directory':
    default:
      // Types that tar-stream has no name for are headers of one tar dialect or another.
      return undefined;
  }
}

const counter = (count: (bytes: number) => void): Transform =>
  new Transform({
    transform(chunk: Buffer, _encoding, done: TransformCallback): void {
      try {
        count(chunk.length);
        done(null, chunk);
      } catch (error) {
        done(error instanceof Error ? error : new Error(String(error)));
      }
    },
  });
