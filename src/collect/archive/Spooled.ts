import { open, mkdtemp, rm, type FileHandle } from 'node:fs/promises';
import { constants, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KprError } from '../../core/KprError.ts';
import { tooLarge, unreadable } from './archiveErrors.ts';
import type { ArchiveLimits } from './limits.ts';

/** What stands for the archive in commands to paste where it came by a pipe, which nobody can read again. */
export const pipedArchive = 'ARCHIVE';

/**
 * What came by a pipe: archives are read more than once and from their ends, so it is kept in a file without a name,
 * which is gone however the process ends.
 */
export interface Spooled {
  readonly fd: number;
  readonly size: number;
  close(): Promise<void>;
}

/**
 * Reads standard input (`-`) or a pipe to its end. Throws KprError where it is no pipe, larger than `maxPipedBytes`, or
 * was read already.
 */
export async function spool(path: string, limits: ArchiveLimits, stdin: StandardInput): Promise<Spooled> {
  const source = path === '-' ? once(stdin()) : pipe(path);
  const handle = await unnamedFile(path);
  try {
    let size = 0;
    // Standard input may be a file, of which nobody but the process may close the descriptor.
    for await (const chunk of source.iterator({ destroyOnReturn: false })) {
      const bytes = Buffer.from(chunk as Uint8Array);
      size += bytes.length;
      if (size > limits.maxPipedBytes)
        throw tooLarge(path, `more than ${limits.maxPipedBytes / 1024 ** 3} GiB are in the pipe`);
      for (let done = 0; done < bytes.length;) done += (await handle.write(bytes, done)).bytesWritten;
    }
    return { fd: handle.fd, size, close: async () => handle.close() };
  } catch (error) {
    await handle.close();
    throw error instanceof KprError ? error : unreadable(path, error);
  } finally {
    if (source instanceof Socket) source.destroy();
  }
}

let isStandardInputRead = false;

/** What `-` stands for. */
export type StandardInput = () => NodeJS.ReadStream;

function once(stdin: NodeJS.ReadStream): NodeJS.ReadStream {
  if (stdin.isTTY)
    throw new KprError(
      'Standard input is a terminal, and no archive',
      'For example: kubectl kpr doctor --from - < FILE',
    );
  if (isStandardInputRead)
    throw new KprError('Standard input can be read once only', 'Give a file in one of the two places');
  isStandardInputRead = true;
  return stdin;
}

/** Of a pipe that nobody writes to any more, the end comes at once. */
function pipe(path: string): Socket {
  try {
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    return new Socket({ fd, readable: true, writable: false });
  } catch (error) {
    throw unreadable(path, error);
  }
}

async function unnamedFile(path: string): Promise<FileHandle> {
  try {
    const folder = await mkdtemp(join(tmpdir(), 'kubectl-kpr-'));
    try {
      return await open(join(folder, 'archive'), 'wx+', 0o600);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  } catch (error) {
    throw unreadable(path, error);
  }
}
