import type { Owner } from '../knowledge/owners/Owner.ts';
import type { Missing } from '../model/Fact.ts';
import type { IptablesDump } from '../model/NodeFacts.ts';

/**
 * Who answers for a rule. kube-proxy's goes when it is replaced, and Cilium writes its own anew whenever it starts;
 * what is anybody else's has no reason to change.
 */
export type OwnerGroup = 'kubeProxy' | 'cilium' | 'others';

/** Chains that kubelets up to 1.26 write, too, count as kube-proxy's: since then it alone does. */
export const ownerGroupOf = (owner: Owner): OwnerGroup =>
  owner === 'kubeProxy' || owner === 'shared' ? 'kubeProxy' : owner === 'cilium' ? 'cilium' : 'others';

/** How many of something there were on both sides. */
export interface Tally {
  removed: number;
  added: number;
  /** Chains: with other rules than before. Rules: the same rule at another place of its chain. */
  changed: number;
  same: number;
}

export interface RuleTally {
  readonly chains: Tally;
  readonly rules: Tally;
}

export const noTally = (): Tally => ({ removed: 0, added: 0, changed: 0, same: 0 });
export const noRules = (): RuleTally => ({ chains: noTally(), rules: noTally() });

export const hasChanged = ({ removed, added, changed }: Tally): boolean => removed + added + changed > 0;
export const rulesHaveChanged = ({ chains, rules }: RuleTally): boolean => hasChanged(chains) || hasChanged(rules);

export function addTally(to: Tally, { removed, added, changed, same }: Tally): void {
  to.removed += removed;
  to.added += added;
  to.changed += changed;
  to.same += same;
}

export function addRules(to: RuleTally, { chains, rules }: RuleTally): void {
  addTally(to.chains, chains);
  addTally(to.rules, rules);
}

/** What became of one owner's rules in one chain. */
export interface ChainChange {
  readonly table: string;
  readonly chain: string;
  /** Of the chain; in a built-in chain, of these rules. */
  readonly owner: Owner;
  readonly what: 'removed' | 'added' | 'changed';
  /** Lines as iptables-save prints them, without counters. */
  readonly removed: readonly string[];
  readonly added: readonly string[];
  /** In both, at another place among the chain's rules. */
  readonly moved: readonly string[];
  /** Of a built-in chain. */
  readonly policy: { readonly before: string; readonly after: string } | undefined;
  /** Why it must not have changed although it is kube-proxy's: whose rules jump there. */
  readonly neededBy: readonly string[];
}

/** One backend and family of one node. */
export interface DumpChanges {
  readonly backend: IptablesDump['backend'];
  readonly family: IptablesDump['family'];
  readonly shares: ReadonlyMap<Owner, RuleTally>;
  readonly chains: readonly ChainChange[];
  /** kube-proxy's chains and rules by the Service that they are for (`shop/cart:http`); only those that changed. */
  readonly services: ReadonlyMap<string, RuleTally>;
}

export type ObjectKind = 'nftTable' | 'ipset' | 'ipvs' | 'link';

/** Something of the node beside iptables. */
export interface ObjectChange {
  readonly kind: ObjectKind;
  readonly name: string;
  readonly ownerGroup: OwnerGroup;
  readonly what: 'removed' | 'added' | 'changed';
  /** What it was and is, where that can be said in a few words; empty otherwise. */
  readonly before: string;
  readonly after: string;
}

export type Side = 'before' | 'after';

/** What somebody did to the cluster, apart from rules and Services. */
export interface StateChange {
  readonly kind: 'kubeProxy' | 'kubernetes' | 'cilium' | 'configuration' | 'agent' | 'program';
  /** Which of its kind; a key of the configuration, a program. */
  readonly name: string;
  /** undefined: it was not there. */
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** What could not be compared, because one of the two readings, or neither, has it. */
export interface Unread {
  readonly what: string;
  readonly side: Side | 'both';
  readonly why: Missing;
  /** Neither has it, because there is nothing that could be asked for it: said, but no reason to doubt the rest. */
  readonly harmless: boolean;
}

/**
 * What a client of a Service's address reaches: sorted keys of backends, none where connections are refused or dropped.
 */
export interface Reach {
  /** From the node's own pods; undefined: not to be compared. */
  readonly inside: readonly string[] | undefined;
  readonly outside: readonly string[] | undefined;
  /** Seconds; 0: none; undefined: not read, or not the same thing on both sides. */
  readonly affinity: number | undefined;
}

export type DatapathKind = 'ebpf' | 'kubeProxy';

export interface ServiceReach {
  readonly datapath: DatapathKind;
  /** By `namespace/name`, then by frontend (`10.96.0.10:53/UDP`; `NodePort 31080/TCP`). */
  readonly services: ReadonlyMap<string, ReadonlyMap<string, Reach>>;
}

export interface FrontendChange {
  readonly frontend: string;
  readonly before: Reach | undefined;
  readonly after: Reach | undefined;
}

export interface ServiceChange {
  /** `namespace/name`; for an address that no Service of the API has, the frontend. */
  readonly service: string;
  readonly what: 'removed' | 'added' | 'changed';
  readonly frontends: readonly FrontendChange[];
}

export interface ServicesChanges {
  readonly before: DatapathKind;
  readonly after: DatapathKind;
  /** Services that are as they were. */
  readonly same: readonly string[];
  readonly changes: readonly ServiceChange[];
}

export interface NodeChanges {
  readonly node: string;
  readonly dumps: readonly DumpChanges[];
  readonly objects: readonly ObjectChange[];
  /** Objects of kube-proxy's that are as they were. */
  readonly kept: readonly string[];
  /** Its agent, and what is attached. */
  readonly states: readonly StateChange[];
  /** undefined: the rows of one side are not known. */
  readonly services: ServicesChanges | undefined;
  readonly unread: readonly Unread[];
}
