import type { Fact } from './Fact.ts';
import type { ProxyTable } from './lb/ProxyTable.ts';
import type { Origin } from './raw.ts';
import type { ClusterFacts } from './Snapshot.ts';

/** A cluster while kube-proxy served it, with or without Cilium beside: its objects, and each node's rules as rows. */
export interface Baseline {
  readonly origin: Origin;
  /** RFC 3339. */
  readonly takenAt: string;
  readonly facts: ClusterFacts;
  /** Every node that the API named or that answered, in the order of their names. */
  readonly nodes: readonly BaselineNode[];
}

export interface BaselineNode {
  readonly name: string;
  readonly table: Fact<ProxyTable>;
  /** Whether kube-proxy still ran then: where it did not, nobody kept the rules up to date. */
  readonly kept: boolean;
}
