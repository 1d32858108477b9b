import { constants } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { missing } from '../../model/Fact.ts';
import { pathWord } from '../../text/shell.ts';
import { visibleName } from '../../text/visible.ts';
import type { Answer } from '../ClusterPort.ts';
import { suspicious, unreadable } from './archiveErrors.ts';
import type { ArchiveFiles } from './ArchiveFiles.ts';
import type { ByteBudget } from './ByteBudget.ts';
import { failureText } from '../../text/failureText.ts';

/** Folders that can hold what is read. Others are not entered: somebody will give a home directory. */
const entered = /^(cilium-sysdump|cilium-bugtool)|^cmd$|-cilium-bugtool-/;

/** An unpacked archive. Symbolic links are never followed. */
export class FolderFiles implements ArchiveFiles {
  readonly names: readonly string[];
  readonly #folder: string;
  readonly #links: ReadonlySet<string>;
  readonly #budget: ByteBudget;

  private constructor(folder: string, names: readonly string[], links: ReadonlySet<string>, budget: ByteBudget) {
    this.#folder = folder;
    this.names = names;
    this.#links = links;
    this.#budget = budget;
  }

  static async open(folder: string, budget: ByteBudget): Promise<FolderFiles> {
    const names: string[] = [];
    const links = new Set<string>();
    const walk = async (path: string): Promise<void> => {
      const inside = await readdir(join(folder, path), { withFileTypes: true });
      for (const item of inside) {
        budget.countEntry();
        const name = path === '' ? item.name : `${path}/${item.name}`;
        if (item.isSymbolicLink()) links.add(name);
        if (item.isFile() || item.isSymbolicLink()) names.push(name);
        if (item.isDirectory() && entered.test(item.name)) await walk(name);
      }
    };
    try {
      await walk('');
    } catch (error) {
      throw error instanceof Error && 'code' in error ? unreadable(folder, error) : error;
    }
    return new FolderFiles(folder, names.sort(), links, budget);
  }

  async read(names: ReadonlySet<string>): Promise<ReadonlyMap<string, Answer<Buffer>>> {
    const contents = new Map<string, Answer<Buffer>>();
    for (const name of this.names) if (names.has(name)) contents.set(name, await this.#readFile(name));
    return contents;
  }

  shown(name: string): string {
    return `cat ${pathWord(join(this.#folder, name))}`;
  }

  async close(): Promise<void> {
    // Nothing is held open between readings.
  }

  async #readFile(name: string): Promise<Answer<Buffer>> {
    if (this.#links.has(name)) throw suspicious(this.#folder, `its file ${visibleName(name)} is a symbolic link`);
    try {
      // On Windows there is no such flag; the listing has sorted links out there.
      const handle = await open(join(this.#folder, name), constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
      try {
        const { size } = await handle.stat();
        this.#budget.countFile(name, size);
        this.#budget.countBytes(size);
        return { ok: true, value: await handle.readFile() };
      } finally {
        await handle.close();
      }
    } catch (error) {
      if (!(error instanceof Error && 'code' in error)) throw error;
      return {
        ok: false,
        why: missing('unparsed', `${visibleName(name)} can't be read: ${failureText(error)}`),
      };
    }
  }
}
