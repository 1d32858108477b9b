import { type Family, familyOf, isUnspecified, unspecified } from '../../model/lb/address.ts';
import { type Bucket, CommonFrontends } from '../../model/lb/CommonFrontends.ts';
import { spreadAt } from '../../model/lb/CommonRow.ts';
import { atAllAddresses, type FrontendKey, frontendKey, partsOf } from '../../model/lb/keys.ts';
import { type Frontend, isWildcard, type LbTable } from '../../model/lb/LbTable.ts';
import type { ExpectedFrontend, ExpectedTable } from '../lb/ExpectedTable.ts';
import { type CommonExpectations, LayeredFrontends, rowAt } from '../lb/LayeredFrontends.ts';
import { isAsExpected } from './isAsExpected.ts';

/** The rows of two tables that have to be looked at, each in the order of its table; the others are as expected. */
export interface RowsToJudge {
  readonly expected: Iterable<ExpectedFrontend>;
  readonly found: Iterable<Frontend>;
}

/**
 * What of nodes' tables is to be judged, where both tables of a node say what they have in common with others': that is
 * compared once for all nodes of which it is the same. Otherwise all rows are.
 */
export class LayerComparison {
  readonly #known = new Map<CommonExpectations, Map<readonly Bucket[], Map<string, CommonRowsToJudge>>>();

  rowsToJudge(expected: ExpectedTable, found: LbTable): RowsToJudge {
    const all: RowsToJudge = { expected: expected.frontends.values(), found: found.frontends.values() };
    if (!(expected.frontends instanceof LayeredFrontends) || !(found.frontends instanceof CommonFrontends)) return all;
    const { layers } = expected.frontends;
    const { node } = found.frontends;
    const common = this.#common(layers.common, found, found.frontends);
    const isSpreadAlike = common.families.every((family) =>
      sameMembers(ofFamily(layers.addresses, family), ofFamily(node.addresses, family)),
    );
    if (!isSpreadAlike) return all;
    const [rows, spread] = [new Set(common.rows), new Set(common.spread)];
    for (const key of node.own.keys()) {
      const row = layers.common.rows.get(key);
      if (row !== undefined) rows.add(row);
      else {
        const parts = partsOf(key);
        const spreadRow = layers.common.spread.get(atAllAddresses(parts, parts.scope));
        if (spreadRow !== undefined && !isUnspecified(parts.address)) spread.add(spreadRow);
      }
    }
    return {
      expected: expected.frontends.merged(inOrder(rows, layers.common.rows), inOrder(spread, layers.common.spread)),
      found: foundRows(found.frontends, common),
    };
  }

  #common(common: CommonExpectations, table: LbTable, frontends: CommonFrontends): CommonRowsToJudge {
    const { buckets, addresses } = frontends.node;
    const byBuckets = this.#known.get(common) ?? new Map<readonly Bucket[], Map<string, CommonRowsToJudge>>();
    this.#known.set(common, byBuckets);
    const byTable = byBuckets.get(buckets) ?? new Map<string, CommonRowsToJudge>();
    byBuckets.set(buckets, byTable);
    // Which other maps there are, and of which families addresses, decides what is found, too.
    const others = [table.revNat, table.sourceRanges, table.maglev].map((map) => map !== undefined);
    const kind = [...others, ...new Set(addresses.map(familyOf))].join();
    const same = byTable.get(kind) ?? judgedOnce(common, table, frontends);
    byTable.set(kind, same);
    return same;
  }
}

/** What of the rows that nodes have in common is not as expected at once. */
interface CommonRowsToJudge {
  readonly rows: readonly ExpectedFrontend[];
  readonly spread: readonly ExpectedFrontend[];
  /** Found, and not among the expected. */
  readonly found: readonly FrontendKey[];
  readonly foundSpread: readonly FrontendKey[];
  /** Of which NodePorts are repeated at addresses, asked for or found. */
  readonly families: readonly Family[];
}

function judgedOnce(common: CommonExpectations, table: LbTable, frontends: CommonFrontends): CommonRowsToJudge {
  const { buckets, addresses, common: shared } = frontends.node;
  const rows = [...common.rows.values()].filter((row) => {
    const found = frontends.common(row.key);
    return found === undefined || !isAsExpected(row, found, table);
  });
  const spread = [...common.spread].flatMap(([zero, row]) => {
    const at = addresses.findIndex((one) => familyOf(one) === familyOf(row.address));
    const address = addresses[at];
    const place = shared.spreadPlaceOf.get(zero);
    const number = place === undefined ? undefined : buckets[place]?.spread.get(zero);
    const found = number === undefined ? undefined : shared.rows[number];
    if (address === undefined || found === undefined || number === undefined) return [row];
    return isAsExpected(rowAt(row, address), spreadAt(found, number, address, at + 1), table) ? [] : [row];
  });
  return {
    rows,
    spread,
    found: buckets.flatMap((bucket) =>
      [...bucket.rows].flatMap(([key, number]) => {
        const row = shared.rows[number]?.frontend;
        return row === undefined || isWildcard(row) || common.rows.has(key) ? [] : [key];
      }),
    ),
    families: familiesSpread(common, buckets),
    foundSpread: buckets.flatMap((bucket) => [...bucket.spread.keys()].filter((zero) => !common.spread.has(zero))),
  };
}

function* foundRows(frontends: CommonFrontends, common: CommonRowsToJudge): Generator<Frontend> {
  const { own, addresses } = frontends.node;
  yield* own.values();
  for (const zero of common.foundSpread) {
    const { address: any, port, protocol, scope } = partsOf(zero);
    for (const address of addresses) {
      if (familyOf(address) !== familyOf(any)) continue;
      const key = frontendKey(address, port, protocol, scope);
      const row = own.has(key) ? undefined : frontends.get(key);
      if (row !== undefined) yield row;
    }
  }
  for (const key of common.found) {
    const row = own.has(key) ? undefined : frontends.common(key);
    if (row !== undefined) yield row;
  }
}

function familiesSpread({ spread }: CommonExpectations, buckets: readonly Bucket[]): readonly Family[] {
  const zeros = new Set<string>(Array.from(spread.keys(), (key) => partsOf(key).address));
  for (const bucket of buckets) for (const key of bucket.spread.keys()) zeros.add(partsOf(key).address);
  return (['ipv4', 'ipv6'] as const).filter((family) => zeros.has(unspecified[family]));
}

const ofFamily = (addresses: readonly string[], family: Family): readonly string[] =>
  addresses.filter((one) => familyOf(one) === family);

const sameMembers = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((one) => b.includes(one));

/** As they stand in the table. */
function* inOrder(
  wanted: ReadonlySet<ExpectedFrontend>,
  table: ReadonlyMap<FrontendKey, ExpectedFrontend>,
): Generator<ExpectedFrontend> {
  if (wanted.size === 0) return;
  for (const row of table.values()) if (wanted.has(row)) yield row;
}
