import { dirname, join } from 'node:path';
import { KprError } from '../core/KprError.ts';

export interface ScriptFile {
  readonly name: string;
  /** Made when its turn comes: of a large cluster all of them do not go into memory. */
  readonly text: () => string;
}

/**
 * Writes scripts into a folder, which is made where there is none. Refuses before it writes the first when one of them
 * is there already.
 */
export async function writeScripts(folder: string, scripts: readonly ScriptFile[], overwrite: boolean): Promise<void> {
  const { chmod, mkdir, stat, writeFile } = await import('node:fs/promises');
  const isThere = async (path: string): Promise<boolean> =>
    stat(path).then(
      () => true,
      () => false,
    );
  // mkdir’s own `recursive` never ends where the kernel says of a folder that is there that it is not, as in /proc.
  const make = async (path: string): Promise<void> => {
    if (await isThere(path)) return;
    const parent = dirname(path);
    if (parent !== path) await make(parent);
    await mkdir(path);
  };
  const failed = (error: unknown): never => {
    throw new KprError(
      `Cannot write to ${folder}: ${error instanceof Error ? error.message : String(error)}`,
      'Choose another folder with -o',
      { cause: error },
    );
  };
  await make(folder).catch(failed);
  for (const { name } of overwrite ? [] : scripts) {
    const file = join(folder, name);
    if (await isThere(file))
      throw new KprError(`${file} is there already`, 'Choose another folder, or add --overwrite');
  }
  for (const { name, text } of scripts) {
    const file = join(folder, name);
    await writeFile(file, text(), { mode: 0o755 }).catch(failed);
    // A file that was there keeps its mode.
    await chmod(file, 0o755).catch(failed);
  }
}
