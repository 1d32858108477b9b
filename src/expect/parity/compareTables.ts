import { isLoopback, isUnspecified } from '../../model/lb/address.ts';
import {
  atAllAddresses,
  type BackendKey,
  type FrontendKey,
  frontendKey,
  partsOf,
  withoutProtocol,
} from '../../model/lb/keys.ts';
import type { FlagName } from '../../model/lb/lbFlags.ts';
import { type Frontend, isWildcard, type LbTable, selectableSlots } from '../../model/lb/LbTable.ts';
import { LayerComparison, type RowsToJudge } from './compareLayers.ts';
import { brokenSlots, damageOf } from './damage.ts';
import type { FirmDifference, LostStep } from './Difference.ts';
import type { ExpectedFrontend, ExpectedTable } from '../lb/ExpectedTable.ts';
import { isAsExpected } from './isAsExpected.ts';
import { wrongProperties } from './wrongProperties.ts';

/**
 * One node: what the API asks for against what its maps hold, both directions, rows as sets. Only backends that take
 * new connections count. Wildcard rows are not compared: their presence follows the others'.
 * @param found a table that is not `unreadable`
 * @param agent the agent's own frontends, to tell which step lost something; undefined: not read
 * @param layers what was compared of other nodes already
 */
export function compareTables(
  expected: ExpectedTable,
  found: LbTable,
  agent?: LbTable,
  layers: LayerComparison = new LayerComparison(),
): readonly FirmDifference[] {
  if (found.unreadable !== undefined)
    throw new Error(`a table that was not read cannot be compared: ${found.unreadable}`);
  const comparison = new Comparison(expected, found, agent?.unreadable === undefined ? agent : undefined);
  const differences: FirmDifference[] = [];
  for (const difference of comparison.run(layers.rowsToJudge(expected, found)))
    differences.push({
      ...difference,
      doubt: doubtOf(difference, found),
      torn: found.torn.has(difference.frontend),
    });
  return differences;
}

function doubtOf({ frontend, kind }: FirmDifference, { doubtful, unattributed }: LbTable): string | undefined {
  if (doubtful.has(frontend)) return 'a line about this frontend was not understood';
  if (kind !== 'frontendMissing' || unattributed === 0) return undefined;
  return unattributed === 1
    ? 'a line was not understood and may be this one'
    : `${unattributed} lines were not understood and may be this one`;
}

class Comparison {
  readonly #expected: ExpectedTable;
  readonly #found: LbTable;
  readonly #agent: LbTable | undefined;
  readonly #judged = new Set<FrontendKey>();

  constructor(expected: ExpectedTable, found: LbTable, agent: LbTable | undefined) {
    this.#expected = expected;
    this.#found = found;
    this.#agent = agent;
  }

  *run(rows: RowsToJudge): Generator<FirmDifference> {
    for (const row of rows.expected) {
      const found = this.#rowFor(row);
      if (found === undefined) {
        if (row.optional === undefined) yield this.#missing(row);
        continue;
      }
      this.#judged.add(found.key);
      if (isAsExpected(row, found, this.#found) || this.#isRedirectUnknown(row, found)) continue;
      yield* this.#compare(row, found);
    }
    // Whole tables have an order of their own, and those that travel in little have another.
    const unasked = [...rows.found].filter((found) => !this.#judged.has(found.key) && !isWildcard(found));
    for (const found of unasked.toSorted((a, b) => (a.key < b.key ? -1 : 1))) yield* this.#unasked(found);
  }

  /** Rows from before an upgrade to 1.17 keep protocol ANY until their Service is made anew. */
  #rowFor({ key, address, port, protocol, scope }: ExpectedFrontend): Frontend | undefined {
    const exact = this.#found.frontends.get(key);
    return (
      exact ?? (protocol === 'ANY' ? undefined : this.#found.frontends.get(frontendKey(address, port, 'ANY', scope)))
    );
  }

  #isRedirectUnknown(row: ExpectedFrontend, found: Frontend): boolean {
    return (
      this.#expected.unknown.redirects !== undefined &&
      found.flags.type === 'LocalRedirect' &&
      row.type !== 'LocalRedirect'
    );
  }

  /** The row, or an alternative that is as right; what differs is said of the first. */
  *#compare(row: ExpectedFrontend, found: Frontend): Generator<FirmDifference> {
    const differences = [...this.#compareOne(row, found)];
    if (differences.length === 0) return;
    if (row.alternatives.some((other) => this.#compareOne(other, found).next().done === true)) return;
    yield* differences;
  }

  *#compareOne(row: ExpectedFrontend, found: Frontend): Generator<FirmDifference> {
    const damage = damageOf(found, this.#found, {
      countsKnown: this.#expected.propertiesKnown,
      hasMaglev: this.#expected.propertiesKnown && row.maglev && row.selectable.length > 0,
    });
    const sets = backendSets(row, found);
    if (damage.length > 0) {
      const broken = brokenSlots(found);
      const lost = found.hasMaster ? sharesLost(broken, found.count) : { shares: 1, total: 1 };
      yield { ...this.#about(row, found, 'agentToMap', lost), kind: 'damaged', damage };
    }
    // What a broken slot, a count or a lost slot 0 explains is not said twice.
    const explained =
      damage.length > 0 && sets.stale.length === 0 && (!found.hasMaster || sets.missing.length <= damagedSlots(found));
    const missing = explained ? [] : sets.missing;
    if (sets.stale.length > 0) {
      const lost = sharesLost(sets.stale.length, sets.found.length);
      const about = this.#about(row, found, this.#layer(row), lost);
      yield { ...about, kind: 'backendsStale', stale: sets.stale, missing };
    } else if (missing.length > 0) {
      const slots = new Set(found.slots.map(({ backend }) => backend));
      const notSelectable = missing.filter((key) => slots.has(key));
      const lost = sets.found.length === 0 ? { shares: 1, total: 1 } : undefined;
      yield {
        ...this.#about(row, found, this.#layer(row), lost),

        kind: 'backendsMissing',
        missing,
        notSelectable,
      };
    }
    const properties = found.hasMaster ? wrongProperties(row, found, this.#found, this.#expected.propertiesKnown) : [];
    if (properties.length > 0) {
      yield { ...this.#about(row, found, 'unknown', undefined), kind: 'wrongProperties', properties };
    }
  }

  /** A row of the map that no expected row has the key of. */
  *#unasked(found: Frontend): Generator<FirmDifference> {
    const { nodePortAddresses, hostPorts, redirects } = this.#expected.unknown;
    const { type } = found.flags;
    if (
      nodePortAddresses !== undefined &&
      (type === 'NodePort' || type === 'HostPort') &&
      !isUnspecified(found.address)
    ) {
      const surrogate = this.#expected.frontends.get(surrogateKey(found));
      if (surrogate !== undefined) {
        yield* this.#compareSpread(surrogate, found);
        return;
      }
    }
    if (hostPorts !== undefined && type === 'HostPort') return;
    if (redirects !== undefined && type === 'LocalRedirect') return;
    const selectable = backendsOf(found);
    const agentRow = this.#agent?.frontends.get(found.key) ?? this.#agent?.frontends.get(surrogateKey(found));
    const isKnown = this.#agentKnows(found.key) && this.#agentKnows(surrogateKey(found));
    const layer: LostStep = !isKnown ? 'unknown' : agentRow === undefined ? 'agentToMap' : 'apiToAgent';
    yield {
      kind: 'frontendOrphan',
      frontend: found.key,
      agentKey: type === 'NodePort' || type === 'HostPort' ? surrogateKey(found) : found.key,
      type,
      owner: undefined,
      portName: '',
      expected: [],
      found: selectable,
      layer,
      agentError: agentRow?.agent?.error ?? '',
      lost: undefined,
      doubt: undefined,
      torn: false,
      proof: undefined,
    };
  }

  /** A row of a node address, judged by the row of the zero address because nobody told which addresses there are. */
  *#compareSpread(surrogate: ExpectedFrontend, found: Frontend): Generator<FirmDifference> {
    const flags = new Set<FlagName>(surrogate.flags);
    flags.delete('non-routable');
    const { key, address } = found;
    yield* this.#compare({ ...surrogate, key, address, flags }, found);
  }

  #missing(row: ExpectedFrontend): FirmDifference {
    const has = this.#agent?.frontends.has(row.agentKey) === true;
    const layer: LostStep = !this.#agentKnows(row.agentKey) ? 'unknown' : has ? 'agentToMap' : 'apiToAgent';
    const lost = row.selectable.length === 0 ? undefined : { shares: 1, total: 1 };
    return { ...this.#about(row, undefined, layer, lost), kind: 'frontendMissing' };
  }

  #about(row: ExpectedFrontend, found: Frontend | undefined, layer: LostStep, lost: FirmDifference['lost']) {
    return {
      frontend: row.key,
      agentKey: row.agentKey,
      type: row.type,
      owner: row.owner,
      portName: row.portName,
      expected: row.selectable,
      found: found === undefined ? [] : backendsOf(found),
      layer,
      agentError: this.#agent?.frontends.get(row.agentKey)?.agent?.error ?? '',
      lost,
      doubt: undefined,
      torn: false,
      proof: undefined,
    };
  }

  /** Whether the agent was asked for this row, so that it has none where none was read. */
  #agentKnows(key: FrontendKey): boolean {
    if (this.#agent === undefined) return false;
    const { address, port } = partsOf(key);
    return this.#agent.narrowedTo?.has(`${address} ${port}`) ?? true;
  }

  /** Whether the agent itself has what the API asks for; then the map is what lags. */
  #layer(row: ExpectedFrontend): LostStep {
    if (this.#agent === undefined || !this.#agentKnows(row.agentKey)) return 'unknown';
    const agentRow = this.#agent.frontends.get(row.agentKey);
    if (agentRow === undefined) return 'apiToAgent';
    const wanted = new Set(row.backends.map(({ key }) => key));
    // Where an L7 proxy takes the traffic, `service list` names its listener as one more backend.
    const has = agentRow.slots.filter(({ backend }) => backend === undefined || !isLoopback(partsOf(backend).address));
    // Those in maintenance have no slot, but the text table names them; either is agreement.
    const slotted = row.backends.filter(({ state }) => state !== 'maintenance').length;
    const total = has.length + (agentRow.agent?.more ?? 0);
    const agrees =
      has.every(({ backend }) => backend !== undefined && wanted.has(backend)) &&
      (total === wanted.size || total === slotted);
    return agrees ? 'agentToMap' : 'apiToAgent';
  }
}

/** The key of the row from which the agent derives a node-address row. */
const surrogateKey = (found: Frontend): FrontendKey => atAllAddresses(found, found.scope);

/** What takes new connections; where no counts were read, all slots. */
const backendsOf = (found: Frontend): readonly BackendKey[] =>
  (selectableSlots(found) ?? found.slots).map(({ backend }) => backend).filter((backend) => backend !== undefined);

const sharesLost = (
  shares: number,
  total: number | undefined,
): { readonly shares: number; readonly total: number } | undefined =>
  total === undefined || total === 0 || shares === 0 ? undefined : { shares, total };

/** Slots that damage keeps out of rotation: broken ones, and those behind a count that is too low. */
function damagedSlots(found: Frontend): number {
  const { slots, count, inactiveCount } = found;
  const beyond = count === undefined ? 0 : Math.max(0, slots.length - count - (inactiveCount ?? 0));
  return brokenSlots(found) + beyond;
}

function backendSets(
  row: ExpectedFrontend,
  found: Frontend,
): {
  readonly found: readonly BackendKey[];
  readonly missing: readonly BackendKey[];
  readonly stale: readonly BackendKey[];
} {
  const selectable = backendsOf(found);
  // Without counts, slots of terminating backends cannot be told from others: then all slots are compared with
  // all that may have one.
  const wanted = found.count === undefined ? slotted(row) : row.selectable;
  if (found.protocol === row.protocol && sameMembers(selectable, wanted))
    return { found: selectable, missing: [], stale: [] };
  const plain = found.protocol === row.protocol ? identity : withoutProtocol;
  const has = new Set(selectable.map(plain));
  const want = new Set(wanted.map(plain));
  const either = new Set(row.backends.filter(({ ambiguous }) => ambiguous).map(({ key }) => plain(key)));
  const stale =
    row.remote === 'none' ? selectable.filter((key) => !want.has(plain(key)) && !either.has(plain(key))) : [];
  const replaced = row.remote === 'mayReplace' && selectable.some((key) => !want.has(plain(key)));
  const missing = replaced ? [] : wanted.filter((key) => !has.has(plain(key)) && !either.has(plain(key)));
  return { found: selectable, missing, stale };
}

const slotted = ({ backends }: ExpectedFrontend): readonly BackendKey[] =>
  backends.filter(({ state }) => state !== 'maintenance').map(({ key }) => key);

const identity = (key: BackendKey): string => key;

/** Lists of a few members, so looking through beats building sets. */
function sameMembers(a: readonly BackendKey[], b: readonly BackendKey[]): boolean {
  if (a.length !== b.length) return false;
  if (a.length > 16) {
    const members = new Set(b);
    return new Set(a).size === members.size && a.every((key) => members.has(key));
  }
  return a.every((key) => b.includes(key)) && b.every((key) => a.includes(key));
}
