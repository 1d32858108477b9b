import { MapView } from '../MapView.ts';
import type { MapFrontend } from '../NodeFacts.ts';
import { familyOf, isUnspecified, unspecified } from './address.ts';
import { type CommonRow, rowOfId, spreadAt } from './CommonRow.ts';
import { type FrontendKey, frontendKey, partsOf } from './keys.ts';
import type { Frontend } from './LbTable.ts';

/** One bucket as some nodes have it. */
export interface Bucket {
  /** SHA-256, 64 digits. */
  readonly digest: string;
  /** Numbers of its rows, by frontend. */
  readonly rows: ReadonlyMap<FrontendKey, number>;
  /** Of those that stand for each of a node's own addresses, by the frontend of the zero address. */
  readonly spread: ReadonlyMap<FrontendKey, number>;
}

/** All common rows by their numbers, and in which bucket a frontend is. */
export interface CommonRows {
  readonly rows: readonly CommonRow[];
  readonly placeOf: ReadonlyMap<FrontendKey, number>;
  readonly spreadPlaceOf: ReadonlyMap<FrontendKey, number>;
}

/** What makes a node's table: buckets that it shares, and what is its own. */
export interface NodeRows {
  readonly common: CommonRows;
  readonly buckets: readonly Bucket[];
  /** The addresses that rows of NodePorts stand for, by family and otherwise in any order. */
  readonly addresses: readonly string[];
  /** These go before the common ones. */
  readonly own: ReadonlyMap<FrontendKey, Frontend>;
}

/** The node's own rows first, then those of its addresses, then the rest. */
export class CommonFrontends extends MapView<FrontendKey, Frontend> {
  readonly #node: NodeRows;
  #size: number | undefined;

  constructor(node: NodeRows) {
    super();
    this.#node = node;
  }

  /** Of which buckets, what is its own, and at which addresses. */
  get node(): NodeRows {
    return this.#node;
  }

  override get size(): number {
    this.#size ??= super.size;
    return this.#size;
  }

  get(key: FrontendKey): Frontend | undefined {
    return this.#node.own.get(key) ?? this.common(key) ?? this.#spread(key);
  }

  /** The row of a bucket, whatever the node has of its own; undefined: none of its buckets has one. */
  common(key: FrontendKey): Frontend | undefined {
    const { common, buckets } = this.#node;
    const place = common.placeOf.get(key);
    const number = place === undefined ? undefined : buckets[place]?.rows.get(key);
    return number === undefined ? undefined : common.rows[number]?.frontend;
  }

  *entries(): Generator<[FrontendKey, Frontend], undefined, unknown> {
    const { common, buckets, own, addresses } = this.#node;
    yield* own.entries();
    for (const { spread } of buckets)
      for (const number of spread.values()) {
        const row = common.rows[number];
        if (row === undefined) continue;
        for (const [at, address] of addresses.entries()) {
          if (familyOf(address) !== familyOf(row.frontend.address)) continue;
          const frontend = spreadAt(row, number, address, at + 1);
          if (!own.has(frontend.key)) yield [frontend.key, frontend];
        }
      }
    for (const { rows } of buckets)
      for (const [key, number] of rows) {
        const frontend = common.rows[number]?.frontend;
        if (frontend !== undefined && !own.has(key)) yield [key, frontend];
      }
  }

  #spread(key: FrontendKey): Frontend | undefined {
    const { common, buckets, addresses } = this.#node;
    const { address, port, protocol, scope } = partsOf(key);
    const at = isUnspecified(address) ? -1 : addresses.indexOf(address);
    if (at === -1) return undefined;
    const any = frontendKey(unspecified[familyOf(address)], port, protocol, scope);
    const place = common.spreadPlaceOf.get(any);
    const number = place === undefined ? undefined : buckets[place]?.spread.get(any);
    const row = number === undefined ? undefined : common.rows[number];
    return row === undefined || number === undefined ? undefined : spreadAt(row, number, address, at + 1);
  }
}

/** What belongs to service IDs: the node's own entries, and what is known of common rows. */
export class CommonIds<V> extends MapView<number, V> {
  readonly #node: NodeRows;
  readonly #own: ReadonlyMap<number, V>;
  readonly #entryOf: EntryOf<V>;

  constructor(node: NodeRows, own: ReadonlyMap<number, V>, entryOf: EntryOf<V>) {
    super();
    this.#node = node;
    this.#own = own;
    this.#entryOf = entryOf;
  }

  get(id: number): V | undefined {
    return rowOfId(id) === undefined ? this.#own.get(id) : this.#common(id)?.value;
  }

  override has(id: number): boolean {
    return rowOfId(id) === undefined ? this.#own.has(id) : this.#common(id) !== undefined;
  }

  *entries(): Generator<[number, V], undefined, unknown> {
    yield* this.#own.entries();
    for (const { id } of new CommonFrontends(this.#node).values()) {
      const entry = this.#common(id);
      if (entry !== undefined) yield [id, entry.value];
    }
  }

  #common(id: number): { readonly value: V } | undefined {
    const place = rowOfId(id);
    const row = place === undefined ? undefined : this.#node.common.rows[place.row];
    if (place === undefined || row === undefined) return undefined;
    return this.#entryOf(row, this.#node.addresses[place.ownAddress - 1]);
  }
}

/** What a map holds for a row at one of the node's own addresses (undefined: its own one); undefined: nothing. */
export type EntryOf<V> = (row: CommonRow, address: string | undefined) => { readonly value: V } | undefined;

/** How many backends of each frontend take new connections. */
export class SelectableCounts extends MapView<FrontendKey, MapFrontend> {
  readonly #frontends: CommonFrontends;

  constructor(frontends: CommonFrontends) {
    super();
    this.#frontends = frontends;
  }

  get(key: FrontendKey): MapFrontend | undefined {
    const row = this.#frontends.get(key);
    return row === undefined ? undefined : countOf(row);
  }

  *entries(): Generator<[FrontendKey, MapFrontend], undefined, unknown> {
    for (const [key, row] of this.#frontends.entries()) {
      const count = countOf(row);
      if (count !== undefined) yield [key, count];
    }
  }
}

const countOf = ({ port, hasMaster, count }: Frontend): MapFrontend | undefined =>
  port === 0 || !hasMaster || count === undefined ? undefined : { selectable: count };
