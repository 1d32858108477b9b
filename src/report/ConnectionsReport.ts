import type { ObjectRef } from '../core/Finding.ts';
import type { MissingReason } from '../model/Fact.ts';
import type { FrontendType } from '../model/lb/lbFlags.ts';
import type { Count } from './DocumentHead.ts';

/** Every pair of a place and an address between which connections were tried. */
export interface ConnectionsReport {
  /** How many pairs there are; fewer than that are tried where they are too many. */
  readonly pairs: Count;
  readonly totals: ConnectionTotals;
  readonly tried: readonly ConnectionReport[];
  /** From where nothing could be tried. */
  readonly unable: readonly { readonly from: OriginReport; readonly reason: MissingReason; readonly detail: string }[];
}

/** What was opened to the addresses of Services; the second look, at backends directly, is left out. */
interface ConnectionTotals {
  /** Connections that were to be opened: one for each backend of a pair, up to three. */
  readonly planned: Count;
  /** Those that were opened; fewer where a place could not be asked, or somebody ended it. */
  readonly tried: Count;
  readonly answered: Count;
  /** Refused, timed out or failed. */
  readonly failed: Count;
  /** So many a second from one place at most. */
  readonly ratePerSecond: Count;
}

interface OriginReport {
  /** `probePod`: one that was made for it, and is gone again. */
  readonly kind: 'node' | 'here' | 'pod' | 'probePod';
  /** null: here. */
  readonly node: string | null;
  /** `namespace/name`; null: no pod. */
  readonly pod: string | null;
}

interface PlaceReport {
  readonly address: string;
  readonly port: Count;
  readonly protocol: 'TCP' | 'UDP';
}

interface ConnectionReport {
  readonly from: OriginReport;
  readonly to: PlaceReport;
  readonly type: FrontendType;
  readonly object: ObjectRef;
  /** The node whose address it is; null: it is not one of a node. */
  readonly atNode: string | null;
  /** One for each connection. */
  readonly ends: readonly EndReport[];
  /** Where one of them failed: the backends, without the address in front of them. */
  readonly directly: readonly { readonly to: PlaceReport; readonly node: string | null; readonly end: EndReport }[];
}

interface EndReport {
  readonly outcome: 'open' | 'refused' | 'timeout' | 'failed';
  /** Whole milliseconds. */
  readonly ms: Count;
  /** What the kernel said; empty where it is open. */
  readonly detail: string;
}
