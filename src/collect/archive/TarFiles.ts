import { shellQuote } from '../../text/shell.ts';
import type { Answer } from '../ClusterPort.ts';
import type { ArchiveFiles } from './ArchiveFiles.ts';
import type { ByteBudget } from './ByteBudget.ts';
import { readTar, type TarInput } from './readTar.ts';
import { pipedArchive } from './Spooled.ts';

/** A tar has no table of contents: each reading goes through all of it, at the cost of one budget. */
export class TarFiles implements ArchiveFiles {
  readonly names: readonly string[];
  readonly #input: TarInput;
  readonly #budget: ByteBudget;

  private constructor(input: TarInput, names: readonly string[], budget: ByteBudget) {
    this.#input = input;
    this.names = names;
    this.#budget = budget;
  }

  /** Throws KprError for what is damaged, too large or not trusted. */
  static async open(input: TarInput, budget: ByteBudget): Promise<TarFiles> {
    const names: string[] = [];
    for await (const entry of readTar(input, budget)) {
      budget.countEntry();
      names.push(entry.name);
    }
    return new TarFiles(input, names, budget);
  }

  async read(names: ReadonlySet<string>): Promise<ReadonlyMap<string, Answer<Buffer>>> {
    const contents = new Map<string, Answer<Buffer>>();
    if (names.size === 0) return contents;
    for await (const entry of readTar(this.#input, this.#budget)) {
      if (names.has(entry.name)) contents.set(entry.name, { ok: true, value: await entry.read() });
      if (contents.size === names.size) break;
    }
    return contents;
  }

  shown(name: string): string {
    const flags = this.#input.gzip ? '-xzO' : '-xO';
    const archive = this.#input.fd === undefined ? shellQuote(this.#input.file) : pipedArchive;
    return this.#input.shownBy === undefined
      ? `tar ${flags}f ${archive} ${shellQuote(name)}`
      : `${this.#input.shownBy} | tar ${flags} ${shellQuote(name)}`;
  }

  async close(): Promise<void> {
    // Nothing is held open between readings.
  }
}
