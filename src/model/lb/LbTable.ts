import type { Protocol, Scope } from './address.ts';
import type { FrontendFlags } from './lbFlags.ts';
import type { BackendKey, FrontendKey } from './keys.ts';

/** Which program printed a table; it decides what the table can know. */
export type LbTableSource = 'pinnedMaps' | 'mapsDump' | 'bpfLbList' | 'serviceList' | 'frontendsTable';

/** `inactive`: not for new connections; the source does not say why. */
export type BackendState =
  | 'active'
  | 'terminating'
  | 'terminating-not-serving'
  | 'quarantined'
  | 'maintenance'
  | 'inactive';

export interface Backend {
  readonly key: BackendKey;
  readonly address: string;
  readonly port: number;
  readonly protocol: Protocol;
  /** undefined: the source does not print it. */
  readonly state: BackendState | undefined;
}

/** Slots are numbered from 1. A slot whose `backend` is undefined points to a backend that does not exist. */
export interface Slot {
  readonly number: number;
  readonly backendId: number | undefined;
  readonly backend: BackendKey | undefined;
}

/** One address, port, protocol and scope that is balanced, with the slots behind it. */
export interface Frontend {
  readonly key: FrontendKey;
  readonly address: string;
  readonly port: number;
  readonly protocol: Protocol;
  readonly scope: Scope;
  /** Slot 0, without which the datapath does not find the others. What it holds is meaningful only when true. */
  readonly hasMaster: boolean;
  /** The service ID that reverse NAT, source ranges and affinity refer to; 0 for wildcard rows. */
  readonly id: number;
  readonly flags: FrontendFlags;
  /** By rising number; gaps are damage. */
  readonly slots: readonly Slot[];
  /** How many slots, from the first, take new connections; undefined: the source does not say. */
  readonly count: number | undefined;
  /** How many slots behind those hold backends that take none. */
  readonly inactiveCount: number | undefined;
  /** Seconds; 0: none; undefined: not printed. */
  readonly affinityTimeout: number | undefined;
  /** Of the backends that take new connections, how many affinity cannot stick to; undefined: not read. */
  readonly notSticky: number | undefined;
  readonly algorithm: 'undef' | 'random' | 'maglev' | undefined;
  readonly l7ProxyPort: number | undefined;
  /** What the agent's own table adds. */
  readonly agent: AgentRow | undefined;
}

/** A row of the agent's table, before it goes into the map. */
export interface AgentRow {
  /** `namespace/name` */
  readonly service: string;
  /** `Done`, `Pending`, `Error`; empty where the source does not say. */
  readonly status: string;
  readonly error: string;
  /** The pseudo service of a local redirect policy; empty when there is none. */
  readonly redirectTo: string;
  /** Backends that the source has cut off (the text table shows five). */
  readonly more: number;
}

/** A line that was not, or not wholly, understood: of a newer version, or damaged on its way. */
export interface NotUnderstood {
  readonly line: string;
  readonly why: string;
}

/** All that was read of one node's load balancing. */
export interface LbTable {
  readonly source: LbTableSource;
  readonly frontends: ReadonlyMap<FrontendKey, Frontend>;
  /** `ADDRESS PORT` of those that were asked for: of others nothing is known; undefined: all were. */
  readonly narrowedTo?: ReadonlySet<string>;
  /** By backend ID; empty where the source has no IDs. */
  readonly backends: ReadonlyMap<number, Backend>;
  /** Service ID → `address:port`; undefined where it was not read. */
  readonly revNat: ReadonlyMap<number, string> | undefined;
  /** Service ID → CIDRs, sorted; undefined where they were not read. */
  readonly sourceRanges: ReadonlyMap<number, readonly string[]> | undefined;
  /** Service ID → backend IDs that affinity may stick to. */
  readonly affinity: ReadonlyMap<number, readonly number[]> | undefined;
  /**
   * Service ID → backend IDs in its Maglev table, undefined where that was not looked into; as a whole undefined where
   * it was not read, or no such map is there.
   */
  readonly maglev: ReadonlyMap<number, readonly number[] | undefined> | undefined;
  /** Keys of frontends whose rows two commands printed differently: they changed in between. */
  readonly torn: ReadonlySet<FrontendKey>;
  readonly notUnderstood: readonly NotUnderstood[];
  /** Keys of frontends of which a line was not, or not wholly, understood. */
  readonly doubtful: ReadonlySet<FrontendKey>;
  /** How many of the lines that were not understood may be of any frontend. */
  readonly unattributed: number;
  /** Why what the node said of it in little was not believed: all of it was asked for then. */
  readonly doubt?: string;
  /** Set when the text is not such a table at all: nothing follows from what is missing here. */
  readonly unreadable: string | undefined;
}

/** Port 0 of an address with protocol ANY: drops what is not served there (Cilium 1.19 and newer). */
export const isWildcard = (frontend: { readonly port: number; readonly protocol: Protocol }): boolean =>
  frontend.port === 0 && frontend.protocol === 'ANY';

/** The slots that take new connections; undefined where nothing counts them: the source does not, or slot 0 is lost. */
export function selectableSlots(frontend: Frontend): readonly Slot[] | undefined {
  const { count, slots } = frontend;
  if (count === undefined) return undefined;
  // Slots nearly always are 1, 2, 3, … without a gap.
  const last = slots[slots.length - 1];
  return last === undefined || last.number <= count ? slots : slots.filter(({ number }) => number <= count);
}
