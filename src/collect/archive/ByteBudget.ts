import { visibleName } from '../../text/visible.ts';
import { expectGarbageOf } from '../tuneEngine.ts';
import { tooLarge } from './archiveErrors.ts';
import { archiveLimits, type ArchiveLimits } from './limits.ts';

/** Counts what an archive makes of the bytes that it has. Throws KprError as soon as that is more than is sane. */
export class ByteBudget {
  readonly limits: ArchiveLimits;
  readonly #file: string;
  /** Of the archive, whatever lies inside it and however often it is read. */
  readonly #spent: { bytes: number; entries: number };

  constructor(file: string, limits: ArchiveLimits = archiveLimits, spent = { bytes: 0, entries: 0 }) {
    this.#file = file;
    this.limits = limits;
    this.#spent = spent;
  }

  /** For an archive that lies in this one: there may be hundreds, and what they cost is summed up. */
  inside(file: string): ByteBudget {
    return new ByteBudget(file, this.limits, this.#spent);
  }

  countEntry(): void {
    this.#spent.entries += 1;
    if (this.#spent.entries > this.limits.maxEntries)
      throw tooLarge(this.#file, `it has more than ${this.limits.maxEntries} entries`);
  }

  /** One file that is to be read whole. */
  countFile(name: string, bytes: number): void {
    if (bytes > this.limits.maxEntryBytes) {
      throw tooLarge(
        this.#file,
        `its entry ${visibleName(name)} has ${inMiB(bytes)} (the limit is ${inMiB(this.limits.maxEntryBytes)})`,
      );
    }
    expectGarbageOf(bytes);
  }

  /** Bytes that came out of a decompressor, or off the disk. */
  countBytes(bytes: number): void {
    this.#spent.bytes += bytes;
    if (this.#spent.bytes > this.limits.maxTotalBytes)
      throw tooLarge(this.#file, `it holds more than ${inMiB(this.limits.maxTotalBytes)}`);
  }

  checkRatio(unpacked: number, packed: number): void {
    if (unpacked >= this.limits.ratioFromBytes && unpacked > packed * this.limits.maxRatio) {
      throw tooLarge(
        this.#file,
        `it is a decompression bomb (${inMiB(unpacked)} and more out of ${Math.ceil(packed / 1024)} KiB)`,
      );
    }
  }
}

const inMiB = (bytes: number): string => `${Math.ceil(bytes / (1024 * 1024))} MiB`;
