import type { LostStep } from '../expect/parity/Difference.ts';
import type { BackendTrace } from '../expect/trace/traceBackends.ts';
import type { FrontendTrace, TraceVerdict } from '../expect/trace/FrontendTrace.ts';
import type { TraceSource, Translator } from '../expect/trace/traceWay.ts';
import type { Code } from '../knowledge/codes.ts';
import type { MissingReason } from '../model/Fact.ts';
import type { NodesCoverage, ReportCluster, ReportSource, schemaVersion, toolName } from './ReportDocument.ts';

/**
 * The published answer of `trace` (docs/trace.schema.json): what `-o json` prints, and what the text is made from.
 * `null` is what does not apply or could not be known; the verdict tells which.
 */
export interface TraceDocument {
  readonly schemaVersion: typeof schemaVersion;
  readonly tool: { readonly name: typeof toolName; readonly version: string };
  readonly command: 'trace';
  readonly verdict: 'pass' | 'fail' | 'unknown' | 'interrupted';
  readonly exitCode: number;
  /** RFC 3339, when the cluster was read. */
  readonly takenAt: string;
  /** Whole milliseconds. */
  readonly durationMs: number;
  readonly source: ReportSource;
  readonly cluster: ReportCluster;
  readonly coverage: { readonly nodes: NodesCoverage };
  readonly service: { readonly namespace: string; readonly name: string; readonly type: string };
  readonly connection: { readonly from: TraceSource; readonly port: PortReport | null };
  /** Nodes with the same answer are one. */
  readonly paths: readonly PathReport[];
}

export interface PortReport {
  readonly name: string;
  readonly port: number;
  readonly protocol: string;
}

export interface PathReport {
  readonly nodes: readonly string[];
  readonly verdict: 'pass' | 'fail' | 'unknown';
  readonly frontends: readonly FrontendReport[];
  /** Why there is no frontend here. */
  readonly none: string | null;
  /** Why what these nodes hold is not known. */
  readonly unknown: { readonly reason: MissingReason; readonly detail: string } | null;
  /** Why the configuration stands for what is in effect. */
  readonly assumed: string | null;
  /** What differs in other rows of the Service, which such a connection does not use. */
  readonly beside: readonly DifferenceReport[];
}

export interface FrontendReport {
  readonly type: FrontendTrace['type'];
  readonly family: FrontendTrace['family'];
  /** null: a NodePort, at whichever address of a node. The zero address: at those of other nodes, and loopback. */
  readonly address: string | null;
  readonly port: number;
  readonly protocol: string;
  readonly portName: string;
  readonly verdict: TraceVerdict;
  /** The verdict as one line. */
  readonly summary: string;
  readonly way: {
    readonly translator: Translator;
    readonly how: string;
    /** Hooks of socket LB that have no program. */
    readonly detached: readonly string[];
    readonly unknown: string | null;
  };
  /** Keys of the rows of the map that decide, as `cilium-dbg bpf lb list` prints them. */
  readonly rows: readonly string[];
  readonly scope: FrontendTrace['scopes'];
  readonly policy: FrontendTrace['policy'];
  readonly forwarding: 'snat' | 'dsr' | null;
  readonly dsrDispatch: string | null;
  readonly algorithm: FrontendTrace['algorithm'];
  readonly affinity: { readonly seconds: number; readonly by: 'clientNamespace' | 'clientAddress' } | null;
  readonly sourceRanges: { readonly cidrs: readonly string[]; readonly policy: 'allow' | 'deny' } | null;
  readonly l7ProxyPort: number | null;
  readonly backends: readonly BackendReport[];
  readonly nowhere: ShareReport | null;
  readonly differences: readonly DifferenceReport[];
}

export interface ShareReport {
  readonly shares: number;
  readonly of: number;
}

export interface BackendReport {
  readonly address: string;
  readonly node: string | null;
  readonly state: string | null;
  readonly expected: BackendTrace['expected'];
  readonly found: BackendTrace['found'];
  readonly share: ShareReport | null;
}

export interface DifferenceReport {
  readonly code: Code;
  /** null for what is not about a row. */
  readonly row: string | null;
  readonly layer: LostStep | null;
  readonly text: string;
}
