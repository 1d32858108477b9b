import { type ProxySource, proxySources } from '../../model/lb/ProxyTable.ts';
import type { Gain, Intended, Loss } from './BaselineComparison.ts';

type Item = Omit<Loss, 'nodes'> | Omit<Intended, 'nodes'> | Omit<Gain, 'nodes'>;

interface Folded<T> {
  readonly item: T;
  readonly sources: readonly ProxySource[];
  readonly nodes: string[];
}

/**
 * What is the same for several kinds of clients, and on several nodes, as one. Takes a node at a time: most of what is
 * meant to differ does so on every node, and of thousands of Services.
 */
export class FoldByPlace<T extends Item> {
  readonly #folded = new Map<string, Folded<T>>();

  add(node: string, items: readonly T[]): void {
    const own = new Map<string, { readonly item: T; readonly sources: Set<ProxySource> }>();
    for (const item of items) {
      const key = keyOf(item);
      const alike = own.get(key);
      if (alike === undefined) own.set(key, { item, sources: new Set(item.from) });
      else for (const source of item.from) alike.sources.add(source);
    }
    for (const [key, { item, sources: some }] of own) {
      const sources = proxySources.filter((source) => some.has(source));
      const place = `${key} ${sources.join()}`;
      const alike = this.#folded.get(place);
      if (alike === undefined) this.#folded.set(place, { item, sources, nodes: [node] });
      else alike.nodes.push(node);
    }
  }

  result(): readonly (T & { readonly nodes: readonly string[] })[] {
    return [...this.#folded.values()].map(({ item, sources, nodes }) =>
      Object.assign({}, item, { from: sources, nodes }),
    );
  }
}

/** All but the clients; no two kinds of items are folded together, so what one has not may stay out. */
function keyOf(item: Item): string {
  const { service, frontend } = item;
  if ('what' in item)
    return [service, frontend, item.what, item.difference, item.expected.join(), item.found.join()].join(' ');
  if ('reasons' in item) return [service, frontend, item.reasons.join(), item.before.join(), item.now.join()].join(' ');
  return [service, frontend, item.now.join()].join(' ');
}
