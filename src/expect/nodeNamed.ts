import type { Node } from '../model/kubernetes.ts';

/** By the list: what is judged of each node asks for its own object in it. */
const indexes = new WeakMap<readonly Node[], ReadonlyMap<string, Node>>();

/** The first object of that name. */
export function nodeNamed(nodes: readonly Node[], name: string): Node | undefined {
  const known = indexes.get(nodes);
  if (known !== undefined) return known.get(name);
  const index = new Map(nodes.toReversed().map((node) => [node.metadata.name, node]));
  indexes.set(nodes, index);
  return index.get(name);
}
