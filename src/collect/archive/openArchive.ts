import { open, stat } from 'node:fs/promises';
import type { RawSource } from '../RawSource.ts';
import type { ArchiveFiles } from './ArchiveFiles.ts';
import { emptyFile, noSuchFile, notAnArchive, unreadable } from './archiveErrors.ts';
import { ByteBudget } from './ByteBudget.ts';
import { CaptureSource } from './CaptureSource.ts';
import { findLayout } from './findLayout.ts';
import { FolderFiles } from './FolderFiles.ts';
import { archiveLimits, type ArchiveLimits } from './limits.ts';
import { SysdumpSource } from './SysdumpSource.ts';
import { TarFiles } from './TarFiles.ts';
import { ZipFiles } from './ZipFiles.ts';

/**
 * Opens what `--from` names: a capture, a `cilium sysdump` (zip, tar or unpacked folder) or the archive or folder of
 * one cilium-bugtool; told apart by content. Nothing is unpacked to disk. Throws KprError for whatever can't be read.
 */
export async function openArchive(path: string, limits: ArchiveLimits = archiveLimits): Promise<RawSource> {
  const { isFolder, size, modified } = await look(path);
  const budget = new ByteBudget(path, limits);
  if (isFolder)
    return toSysdump(path, await FolderFiles.open(path, budget), budget, modified, 'a folder without a sysdump in it');
  if (size === 0) throw emptyFile(path);
  const kind = kindOf(await firstBytes(path));
  switch (kind) {
    case 'zip':
      return toSysdump(path, await ZipFiles.open(path, budget), budget, modified, 'a zip without a sysdump in it');
    case 'gzip': {
      const capture = await CaptureSource.probe(path, limits);
      if (capture !== undefined) return capture;
      const files = await TarFiles.open({ file: path, gzip: true }, budget);
      return toSysdump(path, files, budget, modified, 'a tar.gz, but neither a capture nor a sysdump');
    }
    case 'tar': {
      const files = await TarFiles.open({ file: path, gzip: false }, budget);
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

async function look(path: string): Promise<{ isFolder: boolean; size: number; modified: string }> {
  try {
    const found = await stat(path);
    // A pipe would be read to its end by looking at its beginning.
    if (!found.isFile() && !found.isDirectory()) throw notAnArchive(path, 'neither a file nor a folder');
    return { isFolder: found.isDirectory(), size: found.size, modified: found.mtime.toISOString() };
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    throw error.code === 'ENOENT' || error.code === 'ENOTDIR' ? noSuchFile(path) : unreadable(path, error);
  }
}

async function firstBytes(path: string): Promise<Buffer> {
  try {
    const handle = await open(path);
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(512), 0, 512, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await handle.close();
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
