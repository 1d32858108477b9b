import { crc32 } from 'node:zlib';
import { Entry, fromRandomAccessReaderPromise, type ZipFile } from 'yauzl';
import { KprError } from '../../core/KprError.ts';
import { missing } from '../../model/Fact.ts';
import { pathWord, shellQuote } from '../../text/shell.ts';
import { visibleName } from '../../text/visible.ts';
import type { Answer } from '../ClusterPort.ts';
import { damaged, encrypted, suspicious } from './archiveErrors.ts';
import type { ArchiveFiles } from './ArchiveFiles.ts';
import type { ByteBudget } from './ByteBudget.ts';
import { BlockReader } from './BlockReader.ts';
import { entryName } from './entryName.ts';
import { pipedArchive } from './Spooled.ts';
import { failureText } from '../../text/failureText.ts';

/** What is needed to read an entry, a tenth of what yauzl keeps of it: a large sysdump has some hundred thousand. */
type KeptEntry = Readonly<
  Pick<
    Entry,
    | 'compressedSize'
    | 'uncompressedSize'
    | 'compressionMethod'
    | 'crc32'
    | 'fileName'
    | 'generalPurposeBitFlag'
    | 'relativeOffsetOfLocalHeader'
  >
>;

/** @param name its name here: mostly the same text as in the zip, which is kept once then */
function keptOf(entry: Entry, name: string): KeptEntry {
  const { compressedSize, uncompressedSize, compressionMethod, crc32: sum } = entry;
  const { fileName, generalPurposeBitFlag, relativeOffsetOfLocalHeader } = entry;
  return {
    compressedSize,
    uncompressedSize,
    compressionMethod,
    crc32: sum,
    fileName: fileName === name ? name : fileName,
    generalPurposeBitFlag,
    relativeOffsetOfLocalHeader,
  };
}

/** A zip: its central directory is read at once, contents when they are asked for. */
export class ZipFiles implements ArchiveFiles {
  readonly names: readonly string[];
  readonly #word: string;
  readonly #zip: ZipFile;
  readonly #entries: ReadonlyMap<string, KeptEntry>;
  readonly #budget: ByteBudget;

  private constructor(word: string, zip: ZipFile, entries: ReadonlyMap<string, KeptEntry>, budget: ByteBudget) {
    this.#word = word;
    this.#zip = zip;
    this.#entries = entries;
    this.#budget = budget;
    this.names = [...entries.keys()];
  }

  /** @param fd where it came by a pipe. Throws KprError for what is damaged, encrypted or not trusted. */
  static async open(file: string, budget: ByteBudget, fd?: number): Promise<ZipFiles> {
    let zip: ZipFile | undefined;
    let reader: BlockReader | undefined;
    try {
      reader = new BlockReader(file, fd);
      zip = await fromRandomAccessReaderPromise(reader, reader.size, { autoClose: false, strictFileNames: false });
      const entries = new Map<string, KeptEntry>();
      for await (const entry of zip.eachEntry()) {
        budget.countEntry();
        const name = nameOf(file, entry);
        if (name !== undefined && !entries.has(name)) entries.set(name, keptOf(entry, name));
      }
      return new ZipFiles(fd === undefined ? pathWord(file) : pipedArchive, zip, entries, budget);
    } catch (error) {
      // What is no zip leaves the file open.
      if (zip === undefined) reader?.close();
      else zip.close();
      throw toKprError(file, error);
    }
  }

  async read(names: ReadonlySet<string>): Promise<ReadonlyMap<string, Answer<Buffer>>> {
    const contents = new Map<string, Answer<Buffer>>();
    for (const name of names) {
      const entry = this.#entries.get(name);
      if (entry !== undefined) contents.set(name, await this.#readEntry(name, entry));
    }
    return contents;
  }

  shown(name: string): string {
    return `unzip -p ${this.#word} ${shellQuote(unzipPattern(this.#entries.get(name)?.fileName ?? name))}`;
  }

  async close(): Promise<void> {
    this.#zip.close();
  }

  async #readEntry(name: string, entry: KeptEntry): Promise<Answer<Buffer>> {
    this.#budget.countFile(name, entry.uncompressedSize);
    this.#budget.countBytes(entry.uncompressedSize);
    this.#budget.checkRatio(entry.uncompressedSize, entry.compressedSize);
    try {
      // Once, and only what is written takes memory.
      const content = Buffer.allocUnsafeSlow(entry.uncompressedSize);
      let filled = 0;
      // The stream ends with an error when the entry turns out to be longer or shorter than its header says.
      for await (const chunk of await this.#zip.openReadStreamPromise(Object.assign(new Entry(), entry)))
        filled += (chunk as Buffer).copy(content, filled);
      const bytes = content.subarray(0, filled);
      if (crc32(bytes) !== entry.crc32) throw new Error('its checksum is wrong');
      return { ok: true, value: bytes };
    } catch (error) {
      return {
        ok: false,
        why: missing('unparsed', `${visibleName(name)} is damaged in the archive: ${failureText(error)}`),
      };
    }
  }
}

const unixFileType = 0o170000;
const symbolicLink = 0o120000;

/** undefined: a directory. */
function nameOf(file: string, entry: Entry): string | undefined {
  if (entry.isEncrypted()) throw encrypted(file);
  const shown = visibleName(entry.fileName);
  if (((entry.externalFileAttributes >>> 16) & unixFileType) === symbolicLink) {
    throw suspicious(file, `its entry ${shown} is a symbolic link`);
  }
  const named = entryName(entry.fileName);
  if ('wrong' in named) throw suspicious(file, `its entry ${shown} has ${named.wrong}`);
  return entry.fileName.endsWith('/') ? undefined : named.name;
}

function toKprError(file: string, error: unknown): KprError {
  if (error instanceof KprError) return error;
  const message = failureText(error);
  // yauzl checks names before it hands out entries.
  if (/^(invalid relative path|absolute path)/.test(message)) {
    return suspicious(
      file,
      `its entry ${visibleName(message.replace(/^[^:]*: /, ''))} has a path that leads out of it`,
    );
  }
  if (message.includes('encryption')) return encrypted(file);
  if (message.includes('signature not found'))
    return damaged(file, new Error('its end, where a zip has its table of contents, is missing'));
  return damaged(file, error);
}

/** unzip takes a name for a pattern, and one that begins with `-` for a flag: what stands for itself alone. */
const unzipPattern = (name: string): string => name.replaceAll(/[*?[]|^-/g, '[$&]');
