import { visibleName } from '../../text/visible.ts';
import { expectGarbageOf } from '../tuneEngine.ts';
import { tooLarge } from './archiveErrors.ts';
import { archiveLimits, type ArchiveLimits } from './limits.ts';

/** Counts what an archive makes of the bytes that it has. Throws KprError as soon as that is more than is sane. */
export class ByteBudget {
  readonly limits: ArchiveLimits;
  readonly #file: string;
  #total = 0;
  #entries = 0;

  constructor(file: string, limits: ArchiveLimits = archiveLimits) {
    this.#file = file;
    this.limits = limits;
  }

  countEntry(): void {
    this.#entries += 1;
    if (this.#entries > this.limits.maxEntries)
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
    this.#total += bytes;
    if (this.#total > this.limits.maxTotalBytes)
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
