/**
 * A map that is made once and then only read, in half the memory of a `Map`: keys and values in the order in which they
 * came, and an index that finds a key in about a dozen steps.
 */
export class SortedMap<K extends string | number, V> implements ReadonlyMap<K, V> {
  readonly #keys: readonly K[];
  readonly #values: readonly V[];
  /** Positions by rising key. */
  readonly #order: Uint32Array;

  /** @param entries each key once */
  constructor(entries: Iterable<readonly [K, V]>) {
    const keys: K[] = [];
    const values: V[] = [];
    for (const [key, value] of entries) {
      keys.push(key);
      values.push(value);
    }
    // Exactly as long as needed: lists that grew have a third to spare.
    this.#keys = keys.slice();
    this.#values = values.slice();
    this.#order = Uint32Array.from(keys.keys()).sort((a, b) => (isLess(keys, a, b) ? -1 : 1));
  }

  get size(): number {
    return this.#keys.length;
  }

  has(key: K): boolean {
    return this.positionOf(key) !== undefined;
  }

  get(key: K): V | undefined {
    const position = this.positionOf(key);
    return position === undefined ? undefined : this.#values[position];
  }

  keys(): MapIterator<K> {
    return this.#keys.values();
  }

  values(): MapIterator<V> {
    return this.#values.values();
  }

  *entries(): Generator<[K, V], undefined, unknown> {
    for (const [position, key] of this.#keys.entries()) {
      const value = this.#values[position];
      // A value may be undefined, a position is not.
      yield [key, value as V];
    }
  }

  [Symbol.iterator](): MapIterator<[K, V]> {
    return this.entries();
  }

  forEach(each: (value: V, key: K, map: ReadonlyMap<K, V>) => void): void {
    for (const [key, value] of this.entries()) each(value, key, this);
  }

  /** The position of an entry, from 0: for data that others keep alongside this map. */
  positionOf(key: K): number | undefined {
    let from = 0;
    let to = this.#order.length;
    while (from < to) {
      const middle = (from + to) >>> 1;
      const position = this.#order[middle] ?? 0;
      const here = this.#keys[position];
      if (here === key) return position;
      if (here !== undefined && here < key) from = middle + 1;
      else to = middle;
    }
    return undefined;
  }
}

function isLess(keys: readonly (string | number)[], a: number, b: number): boolean {
  const left = keys[a];
  const right = keys[b];
  return left !== undefined && right !== undefined && left < right;
}
