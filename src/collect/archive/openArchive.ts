import { closeSync, openSync, read } from 'node:fs';
import { stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { RawSource } from '../RawSource.ts';
import type { ArchiveFiles } from './ArchiveFiles.ts';
import { emptyFile, noSuchFile, notAnArchive, unreadable } from './archiveErrors.ts';
import { ByteBudget } from './ByteBudget.ts';
import { CaptureSource } from './CaptureSource.ts';
import { findLayout } from './findLayout.ts';
import { FolderFiles } from './FolderFiles.ts';
import { archiveLimits, type ArchiveLimits } from './limits.ts';
import { spool, type StandardInput } from './Spooled.ts';
import { SysdumpSource } from './SysdumpSource.ts';
import { TarFiles } from './TarFiles.ts';
import { ZipFiles } from './ZipFiles.ts';

const readBytes = promisify(read);

/**
 * Opens what `--from` names: a capture, a `cilium sysdump` (zip, tar or unpacked folder) or the archive or folder of
 * one cilium-bugtool; `-` is standard input. Told apart by content. Nothing is unpacked to disk. Throws KprError for
 * whatever can't be read.
 */
export async function openArchive(
  path: string,
  limits: ArchiveLimits = archiveLimits,
  stdin: StandardInput = nothing,
): Promise<RawSource> {
  const found: Found = path === '-' ? { kind: 'pipe' } : await look(path);
  switch (found.kind) {
    case 'folder': {
      const budget = new ByteBudget(path, limits);
      const files = await FolderFiles.open(path, budget);
      return toSysdump(path, files, budget, found.modified, 'a folder without a sysdump in it');
    }
    case 'file':
      return openFile(path, found, limits);
    case 'pipe':
      return openPipe(path, limits, stdin);
    default:
      return found satisfies never;
  }
}

/** Where nobody hands it over there is none. */
function nothing(): never {
  throw noSuchFile('-');
}

async function openPipe(path: string, limits: ArchiveLimits, stdin: StandardInput): Promise<RawSource> {
  const spooled = await spool(path, limits, stdin);
  try {
    const { fd, size } = spooled;
    const source = await openFile(path, { fd, size, modified: new Date().toISOString() }, limits);
    return {
      origin: path === '-' ? Object.assign({}, source.origin, { file: 'standard input' }) : source.origin,
      takenAt: source.takenAt,
      ...(source.reader === undefined ? {} : { reader: source.reader }),
      read: (plan, sink, progress) => source.read(plan, sink, progress),
      close: async () => {
        await source.close();
        await spooled.close();
      },
    };
  } catch (error) {
    await spooled.close();
    throw error;
  }
}

interface OpenFile {
  readonly size: number;
  /** RFC 3339. */
  readonly modified: string;
  /** undefined: it is opened by its path. */
  readonly fd?: number;
}

async function openFile(path: string, { size, modified, fd }: OpenFile, limits: ArchiveLimits): Promise<RawSource> {
  const budget = new ByteBudget(path, limits);
  if (size === 0) throw emptyFile(path);
  const kind = kindOf(await firstBytes(path, fd));
  switch (kind) {
    case 'zip':
      return toSysdump(path, await ZipFiles.open(path, budget, fd), budget, modified, 'a zip without a sysdump in it');
    case 'gzip': {
      const capture = await CaptureSource.probe(path, limits, fd);
      if (capture !== undefined) return capture;
      const files = await TarFiles.open({ file: path, fd, gzip: true }, budget);
      return toSysdump(path, files, budget, modified, 'a tar.gz, but neither a capture nor a sysdump');
    }
    case 'tar': {
      const files = await TarFiles.open({ file: path, fd, gzip: false }, budget);
      return toSysdump(path, files, budget, modified, 'a tar without a sysdump in it');
    }
    case 'xz':
    case 'bzip2':
    case 'zstd':
    case '7z':
    case 'rar':
      throw notAnArchive(path, `compressed with ${kind}, which is not read here: unpack it and give the folder`);
    case 'pgp':
      throw notAnArchive(path, 'encrypted: decrypt it first');
    case undefined:
    default:
      throw notAnArchive(path, 'no archive');
  }
}

async function toSysdump(
  path: string,
  files: ArchiveFiles,
  budget: ByteBudget,
  modified: string,
  otherwise: string,
): Promise<RawSource> {
  const layout = findLayout(files.names);
  if (layout !== undefined) return new SysdumpSource(path, files, layout, budget, modified);
  await files.close();
  throw notAnArchive(path, otherwise);
}

type Found =
  | { readonly kind: 'folder'; readonly modified: string }
  | (OpenFile & { readonly kind: 'file' })
  | { readonly kind: 'pipe' };

async function look(path: string): Promise<Found> {
  try {
    const found = await stat(path);
    const modified = found.mtime.toISOString();
    if (found.isDirectory()) return { kind: 'folder', modified };
    if (found.isFIFO()) return { kind: 'pipe' };
    if (!found.isFile()) throw notAnArchive(path, 'neither a file nor a folder nor a pipe');
    return { kind: 'file', size: found.size, modified };
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    throw error.code === 'ENOENT' || error.code === 'ENOTDIR' ? noSuchFile(path) : unreadable(path, error);
  }
}

/** @param fd of a file that is open already, and stays so */
async function firstBytes(path: string, fd: number | undefined): Promise<Buffer> {
  try {
    const opened = fd ?? openSync(path, 'r');
    try {
      const { buffer, bytesRead } = await readBytes(opened, Buffer.alloc(512), 0, 512, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      if (fd === undefined) closeSync(opened);
    }
  } catch (error) {
    throw unreadable(path, error);
  }
}

type Kind = 'zip' | 'gzip' | 'tar' | 'xz' | 'bzip2' | 'zstd' | '7z' | 'rar' | 'pgp';

const magics: readonly (readonly [Kind, string])[] = [
  // The second is that of a zip without entries.
  ['zip', '504b0304'],
  ['zip', '504b0506'],
  ['gzip', '1f8b'],
  ['xz', 'fd377a585a00'],
  ['bzip2', '425a68'],
  ['zstd', '28b52ffd'],
  ['7z', '377abcaf271c'],
  ['rar', '526172211a07'],
  // `-----BEGIN PGP MESSAGE`: cilium-cli can encrypt what it collects.
  ['pgp', '2d2d2d2d2d424547494e20504750'],
];

function kindOf(head: Buffer): Kind | undefined {
  const hex = head.toString('hex');
  const found = magics.find(([, magic]) => hex.startsWith(magic))?.[0];
  if (found !== undefined) return found;
  return head.subarray(257, 262).toString('latin1') === 'ustar' ? 'tar' : undefined;
}
