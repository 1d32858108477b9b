import type { JsonObject } from '../text/isRecord.ts';

/** `nft -j list ruleset` (libnftables-json(5)): its objects in their order, each with all of what was printed of it. */
export interface NftRuleset {
  readonly entries: readonly NftEntry[];
}

export type NftEntry = NftTableEntry | NftChain | NftSet | NftRule | NftOther;

export interface NftTableEntry {
  readonly kind: 'table';
  /** `ip`, `ip6`, `inet`, `arp`, `bridge`, `netdev`. */
  readonly family: string;
  readonly name: string;
  readonly handle: number | undefined;
  /** The object as printed, with its one member that names the kind. */
  readonly printed: JsonObject;
}

export interface NftChain {
  readonly kind: 'chain';
  readonly family: string;
  readonly table: string;
  readonly name: string;
  readonly handle: number | undefined;
  /** Where the kernel calls it; undefined: only rules lead to it. */
  readonly base: NftBase | undefined;
  readonly printed: JsonObject;
}

export interface NftBase {
  /** `filter`, `nat`, `route`. */
  readonly type: string;
  readonly hook: string;
  readonly priority: number | undefined;
  readonly policy: string | undefined;
}

/** A set, or (`map`) one that gives a value or a verdict for each element. */
export interface NftSet {
  readonly kind: 'set' | 'map';
  readonly family: string;
  readonly table: string;
  readonly name: string;
  readonly handle: number | undefined;
  /** As printed: values, pairs of a map, or objects with a value, a comment, a timeout. */
  readonly elements: readonly unknown[];
  readonly printed: JsonObject;
}

export interface NftRule {
  readonly kind: 'rule';
  readonly family: string;
  readonly table: string;
  readonly chain: string;
  readonly handle: number | undefined;
  readonly comment: string | undefined;
  /** Statements as printed, those that nobody here knows, too. */
  readonly statements: readonly unknown[];
  readonly printed: JsonObject;
}

/** Versions, counters, quotas, flowtables, helpers, and whatever comes with later versions. */
export interface NftOther {
  readonly kind: 'other';
  readonly printed: JsonObject;
}

/** What one table holds. */
export interface NftTableContent {
  readonly family: string;
  readonly name: string;
  readonly chains: readonly NftChain[];
  readonly sets: readonly NftSet[];
  /** By the names of their chains. */
  readonly rules: ReadonlyMap<string, readonly NftRule[]>;
}
