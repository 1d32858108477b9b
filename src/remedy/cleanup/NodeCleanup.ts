import type { IptablesDump } from '../../model/NodeFacts.ts';
import type { TablePlan } from './planTable.ts';
import type { Obstacle } from './preconditions.ts';

/** What is to be done on one node. */
export type NodeCleanup = { readonly node: string } & (
  | { readonly kind: 'clean'; readonly notes: readonly string[]; readonly unread: readonly NotSeen[] }
  /** Something of kube-proxy is there, and it must not be touched now. */
  | { readonly kind: 'blocked'; readonly obstacles: readonly Obstacle[] }
  | { readonly kind: 'planned'; readonly plan: NodePlan; readonly unread: readonly NotSeen[] }
);

export interface NodePlan {
  readonly node: string;
  readonly tables: readonly TablePlan[];
  /** nftables tables `kube-proxy` that go, and how many chains each had when it was read. */
  readonly nftTables: readonly { readonly family: 'ip' | 'ip6'; readonly chains: number }[];
  readonly ipvs: IpvsPlan;
  /** Whether the agent answers on kube-proxy's health port, so that an answer there is no sign of kube-proxy. */
  readonly healthIsCilium: boolean;
  /** Sentences for people: what stays and why, what to look at. */
  readonly notes: readonly string[];
}

export interface TablePlace {
  readonly backend: IptablesDump['backend'];
  readonly family: IptablesDump['family'];
  readonly table: string;
}

export interface IpvsPlan {
  /** `-t 10.96.0.1:443`, as ipvsadm takes it: each goes where its address is on kube-ipvs0 then. */
  readonly servers: readonly string[];
  /** The same on other addresses, as of node ports: only of a cluster that was read itself, whose Services say so. */
  readonly byService: readonly string[];
  readonly link: boolean;
  readonly sets: readonly string[];
}

export const placeName = ({ backend, family, table }: TablePlace): string =>
  `${table} (${backend}, ${family === 'ipv4' ? 'IPv4' : 'IPv6'})`;

/** Where something of kube-proxy might be that nobody has seen, and why. */
export interface NotSeen {
  readonly what: string;
  readonly why: string;
}
