import { randomBytes } from 'node:crypto';
import { lstat, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { KprError } from '../core/KprError.ts';

export interface ScriptFile {
  readonly name: string;
  /** Made when its turn comes: of a large cluster all of them do not go into memory. */
  readonly text: () => string;
}

/** Of a name in a folder (NAME_MAX of Linux and macOS), with room for what stands behind it while it is written. */
const maxNameBytes = 240;

/**
 * Writes scripts into a folder, which is made where there is none: all of them or none, but where something takes the
 * place of a name meanwhile; then the error says which are there. Refuses before it writes the first when one of them
 * is there already or is no file. Links are never followed: the folder may be one that others write, too.
 */
export async function writeScripts(folder: string, scripts: readonly ScriptFile[], overwrite: boolean): Promise<void> {
  await make(folder).catch(failedIn(folder));
  for (const { name } of scripts) await refuseName(folder, name, overwrite);
  const suffix = `.${randomBytes(6).toString('hex')}`;
  const begun: string[] = [];
  try {
    for (const { name, text } of scripts) {
      const path = join(folder, name + suffix);
      await writeNew(path, text(), begun).catch(failedIn(folder));
    }
    const there: string[] = [];
    for (const { name } of scripts) {
      await rename(join(folder, name + suffix), join(folder, name)).catch(failedIn(folder, there));
      there.push(name);
    }
  } finally {
    for (const path of begun) await rm(path, { force: true });
  }
}

async function refuseName(folder: string, name: string, overwrite: boolean): Promise<void> {
  const file = join(folder, name);
  if (Buffer.byteLength(name) > maxNameBytes)
    throw new KprError(`${file} is too long a name for a file`, 'Print the script instead: --node NODE without -o');
  const there = await lstat(file).catch(() => undefined);
  if (there === undefined) return;
  if (!there.isFile())
    throw new KprError(`${file} is there already, and is no file but a link or a device`, 'Choose another folder');
  if (!overwrite) throw new KprError(`${file} is there already`, 'Choose another folder, or add --overwrite');
}

/** Under a name that nobody could know before; `x` (O_EXCL) follows no link either. */
async function writeNew(path: string, text: string, begun: string[]): Promise<void> {
  const file = await open(path, 'wx', 0o755);
  begun.push(path);
  try {
    await file.writeFile(text);
    // Whatever the umask.
    await file.chmod(0o755);
  } finally {
    await file.close();
  }
}

/** mkdir’s own `recursive` never ends where the kernel says of a folder that is there that it is not, as in /proc. */
async function make(path: string): Promise<void> {
  const isThere = await stat(path).then(
    () => true,
    () => false,
  );
  if (isThere) return;
  const parent = dirname(path);
  if (parent !== path) await make(parent);
  await mkdir(path);
}

const failedIn =
  (folder: string, there: readonly string[] = []) =>
  (error: unknown): never => {
    throw new KprError(
      `Cannot write to ${folder}: ${error instanceof Error ? error.message : String(error)}`,
      there.length === 0 ? 'Choose another folder with -o' : `Written were ${there.join(', ')}, and no other`,
      { cause: error },
    );
  };
