import type { FrontendKey } from '../../model/lb/keys.ts';
import type { Frontend, Slot } from '../../model/lb/LbTable.ts';
import { SortedMap } from '../../model/SortedMap.ts';

/** A row without the IDs, which are each node's own. */
export type RowShape = Omit<Frontend, 'id' | 'slots'> & { readonly slots: readonly Omit<Slot, 'backendId'>[] };

/**
 * Frontends of one node as shapes that nodes share, and this node's IDs beside them. A row is made when somebody looks
 * at it, so two looks give two equal objects.
 */
export class CompactFrontends implements ReadonlyMap<FrontendKey, Frontend> {
  readonly #shapes: SortedMap<FrontendKey, RowShape>;
  /** For each row its service ID, and then the backend IDs of its slots; `noId` where there is none. */
  readonly #ids: Uint32Array | readonly (number | undefined)[];
  /** Where the IDs of each row begin. */
  readonly #starts: Uint32Array;

  constructor(rows: Iterable<Frontend>, shapeOf: (row: Frontend) => RowShape) {
    const shapes: RowShape[] = [];
    const ids: (number | undefined)[] = [];
    const starts: number[] = [];
    for (const row of rows) {
      shapes.push(shapeOf(row));
      starts.push(ids.length);
      ids.push(row.id);
      for (const { backendId } of row.slots) ids.push(backendId);
    }
    this.#shapes = new SortedMap(shapes.map((shape) => [shape.key, shape]));
    // IDs have 32 bits in the maps; what is larger was damaged on its way, and is to be shown as it came.
    const fits = ids.every((id) => id === undefined || id < noId);
    this.#ids = fits ? Uint32Array.from(ids, (id) => id ?? noId) : ids;
    this.#starts = Uint32Array.from(starts);
  }

  get size(): number {
    return this.#shapes.size;
  }

  has(key: FrontendKey): boolean {
    return this.#shapes.has(key);
  }

  get(key: FrontendKey): Frontend | undefined {
    const position = this.#shapes.positionOf(key);
    const shape = this.#shapes.get(key);
    return position === undefined || shape === undefined ? undefined : this.#row(shape, position);
  }

  keys(): MapIterator<FrontendKey> {
    return this.#shapes.keys();
  }

  *values(): Generator<Frontend, undefined, unknown> {
    let position = 0;
    for (const shape of this.#shapes.values()) yield this.#row(shape, position++);
  }

  *entries(): Generator<[FrontendKey, Frontend], undefined, unknown> {
    let position = 0;
    for (const [key, shape] of this.#shapes) yield [key, this.#row(shape, position++)];
  }

  [Symbol.iterator](): MapIterator<[FrontendKey, Frontend]> {
    return this.entries();
  }

  forEach(each: (row: Frontend, key: FrontendKey, map: ReadonlyMap<FrontendKey, Frontend>) => void): void {
    for (const [key, row] of this.entries()) each(row, key, this);
  }

  #row(shape: RowShape, position: number): Frontend {
    const start = this.#starts[position] ?? 0;
    return {
      ...shape,
      id: this.#ids[start] ?? 0,
      slots: shape.slots.map(({ number, backend }, at) => ({
        number,
        backendId: this.#backendId(start + 1 + at),
        backend,
      })),
    };
  }

  #backendId(at: number): number | undefined {
    const id = this.#ids[at];
    return id === noId && this.#ids instanceof Uint32Array ? undefined : id;
  }
}

const noId = 0xffff_ffff;
