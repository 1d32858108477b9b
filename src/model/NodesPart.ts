/** Some of the parts into which nodes are divided, so that several processes can read them. */
export interface NodesPart {
  readonly of: number;
  /** From 0 on. */
  readonly indexes: ReadonlySet<number>;
}

/** undefined: nobody divided them. */
export const isInPart = (node: string, part: NodesPart | undefined): boolean =>
  part === undefined || part.indexes.has(partOf(node, part.of));

/**
 * The part of a node, by its name alone: whoever divides the same number of parts finds the same. FNV-1a, and its bits
 * mixed as MurmurHash3 does at its end, since names of nodes are alike.
 */
export function partOf(node: string, of: number): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < node.length; at++) hash = Math.imul(hash ^ node.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) % of;
}
