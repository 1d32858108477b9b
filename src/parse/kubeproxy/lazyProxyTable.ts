import type { ProxyTable } from '../../model/lb/ProxyTable.ts';

type Content = Pick<ProxyTable, 'rows' | 'notUnderstood'>;

/**
 * A table whose rows are made when somebody reads them, and again when nobody held them meanwhile: of a hundred nodes
 * the rules are kept once (see SharedRules), rows of each would not be.
 */
export function lazyProxyTable(head: Omit<ProxyTable, keyof Content>, read: () => Content): ProxyTable {
  let made: WeakRef<Content> | undefined;
  const content = (): Content => {
    let own = made?.deref();
    if (own === undefined) made = new WeakRef((own = read()));
    return own;
  };
  return {
    ...head,
    get rows() {
      return content().rows;
    },
    get notUnderstood() {
      return content().notUnderstood;
    },
  };
}
