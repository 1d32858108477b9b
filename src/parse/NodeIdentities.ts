import type { Node } from '../model/kubernetes.ts';

/**
 * Which node an answer is of, by what it states: a node's name, and its internal addresses. An archive may have them
 * exchanged, and a table that is right for one node is wrong for another.
 */
export class NodeIdentities {
  /** By name and by address; undefined: several nodes claim it. */
  readonly #owners = new Map<string, string | undefined>();

  constructor(nodes: readonly Node[]) {
    for (const { metadata, status } of nodes) {
      const internal = (status?.addresses ?? []).filter(({ type }) => type === 'InternalIP');
      for (const own of [metadata.name, ...internal.map(({ address }) => address)])
        this.#owners.set(own, this.#owners.has(own) ? undefined : metadata.name);
    }
  }

  /**
   * The other node of which an answer speaks; undefined: it speaks of `name`, too, or of no node that is known. Stated
   * are names and addresses that only the node itself has.
   */
  otherThan(name: string, stated: Iterable<string>): string | undefined {
    let other: string | undefined;
    for (const word of stated) {
      const owner = this.#owners.get(word);
      if (owner === name) return undefined;
      other ??= owner;
    }
    return other;
  }
}
