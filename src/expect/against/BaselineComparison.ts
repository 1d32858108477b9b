import type { KubeProxyDifferenceName } from '../../knowledge/kubeProxyDifferences.ts';
import type { Severity } from '../../core/Problem.ts';
import type { MissingReason } from '../../model/Fact.ts';
import type { FrontendKey } from '../../model/lb/keys.ts';
import type { FirmDifference } from '../parity/Difference.ts';
import type { ProxySource, ProxyTable } from '../../model/lb/ProxyTable.ts';

/** What kube-proxy did on every node before, against what eBPF does there now. */
export interface BaselineComparison {
  readonly before: {
    readonly file: string;
    /** RFC 3339. */
    readonly takenAt: string;
    readonly modes: readonly ProxyTable['mode'][];
    /** How many nodes had rules of kube-proxy's that could be read. */
    readonly nodes: number;
    /** Nodes with rules that nobody kept up to date any more: kube-proxy was gone there already. */
    readonly leftovers: readonly string[];
  };
  readonly nodes: {
    readonly compared: readonly string[];
    /** In one of both readings only. */
    readonly added: readonly string[];
    readonly removed: readonly string[];
    /** There at both times, but now without an agent by intention. */
    readonly excluded: readonly string[];
  };
  readonly services: {
    /** Those that were there at both times and that kube-proxy served, by name. */
    readonly compared: readonly ServiceOutcome[];
    readonly added: readonly string[];
    readonly removed: readonly string[];
  };
  readonly lost: readonly Loss[];
  readonly intended: readonly Intended[];
  /** What kube-proxy did not serve although the API asked for it, and eBPF does. */
  readonly gained: readonly Gain[];
  readonly unknown: readonly InconclusiveComparison[];
}

export interface ServiceOutcome {
  /** `namespace/name` */
  readonly service: string;
  /**
   * `same`: the same backends as before, but for intended differences. `endpoints`: its endpoints changed in the API,
   * and eBPF has the present ones as kube-proxy had the earlier ones. `service`: the user changed the Service itself,
   * and eBPF does what it asks now.
   */
  readonly outcome: 'same' | 'endpoints' | 'service' | 'lost' | 'unknown';
  /** What changed in the Service, e.g. `ports`, `externalTrafficPolicy`, `endpoints`. */
  readonly changed: readonly string[];
  /** Ready endpoints. */
  readonly backends: {
    /** @asType integer */
    readonly before: number;
    /** @asType integer */
    readonly now: number;
  };
}

export interface Place {
  readonly service: string;
  /** Of the external scope; a NodePort at every address of the node: `0.0.0.0:31080/TCP`. */
  readonly frontend: FrontendKey;
  readonly nodes: readonly string[];
}

/** Something that kube-proxy did for clients and eBPF does not, or does otherwise, against all intention. */
export interface Loss extends Place {
  readonly what: 'frontend' | 'backends' | 'refusal' | 'affinity' | 'sourceRanges' | 'properties' | 'loopback';
  /** For whom. */
  readonly from: readonly ProxySource[];
  readonly expected: readonly string[];
  readonly found: readonly string[];
  /** What verify itself reports of the present table; undefined: only the comparison with before shows it. */
  readonly difference: FirmDifference['kind'] | undefined;
  readonly severity: Exclude<Severity, 'info'>;
}

export interface Intended extends Place {
  readonly reasons: readonly KubeProxyDifferenceName[];
  readonly from: readonly ProxySource[];
  readonly before: readonly string[];
  readonly now: readonly string[];
}

export interface Gain extends Place {
  readonly from: readonly ProxySource[];
  readonly now: readonly string[];
}

export interface InconclusiveComparison {
  /** undefined: of the cluster as a whole. */
  readonly node: string | undefined;
  /** undefined: nothing of the node could be compared. */
  readonly service: string | undefined;
  readonly reason: MissingReason;
  readonly detail: string;
}
