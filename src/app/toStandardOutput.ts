import { createReadStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { KprError, usageError } from '../core/KprError.ts';
import type { Io } from '../terminal/Io.ts';
import { failureText } from '../text/failureText.ts';

/**
 * Has a file written in a folder that nobody else can read, and gives it to standard output when it is whole: whoever
 * reads there gets all of it or nothing. Gives the exit code of who wrote it. Throws KprError.
 */
export async function toStandardOutput(
  { stdout }: Pick<Io, 'stdout'>,
  write: (file: string) => Promise<number>,
): Promise<number> {
  if (stdout.isTTY === true)
    throw usageError('A capture is nothing for a terminal', 'For example: kubectl kpr capture -o - > before.kpr');
  const folder = await mkdtemp(join(tmpdir(), 'kubectl-kpr-')).catch((error: unknown) => {
    throw new KprError(`No folder for temporary files: ${failureText(error)}`, 'Write into a file: -o FILE');
  });
  try {
    const file = join(folder, 'capture.kpr');
    const exitCode = await write(file);
    if ((await stat(file).catch(() => undefined)) === undefined) return exitCode;
    await pipeline(createReadStream(file), stdout, { end: false });
    return exitCode;
  } catch (error) {
    if (error instanceof KprError) throw error;
    throw new KprError(`The capture was not taken: ${failureText(error)}`, 'Look at what reads standard output', {
      cause: error,
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
