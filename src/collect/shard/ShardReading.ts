import type { RawDocuments, RawNode } from '../../model/raw.ts';

/**
 * What one of several processes read, each its part of the nodes: the answers, not what follows of them, so that
 * whoever has all of them can judge as if one process had read all.
 */
export interface ShardReading {
  readonly head: ShardHead;
  /** RFC 3339. */
  readonly takenAt: string;
  readonly origin: { readonly context: string; readonly server: string };
  /** What was read at first, and what was looked at again. */
  readonly looks: readonly Look[];
}

export interface ShardHead {
  /** Of the program that read. */
  readonly tool: string;
  /** The same for all that read together, and for nobody else. */
  readonly run: string;
  /** From 0 on. */
  readonly index: number;
  readonly of: number;
}

export interface Look {
  /** undefined: they did not come, so nothing follows of this look but what others were told to be known. */
  readonly documents?: RawDocuments;
  readonly nodes: readonly RawNode[];
  /** Of the look that counts as the second one, how long after the first it was. */
  readonly secondsLater?: number;
}
