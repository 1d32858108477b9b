import type { Frontend, Slot } from '../../model/lb/LbTable.ts';

/** A row without the IDs, which are each node's own. */
export type RowShape = Omit<Frontend, 'id' | 'slots'> & { readonly slots: readonly Omit<Slot, 'backendId'>[] };

/**
 * Frontends of one node as shapes that nodes share, and this node's IDs beside them. A row is made when somebody looks at
 * it, so two looks give two equal objects.
 */
export class CompactFrontends implements ReadonlyMap<string, Frontend> {
  readonly #positions = new Map<string, number>();
  readonly #shapes: RowShape[] = [];
  /** For each row its service ID, and then the backend IDs of its slots. */
  readonly #ids: (number | undefined)[] = [];
  /** Where the IDs of each row begin. */
  readonly #starts: number[] = [];

  constructor(rows: Iterable<Frontend>, shapeOf: (row: Frontend) => RowShape) {
    for (const row of rows) {
      const shape = shapeOf(row);
      this.#positions.set(shape.key, this.#shapes.length);
      this.#shapes.push(shape);
      this.#starts.push(this.#ids.length);
      this.#ids.push(row.id);
      for (const { backendId } of row.slots) this.#ids.push(backendId);
    }
  }

  get size(): number {
    return this.#positions.size;
  }

  has(key: string): boolean {
    return this.#positions.has(key);
  }

  get(key: string): Frontend | undefined {
    const position = this.#positions.get(key);
    const shape = position === undefined ? undefined : this.#shapes[position];
    return position === undefined || shape === undefined ? undefined : this.#row(shape, position);
  }

  keys(): MapIterator<string> {
    return this.#positions.keys();
  }

  *values(): Generator<Frontend, undefined, unknown> {
    for (const [position, shape] of this.#shapes.entries()) yield this.#row(shape, position);
  }

  *entries(): Generator<[string, Frontend], undefined, unknown> {
    for (const [position, shape] of this.#shapes.entries()) yield [shape.key, this.#row(shape, position)];
  }

  [Symbol.iterator](): MapIterator<[string, Frontend]> {
    return this.entries();
  }

  forEach(each: (row: Frontend, key: string, map: ReadonlyMap<string, Frontend>) => void): void {
    for (const [key, row] of this.entries()) each(row, key, this);
  }

  #row(shape: RowShape, position: number): Frontend {
    const start = this.#starts[position] ?? 0;
    return {
      ...shape,
      id: this.#ids[start] ?? 0,
      slots: shape.slots.map(({ number, backend }, at) => ({ number, backendId: this.#ids[start + 1 + at], backend })),
    };
  }
}
