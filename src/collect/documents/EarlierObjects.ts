import { isDeepStrictEqual } from 'node:util';
import type { RawDocument } from '../../model/raw.ts';
import { namedAs } from './namedAs.ts';

/**
 * A list as it was read before: what did not change since is held once, whatever is read how often. A list of which
 * nothing did is the same list, so that nobody looks at its objects a second time.
 */
export class EarlierObjects {
  readonly #list: readonly unknown[];
  #byKey: ReadonlyMap<string, unknown> | undefined;

  constructor(document: RawDocument | undefined) {
    const value = document === undefined || 'missing' in document ? undefined : document.value;
    this.#list = Array.isArray(value) ? value : [];
  }

  /** The object as it was before, where it is that still. */
  like(object: unknown): unknown {
    if (this.#list.length === 0) return undefined;
    this.#byKey ??= new Map(this.#list.map((one) => [namedAs(one).key, one]));
    const before = this.#byKey.get(namedAs(object).key);
    return isDeepStrictEqual(before, object) ? before : undefined;
  }

  /** The list as it was before, where these are its objects. */
  listLike(items: unknown): unknown {
    const isSame = Array.isArray(items) && items.length > 0 && items.length === this.#list.length;
    return isSame && items.every((item, at) => item === this.#list[at]) ? this.#list : items;
  }
}
