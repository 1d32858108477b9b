import type { Origin, RawDocuments, RawNode } from '../../src/model/raw.ts';

/** All that a source tells, at once. */
export interface RawCapture {
  readonly origin: Origin;
  /** RFC 3339, by the clock of the machine that asked. */
  readonly takenAt: string;
  readonly documents: RawDocuments;
  readonly nodes: readonly RawNode[];
}
