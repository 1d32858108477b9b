import type { FrontendFlags } from '../../model/lb/lbFlags.ts';
import {
  type BackendKey,
  type FrontendKey,
  type ParsedBackend,
  type ParsedFrontend,
  parseFrontend,
} from '../../model/lb/keys.ts';
import type {
  AgentRow,
  Backend,
  BackendState,
  Frontend,
  LbTable,
  LbTableSource,
  NotUnderstood,
} from '../../model/lb/LbTable.ts';

/** What slot 0 of a frontend says. */
export interface Master {
  readonly id: number;
  readonly flags: FrontendFlags;
  readonly count: number | undefined;
  readonly inactiveCount: number | undefined;
  readonly affinityTimeout: number | undefined;
  readonly algorithm: Frontend['algorithm'];
  readonly l7ProxyPort: number | undefined;
  readonly agent?: AgentRow;
}

interface Row {
  readonly endpoint: ParsedFrontend;
  master: Master | undefined;
  /** Of the first slot seen; stands in for the master's where there is none. */
  id: number;
  sorted: boolean;
  readonly slots: {
    readonly number: number;
    readonly backendId: number | undefined;
    backend: BackendKey | undefined;
  }[];
}

const noFlags: FrontendFlags = { type: 'ClusterIP', names: new Set(), unknown: [] };
const noMaster: Master = {
  id: 0,
  flags: noFlags,
  count: undefined,
  inactiveCount: undefined,
  affinityTimeout: undefined,
  algorithm: undefined,
  l7ProxyPort: undefined,
};

/** At most this many lines are kept; of a text in a foreign format the first tell as much as all. */
const maxNotUnderstood = 100;

/** Collects the rows of one table in whatever order they come. */
export class LbTableBuilder {
  readonly #rows = new Map<FrontendKey, Row>();
  readonly #backends = new Map<number, Backend>();
  readonly #notUnderstood: NotUnderstood[] = [];
  #lastText = '';
  #lastRow: Row | undefined;
  readonly #doubtful = new Set<FrontendKey>();
  #unattributed = 0;
  #understood = 0;

  /** The row of a frontend; `text` is its address as printed, which neighbouring lines share. */
  row(text: string, parse: (text: string) => ParsedFrontend | undefined): Row | undefined {
    if (this.#lastRow !== undefined && text === this.#lastText) return this.#lastRow;
    const endpoint = parse(text);
    if (endpoint === undefined) return undefined;
    let row = this.#rows.get(endpoint.key);
    if (row === undefined) {
      row = { endpoint, master: undefined, id: 0, sorted: true, slots: [] };
      this.#rows.set(endpoint.key, row);
    }
    this.#lastText = text;
    this.#lastRow = row;
    return row;
  }

  master(row: Row, master: Master): void {
    row.master = master;
    this.#understood++;
  }

  slot(row: Row, number: number, id: number, backendId: number | undefined, backend: BackendKey | undefined): void {
    const { slots } = row;
    const last = slots[slots.length - 1];
    if (last !== undefined && number <= last.number) row.sorted = false;
    if (row.id === 0) row.id = id;
    slots.push({ number, backendId, backend });
    this.#understood++;
  }

  backend(id: number, { key, address, port, protocol }: ParsedBackend, state: BackendState | undefined): void {
    this.#backends.set(id, { key, address, port, protocol, state });
    this.#understood++;
  }

  /** A line of another kind was understood. */
  other(): void {
    this.#understood++;
  }

  /** @param frontend the address as printed, where the line is about a frontend, however little of it can be read */
  notUnderstood(line: string, why: string, frontend?: string): void {
    if (frontend !== undefined) {
      const key = parseFrontend(frontend)?.key;
      if (key !== undefined) this.#doubtful.add(key);
      // Of another protocol, it is of no frontend that anybody looks for.
      else if (parseFrontend(frontend.replace(/\/[^/]*(\/i)?$/, '')) === undefined) this.#unattributed++;
    }
    if (this.#notUnderstood.length < maxNotUnderstood) this.#notUnderstood.push({ line: line.slice(0, 400), why });
    else if (this.#notUnderstood.length === maxNotUnderstood)
      this.#notUnderstood.push({ line: '…', why: 'and further lines' });
  }

  /** Whether anything at all was understood. */
  get understoodAny(): boolean {
    return this.#understood > 0;
  }

  finish(
    source: LbTableSource,
    extras: Partial<Pick<LbTable, 'revNat' | 'sourceRanges' | 'affinity' | 'maglev' | 'torn' | 'unreadable'>> & {
      /** Looks up the backend of a slot by its ID; otherwise slots keep what they were given. */
      readonly resolve?: boolean;
    },
  ): LbTable {
    if (extras.resolve === true) this.#resolve();
    const frontends = new Map<FrontendKey, Frontend>();
    for (const [key, row] of this.#rows) {
      if (row.master === undefined && row.slots.length === 0) continue;
      const { address, port, protocol, scope } = row.endpoint;
      const slots = row.sorted ? row.slots : row.slots.toSorted((a, b) => a.number - b.number);
      const { id, flags, count, inactiveCount, affinityTimeout, algorithm, l7ProxyPort, agent } =
        row.master ?? noMaster;
      frontends.set(key, {
        key,
        address,
        port,
        protocol,
        scope,
        hasMaster: row.master !== undefined,
        id: row.master === undefined ? row.id : id,
        flags,
        slots,
        count,
        inactiveCount,
        affinityTimeout,
        notSticky: extras.affinity && this.#notSticky(row, extras.affinity),
        algorithm,
        l7ProxyPort,
        agent,
      });
    }
    const unreadable =
      extras.unreadable ??
      (this.#notUnderstood.length > 0 && !this.understoodAny
        ? `no line was understood; the first is ${this.#notUnderstood[0]?.line}`
        : undefined);
    return {
      source,
      frontends,
      backends: this.#backends,
      revNat: extras.revNat,
      sourceRanges: extras.sourceRanges,
      affinity: extras.affinity,
      maglev: extras.maglev,
      torn: extras.torn ?? new Set(),
      notUnderstood: this.#notUnderstood,
      doubtful: this.#doubtful,
      unattributed: this.#unattributed,
      unreadable,
    };
  }

  /** The datapath forgets whom a client had where the pair of Service and backend is not listed. */
  #notSticky({ master, slots }: Row, affinity: ReadonlyMap<number, readonly number[]>): number {
    if (master === undefined || !master.affinityTimeout) return 0;
    const sticky = new Set(affinity.get(master.id));
    return slots.filter(
      ({ number, backendId }) =>
        number <= (master.count ?? 0) &&
        backendId !== undefined &&
        !sticky.has(backendId) &&
        this.#backends.get(backendId)?.state === 'active',
    ).length;
  }

  /** Names the backends of slots by their IDs, now that all lines were read. */
  #resolve(): void {
    for (const { slots } of this.#rows.values()) {
      for (const slot of slots)
        slot.backend = slot.backendId === undefined ? undefined : this.#backends.get(slot.backendId)?.key;
    }
  }
}

/** Adds to a list of a map. */
export function addTo<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
