import type { Family } from './lb/address.ts';

/** Where the kernel asks a base chain. */
export type FilterHook = 'PREROUTING' | 'INPUT' | 'FORWARD' | 'OUTPUT' | 'POSTROUTING';

/** What filters packets, whoever wrote it and with which program: a table of iptables or of nftables. */
export interface FilterTable {
  /** As in `inet filter`, or `filter` of iptables. */
  readonly name: string;
  /** undefined: both. */
  readonly family: Family | undefined;
  readonly chains: ReadonlyMap<string, FilterChain>;
  /** By which it is changed: `iptables-nft`, `ip6tables-legacy`, `nft`. */
  readonly program: string;
}

export interface FilterChain {
  readonly name: string;
  /** undefined: only rules lead to it. */
  readonly hook: FilterHook | undefined;
  /** What becomes of packets that no rule decided about. */
  readonly drops: boolean;
  /** How many it was; undefined: not counted. */
  readonly packets: number | undefined;
  readonly rules: readonly FilterRule[];
}

export interface FilterRule {
  /** All of them must hold. */
  readonly conditions: readonly FilterCondition[];
  readonly action: FilterAction;
  /** undefined: not counted. */
  readonly packets: number | undefined;
  /** For people. */
  readonly line: string;
}

/** `mayDecide`: what it does is not known here, it may let pass, drop, or go on. */
export type FilterAction =
  | { readonly kind: 'accept' | 'drop' | 'return' | 'goOn' | 'mark' | 'mayDecide' }
  | { readonly kind: 'jump' | 'goto'; readonly chain: string };

export type FilterCondition = Matcher & { readonly not?: boolean };

type Matcher =
  /** `lxc+`: all that begin so. */
  | { readonly on: 'inLink' | 'outLink'; readonly name: string }
  /** First and last address of a range. */
  | { readonly on: 'source' | 'destination'; readonly family: Family; readonly from: bigint; readonly to: bigint }
  | { readonly on: 'family'; readonly family: Family }
  /** `tcp`, `udp`; of others the number. */
  | { readonly on: 'protocol'; readonly protocol: string }
  | { readonly on: 'port' | 'sourcePort'; readonly from: number; readonly to: number }
  /** `NEW`, `ESTABLISHED`, …: any of them. */
  | { readonly on: 'state'; readonly states: ReadonlySet<string> }
  | { readonly on: 'mark'; readonly value: number; readonly mask: number }
  /** Something that is not looked at here. */
  | { readonly on: 'other' };
