import { randomBytes } from 'node:crypto';
import { chmodSync, lstatSync, renameSync, rmSync, type Stats, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { KprError, usageError } from '../core/KprError.ts';
import { failureText } from '../text/failureText.ts';
import { visibleName } from '../text/visible.ts';

/**
 * Puts a text in the place of a file, whole or not at all: readers such as node_exporter come at any moment. Never in
 * the place of a link, a device or a folder. Throws KprError.
 * @param instead what to do where it cannot be written
 * @param mode of the file; else as it was, or what the umask leaves
 */
export function putFile(file: string, text: string, instead: string, mode?: number): void {
  refuseFile(file, instead);
  const kept = mode ?? typeOf(file, lstatSync)?.mode;
  const temporary = join(dirname(file), `.kpr-${randomBytes(6).toString('hex')}.tmp`);
  try {
    writeFileSync(temporary, text, { flag: 'wx' });
    if (kept !== undefined) chmodSync(temporary, kept);
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw new KprError(`Cannot write ${visibleName(file)}: ${failureText(error)}`, instead, { cause: error });
  }
}

/** Throws KprError where `putFile` would, as far as that can be known before. */
export function refuseFile(file: string, instead: string): void {
  const there = typeOf(file, lstatSync);
  if (there !== undefined && !there.isFile())
    throw usageError(`${visibleName(file)} is no file but a folder, a link or a device`, instead);
  if (typeOf(dirname(file), statSync)?.isDirectory() !== true)
    throw usageError(
      `The folder of ${visibleName(file)} does not exist`,
      'Create it (mkdir -p) or choose another file',
    );
}

/** undefined: it is not there, or cannot be; then writing says why. */
function typeOf(path: string, look: (path: string) => Stats): Stats | undefined {
  try {
    return look(path);
  } catch {
    return undefined;
  }
}
