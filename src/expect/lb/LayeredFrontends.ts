import { MapView } from '../../model/MapView.ts';
import { familyOf, isUnspecified } from '../../model/lb/address.ts';
import { atAllAddresses, type FrontendKey, frontendKey, partsOf } from '../../model/lb/keys.ts';
import type { ExpectedFrontend } from './ExpectedTable.ts';

/** What all nodes of one kind are asked for alike. */
export interface CommonExpectations {
  /** In the order in which objects ask for them. */
  readonly rows: ReadonlyMap<FrontendKey, ExpectedFrontend>;
  /** Rows that each of a node's own addresses gets, as they are at one address, by the zero address; in that order. */
  readonly spread: ReadonlyMap<FrontendKey, ExpectedFrontend>;
  /** Of all `rows`. */
  readonly addresses: ReadonlySet<string>;
}

export interface LayersOfNode {
  readonly common: CommonExpectations;
  /** Where the node serves NodePorts; none of them is among the addresses of the common rows. */
  readonly addresses: readonly string[];
  /** Of what differs from node to node; none of its keys is among the others. */
  readonly own: ReadonlyMap<FrontendKey, ExpectedFrontend>;
  /** In which order objects ask: the place of the one that asks for a row; undefined: behind all Services. */
  readonly placeOf: (row: ExpectedFrontend) => number | undefined;
}

/** A node's expected rows, of which those are not held that other nodes have, too. */
export class LayeredFrontends extends MapView<FrontendKey, ExpectedFrontend> {
  readonly layers: LayersOfNode;

  constructor(layers: LayersOfNode) {
    super();
    this.layers = layers;
  }

  override get size(): number {
    const { common, own } = this.layers;
    return common.rows.size + own.size + spreadCount(common.spread.values(), this.layers.addresses);
  }

  get(key: FrontendKey): ExpectedFrontend | undefined {
    const { common, own } = this.layers;
    return own.get(key) ?? common.rows.get(key) ?? this.#spread(key);
  }

  *entries(): Generator<[FrontendKey, ExpectedFrontend], undefined, unknown> {
    const { rows, spread } = this.layers.common;
    for (const row of this.merged(rows.values(), spread.values())) yield [row.key, row];
  }

  /** The node's own rows, and these of the common ones, in the order of the whole table. */
  *merged(
    rows: Iterable<ExpectedFrontend>,
    spread: Iterable<ExpectedFrontend>,
  ): Generator<ExpectedFrontend, undefined, unknown> {
    const { own, placeOf } = this.layers;
    const mine = [...own.values()];
    const atOwn = mine.filter((row) => row.agentKey !== row.key);
    const plain = mine.filter((row) => row.agentKey === row.key);
    yield* inOrder(rows, plain, placeOf);
    yield* inOrder(this.#spreadOver(spread), atOwn, placeOf);
  }

  /** Keys of the common rows at one of the node's own addresses. */
  *spreadAt(address: string): Generator<FrontendKey, undefined, unknown> {
    for (const row of this.layers.common.spread.values())
      if (familyOf(address) === familyOf(row.address)) yield rowAt(row, address).key;
  }

  *#spreadOver(spread: Iterable<ExpectedFrontend>): Generator<ExpectedFrontend, undefined, unknown> {
    for (const row of spread)
      for (const address of this.layers.addresses) {
        if (familyOf(address) === familyOf(row.address)) yield rowAt(row, address);
      }
  }

  #spread(key: FrontendKey): ExpectedFrontend | undefined {
    const parts = partsOf(key);
    if (isUnspecified(parts.address) || !this.layers.addresses.includes(parts.address)) return undefined;
    const row = this.layers.common.spread.get(atAllAddresses(parts, parts.scope));
    return row === undefined ? undefined : rowAt(row, parts.address);
  }
}

/** What all own addresses get, at one of them. */
export const rowAt = (row: ExpectedFrontend, address: string): ExpectedFrontend => ({
  ...row,
  key: frontendKey(address, row.port, row.protocol, row.scope),
  address,
  alternatives: row.alternatives.length === 0 ? none : row.alternatives.map((one) => rowAt(one, address)),
});

const none: readonly never[] = [];

export function spreadCount(spread: Iterable<ExpectedFrontend>, addresses: readonly string[]): number {
  let count = 0;
  const families = addresses.map(familyOf);
  if (families.length === 0) return 0;
  for (const row of spread) {
    const family = familyOf(row.address);
    for (const one of families) if (one === family) count += 1;
  }
  return count;
}

/** Two lists that are in order each; what has no place comes last. */
function* inOrder(
  common: Iterable<ExpectedFrontend>,
  own: readonly ExpectedFrontend[],
  placeOf: LayersOfNode['placeOf'],
): Generator<ExpectedFrontend, undefined, unknown> {
  let at = 0;
  for (const row of common) {
    for (let mine = own[at]; mine !== undefined; mine = own[at]) {
      if ((placeOf(mine) ?? Infinity) >= (placeOf(row) ?? Infinity)) break;
      yield mine;
      at += 1;
    }
    yield row;
  }
  yield* own.slice(at);
}
