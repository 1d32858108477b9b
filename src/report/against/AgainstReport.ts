import type { ServiceOutcome } from '../../expect/against/BaselineComparison.ts';
import type { ProxySource } from '../../model/lb/ProxyTable.ts';
import type { MissingReason } from '../../model/Fact.ts';
import type { CodeText, Count } from '../DocumentHead.ts';

/**
 * What kube-proxy did before, against what eBPF does now. `lost` counts as findings do, by its severity and --fail-on;
 * `unknown` leads to exit 3.
 */
export interface AgainstReport {
  readonly file: string;
  /** RFC 3339: when kube-proxy’s rules were read. */
  readonly takenAt: string;
  /** How kube-proxy worked: iptables, nftables, ipvs; several where nodes differ. */
  readonly modes: readonly string[];
  readonly nodes: {
    readonly compared: readonly string[];
    /** In the later reading only. */
    readonly added: readonly string[];
    /** In the earlier reading only. */
    readonly removed: readonly string[];
    /** Now without an agent by intention. */
    readonly excluded: readonly string[];
    /** kube-proxy was gone there when its rules were read, so nobody kept them up to date. */
    readonly leftovers: readonly string[];
  };
  readonly services: {
    /** Services that were there at both times and that kube-proxy served. */
    readonly total: Count;
    readonly counts: {
      readonly same: Count;
      readonly endpoints: Count;
      readonly service: Count;
      readonly lost: Count;
      readonly unknown: Count;
    };
    readonly compared: readonly ServiceOutcome[];
    readonly added: readonly string[];
    readonly removed: readonly string[];
  };
  /** What kube-proxy did for clients and eBPF does not, or does otherwise, against all intention. */
  readonly lost: readonly LossReport[];
  /** What differs as it should, with the names of its reasons. */
  readonly intended: readonly IntendedReport[];
  /** Each reason that stands in `intended`, as docs/kube-proxy-differences.md has it. */
  readonly reasons: readonly ReasonReport[];
  /** Frontends that the API asked for, kube-proxy had not, and eBPF serves. */
  readonly gained: readonly GainReport[];
  readonly unknown: readonly InconclusiveReport[];
}

interface PlaceReport {
  readonly service: string;
  /** A NodePort at every address of the node: `0.0.0.0:31080/TCP`. */
  readonly frontend: string;
  readonly nodes: readonly string[];
  /** Where connections come from: another machine, a pod, the node itself. */
  readonly from: readonly ProxySource[];
}

export interface LossReport extends PlaceReport {
  readonly what: 'frontend' | 'backends' | 'refusal' | 'affinity' | 'sourceRanges' | 'properties' | 'loopback';
  readonly expected: readonly string[];
  readonly found: readonly string[];
  /** The code of the finding of this report that says it, too; null: only the comparison shows it. */
  readonly code: CodeText | null;
  readonly severity: 'error' | 'warning';
}

export interface IntendedReport extends PlaceReport {
  /** Names of reasons. */
  readonly reasons: readonly string[];
  readonly before: readonly string[];
  readonly now: readonly string[];
}

export interface GainReport extends PlaceReport {
  readonly now: readonly string[];
}

export interface ReasonReport {
  readonly name: string;
  readonly title: string;
  readonly kubeProxy: string;
  readonly cilium: string;
  /** What a client may notice; null: nothing. */
  readonly consequence: string | null;
}

export interface InconclusiveReport {
  readonly node: string | null;
  /** null: nothing of the node was compared. */
  readonly service: string | null;
  readonly reason: MissingReason;
  readonly detail: string;
}
