import type { Gain, Intended, Loss, ServiceOutcome } from '../../expect/against/BaselineComparison.ts';
import type { Code } from '../../knowledge/codes.ts';
import type { MissingReason } from '../../model/Fact.ts';
import type { ProxySource } from '../../model/lb/ProxyTable.ts';

/** What `verify --against` adds to the report (docs/report.schema.json). */
export interface AgainstReport {
  readonly file: string;
  /** RFC 3339, when kube-proxy’s rules were read. */
  readonly takenAt: string;
  /** What kube-proxy worked with then: `iptables`, `nftables`; several where nodes differ. */
  readonly modes: readonly string[];
  readonly nodes: {
    readonly compared: readonly string[];
    readonly added: readonly string[];
    readonly removed: readonly string[];
    readonly excluded: readonly string[];
    /** Where kube-proxy was gone already then, and had left its rules. */
    readonly leftovers: readonly string[];
  };
  readonly services: {
    /** There at both times, and served by kube-proxy. */
    readonly total: number;
    readonly counts: Readonly<Record<ServiceOutcome['outcome'], number>>;
    readonly compared: readonly ServiceOutcome[];
    readonly added: readonly string[];
    readonly removed: readonly string[];
  };
  /** Why it fails. */
  readonly lost: readonly LossReport[];
  readonly intended: readonly IntendedReport[];
  /** Every reason that stands in `intended`, with what it means. */
  readonly reasons: readonly ReasonReport[];
  readonly gained: readonly PlaceReport<Gain>[];
  readonly unknown: readonly {
    readonly node: string | null;
    readonly service: string | null;
    readonly reason: MissingReason;
    readonly detail: string;
  }[];
}

type PlaceReport<T> = T & { readonly from: readonly ProxySource[] };
export type LossReport = Omit<PlaceReport<Loss>, 'difference'> & { readonly code: Code | null };
export type IntendedReport = PlaceReport<Intended>;

export interface ReasonReport {
  readonly name: string;
  readonly title: string;
  readonly kubeProxy: string;
  readonly cilium: string;
  /** What a client may notice; null: nothing. */
  readonly consequence: string | null;
}
