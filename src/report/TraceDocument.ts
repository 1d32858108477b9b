import type { Answered } from '../expect/connect/connectionAnswers.ts';
import type { LostStep } from '../expect/parity/Difference.ts';
import type { WhyUnserved } from '../expect/served/WhyUnserved.ts';
import type { TraceVerdict } from '../expect/trace/FrontendTrace.ts';
import type { TraceSource, Translator } from '../expect/trace/traceWay.ts';
import type { MissingReason } from '../model/Fact.ts';
import type { Family, Protocol } from '../model/lb/address.ts';
import type { FrontendType } from '../model/lb/lbFlags.ts';
import type { ConnectionsReport } from './ConnectionsReport.ts';
import type { CodeText, Count, DocumentHead } from './DocumentHead.ts';
import type { NodesCoverage, ReportCluster, ReportSource } from './ReportDocument.ts';

/** How connections to a Service are treated on each node, expected against found. */
export interface TraceDocument extends DocumentHead {
  readonly command: 'trace';
  /**
   * fail: something differs for the Service, or connections to it are lost on a node. unknown: nothing does for sure,
   * but not everything is known. interrupted: the user stopped it. pass: every node that was to be examined does what
   * the API requires.
   */
  readonly verdict: 'pass' | 'fail' | 'unknown' | 'interrupted';
  /** The same as the process's. */
  readonly exitCode: 0 | 1 | 3 | 130;
  readonly summary: TraceSummaryReport;
  /** RFC 3339: when the cluster was read. */
  readonly takenAt: string;
  /** Whole milliseconds. */
  readonly durationMs: Count;
  /** Where the answers come from. */
  readonly source: ReportSource;
  readonly cluster: ReportCluster;
  readonly coverage: { readonly nodes: NodesCoverage };
  /** The Service; of type hostPort: the pod whose hostPort it is. */
  readonly service: { readonly namespace: string; readonly name: string; readonly type: string };
  readonly connection: {
    /** Where connections begin (--source). */
    readonly from: TraceSource;
    /** Only this port of the Service (--port); null: all. */
    readonly port: PortReport | null;
    /** The address that was asked for, as it was typed: frontends are those at this address; null: all. */
    readonly address: string | null;
  };
  /** Why the Service, of type LoadBalancer, has no frontend of that type; null: it has, or that was not asked. */
  readonly noBalancer: string | null;
  /** Every pair of a place and an address between which connections were opened; null: nobody asked for any. */
  readonly connections: ConnectionsReport | null;
  /** Nodes with the same answer are one path. Together they are all nodes that were examined. */
  readonly paths: readonly PathReport[];
}

export interface TraceSummaryReport {
  /** Nodes that were examined, by verdict. */
  readonly nodes: Readonly<Record<PathReport['verdict'], Count>>;
  /** Frontends by verdict; each counts on each of its nodes. */
  readonly frontends: Readonly<Record<TraceVerdict, Count>>;
}

export interface PortReport {
  readonly name: string;
  readonly port: Count;
  readonly protocol: string;
}

export interface PathReport {
  readonly nodes: readonly string[];
  readonly verdict: 'pass' | 'fail' | 'unknown';
  readonly frontends: readonly FrontendReport[];
  /** Why the Service has no frontend here. */
  readonly none: string | null;
  /** Why what these nodes hold is not known, or whether it is answered there. */
  readonly unknown: { readonly reason: MissingReason; readonly detail: string } | null;
  /** Why the agent's configuration stands for what is in effect. */
  readonly assumed: string | null;
  /** What differs in other rows of the Service, which such a connection does not use. */
  readonly beside: readonly DifferenceReport[];
}

export interface FrontendReport {
  readonly type: FrontendType;
  readonly family: Family;
  /**
   * null: a NodePort, at whichever address of a node. The zero address: a NodePort at addresses of other nodes, and
   * loopback.
   */
  readonly address: string | null;
  readonly port: Count;
  readonly protocol: Protocol;
  readonly portName: string;
  readonly verdict: TraceVerdict;
  /** The verdict as one line. */
  readonly summary: string;
  /** Why nobody is served here although the table is as the agent makes it; null: somebody is, or it is not known. */
  readonly unserved: { readonly reason: WhyUnserved['kind']; readonly text: string } | null;
  readonly way: {
    readonly translator: Translator;
    readonly how: string;
    /** Hooks of socket LB that have no program. */
    readonly detached: readonly string[];
    readonly unknown: string | null;
  };
  /** Keys of the rows of the map that decide, of all nodes of the path, as `cilium-dbg bpf lb list` prints them. */
  readonly rows: readonly string[];
  /** Which of two scopes is looked up. */
  readonly scope: 'one' | 'external' | 'internal';
  readonly policy: {
    readonly field: 'internalTrafficPolicy' | 'externalTrafficPolicy';
    readonly value: 'Cluster' | 'Local';
  };
  /** How packets reach a backend on another node; null: translated before there is a packet, or not here. */
  readonly forwarding: 'snat' | 'dsr' | null;
  readonly dsrDispatch: string | null;
  readonly algorithm: 'random' | 'maglev';
  readonly affinity: { readonly seconds: Count; readonly by: 'clientNamespace' | 'clientAddress' } | null;
  /** Checked for clients from outside only. */
  readonly sourceRanges: { readonly cidrs: readonly string[]; readonly policy: 'allow' | 'deny' } | null;
  readonly l7ProxyPort: Count | null;
  readonly backends: readonly BackendReport[];
  /** Chances of a new connection to meet a slot without a backend. */
  readonly nowhere: ShareReport | null;
  /** How connections to it ended (--connect); null: none was opened. */
  readonly answered: AnsweredReport | null;
  /** What is certain first. */
  readonly differences: readonly DifferenceReport[];
}

export interface AnsweredReport {
  readonly connections: Count;
  readonly answered: Count;
  /** Where those that were not answered got lost, as far as other connections tell. */
  readonly kind: Answered['kind'];
  /** Under which code doctor tells of it; null: all are answered. */
  readonly code: CodeText | null;
  readonly text: string;
}

/** Of `total` equal chances of a new connection, how many; with Maglev, about. */
export interface ShareReport {
  readonly shares: Count;
  readonly total: Count;
}

export interface BackendReport {
  readonly address: string;
  /** Where the API says that it runs. */
  readonly node: string | null;
  /** In the API; null: it is not there. */
  readonly state: string | null;
  /** yes: takes new connections. inactive: is there and takes none. either: the API does not decide it. */
  readonly expected: 'yes' | 'inactive' | 'no' | 'either';
  readonly found: 'yes' | 'inactive' | 'no' | 'unknown';
  readonly share: ShareReport | null;
}

export interface DifferenceReport {
  readonly code: CodeText;
  /** Its key in the map; null for what is not about a row. */
  readonly row: string | null;
  readonly layer: LostStep | null;
  /** It may be right in a moment. */
  readonly settling: boolean;
  readonly text: string;
}
