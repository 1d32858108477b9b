/**
 * What an archive may cost. Archives come from other people; a small file must not be able to fill the memory. Only
 * what is read counts, so the gigabytes of logs in a real sysdump do not.
 */
export const archiveLimits = {
  /**
   * A bugtool folder has some 350 files and those of its endpoints' states, and a node some logs: this is a sysdump of
   * a thousand nodes. Each is some 300 bytes of memory.
   */
  maxEntries: 500_000,
  /**
   * One file. The pods of 5,000 nodes in a capture, or the LB lists of 50,000 Services, as text stay below. It stands
   * in memory twice while it is read, and what is made of it beside it.
   */
  maxEntryBytes: 128 * 1024 * 1024,
  /** All files that one run reads: a thousand nodes with 16 MiB each. It bounds time; memory is bounded by one node. */
  maxTotalBytes: 16 * 1024 * 1024 * 1024,
  /** Repetitive text (connection tables, iptables rules) shrinks to a fiftieth; deflate can do a thousandth. */
  maxRatio: 200,
  /** Below this size no ratio hurts, and short files of blanks or zeros are honest. */
  ratioFromBytes: 32 * 1024 * 1024,
  /** Of an archive that comes by a pipe: it is kept on the disk meanwhile. A sysdump of a thousand nodes is smaller. */
  maxPipedBytes: 4 * 1024 * 1024 * 1024,
  /** The list of what a capture holds: some 300 bytes for each answer of each node. */
  maxManifestBytes: 32 * 1024 * 1024,
} as const;

export type ArchiveLimits = { readonly [K in keyof typeof archiveLimits]: number };
