import { type ProxySource, proxySources } from '../../model/lb/ProxyTable.ts';
import type { Place } from './AgainstBefore.ts';

type Item = Omit<Place, 'nodes'> & { readonly from: readonly ProxySource[] };

/** What is the same for several kinds of clients, and on several nodes, as one. @param found by node */
export function foldByPlace<T extends Item>(
  found: readonly (readonly [node: string, items: readonly T[]])[],
): readonly (T & Pick<Place, 'nodes'>)[] {
  const everywhere = found.flatMap(([node, items]) =>
    [...Map.groupBy(items, ({ from: _from, ...rest }) => JSON.stringify(rest)).values()].flatMap((alike) => {
      const sources = new Set(alike.flatMap(({ from }) => from));
      return alike.slice(0, 1).map((item) => ({
        node,
        item: Object.assign({}, item, { from: proxySources.filter((source) => sources.has(source)) }),
      }));
    }),
  );
  return [...Map.groupBy(everywhere, ({ item }) => JSON.stringify(item)).values()].flatMap((alike) =>
    alike.slice(0, 1).map(({ item }) => Object.assign({}, item, { nodes: alike.map(({ node }) => node) })),
  );
}
