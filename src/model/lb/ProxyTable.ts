import type { Family, Protocol } from './address.ts';
import type { BackendKey, FrontendKey } from './keys.ts';
import type { NotUnderstood } from './LbTable.ts';

/**
 * Where a connection comes from, as far as kube-proxy's rules tell apart: another machine, a pod of the
 * cluster, the node itself.
 */
export const proxySources = ['outside', 'pod', 'node'] as const;
export type ProxySource = (typeof proxySources)[number];

/**
 * `External`: an address of a load balancer or an externalIP; the rules treat both alike and often do not say which.
 */
export type ProxyKind = 'ClusterIP' | 'NodePort' | 'LoadBalancer' | 'ExternalIPs' | 'External';

/** What becomes of a new connection. `pass`: no rule takes it, it goes on with the address that it had. */
export type ProxyAnswer =
  | { readonly kind: 'balance'; /** Sorted. */ readonly backends: readonly BackendKey[] }
  | { readonly kind: 'reject' }
  | { readonly kind: 'drop' }
  | { readonly kind: 'pass' };

/** One address, port and protocol that kube-proxy answers for on one node. */
export interface ProxyRow {
  /**
   * As a frontend's of the external scope: `10.96.0.10:53/UDP`; a NodePort at every address of the node:
   * `0.0.0.0:31080/TCP`.
   */
  readonly key: FrontendKey;
  readonly address: string;
  readonly port: number;
  readonly protocol: Protocol;
  readonly kind: ProxyKind;
  /** `namespace/name:port` or `namespace/name`, where the rules name it; for people only, nothing is matched by it. */
  readonly service: string | undefined;
  readonly answers: Readonly<Record<ProxySource, ProxyAnswer>>;
  /** Seconds; 0: none. Known only where a connection is balanced. */
  readonly affinityTimeout: number;
  /** CIDRs that may connect, sorted; empty: everybody. */
  readonly sourceRanges: readonly string[];
  /** Whether the NodePort answers on the node's loopback addresses, too. */
  readonly onLoopback: boolean;
  /** Why this row may be read wrongly; undefined: all rules on its way were understood. */
  readonly doubt: string | undefined;
}

/** kube-proxy's rules of one node as rows. */
export interface ProxyTable {
  readonly mode: 'iptables' | 'nftables' | 'ipvs';
  /** Of which addresses it speaks: nothing follows from what is missing of another family. */
  readonly families: ReadonlySet<Family>;
  readonly rows: ReadonlyMap<FrontendKey, ProxyRow>;
  /** Whether packets come by these rules at all: false for chains that nothing jumps to. */
  readonly hooked: boolean;
  readonly notUnderstood: readonly NotUnderstood[];
}
