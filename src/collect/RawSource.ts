import type { ChartValues } from '../knowledge/charts/ChartTable.ts';
import type { Answer, ExecTarget } from './ClusterPort.ts';
import type { ProbePods, ProbePodWish } from './connect/ProbePods.ts';
import type { ConnectEnd, ConnectPlace } from '../model/Connections.ts';
import type { Missing } from '../model/Fact.ts';
import type { NodesPart } from '../model/NodesPart.ts';
import type { NodeSample } from '../model/Snapshot.ts';
import type { KnownRows } from '../parse/digest/KnownRows.ts';
import type { DocumentReader } from '../parse/DocumentReader.ts';
import type { AnswerName, DocumentName, Origin, RawDocuments, RawNode } from '../model/raw.ts';

/** What is to be read. Live sources ask for no more than this; archives give what they hold of it. */
export interface CollectPlan {
  readonly documents: ReadonlySet<DocumentName>;
  readonly answers: ReadonlySet<AnswerName>;
  /** Only these nodes; undefined: all. */
  readonly nodes: ReadonlySet<string> | undefined;
  /** Only so many, drawn by lot: they are drawn before anything else is read, and stand in `nodes` then. */
  readonly sample?: NodeSample | undefined;
  /** Of these nodes, or of all, only those of a part: others read the rest. Then nodes say their tables in little. */
  readonly part?: NodesPart | undefined;
  /** Nodes whose agents are known not to answer: only what does not go through the agent is asked there. */
  readonly silentAgents?: ReadonlySet<string>;
  /** Of pods only those of these namespaces are read again, all others stand as they were read; undefined: all are. */
  readonly podsAgain?: ReadonlySet<string> | undefined;
  /** By node, the rows of its agent's own table that are wanted, `ADDRESS PORT`; of nodes that are not there, all. */
  readonly agentRows?: ReadonlyMap<string, readonly string[]> | undefined;
  /** Where the agents are, when the user says so; otherwise it is found. */
  readonly ciliumNamespace: string | undefined;
  /** What one node may take, connecting included. */
  readonly nodeTimeoutMs: number;
  /** What the whole run may take. */
  readonly runTimeoutMs: number;
  /** More where there are many nodes: `runTimeFor`. */
  readonly growsWithNodes?: boolean;
  /** Nodes asked at a time; undefined: as many as go well. */
  readonly concurrency: number | undefined;
  /** Whole tables of all nodes, however many there are: for a file that somebody else is to read. */
  readonly wholeTables?: boolean;
  readonly signal?: AbortSignal;
}

/** Takes what arrives, piece by piece, so that nobody has to hold all raw text at once. */
export interface RawSink {
  /** Called once, before the first node. */
  documents(documents: RawDocuments): void | Promise<void>;
  /** Called once for each node that was asked, in the order in which they finish. */
  node(node: RawNode): void | Promise<void>;
}

/** For a person who waits. All optional to honour. */
export interface CollectProgress {
  nodes(total: number): void;
  nodeStarted(name: string): void;
  nodeDone(name: string): void;
  /** How many connections nodes open to each other, and how many of them one does at most, all at once. */
  probing?(connections: number, mostFromOne: number): void;
}

/** A cluster or an archive. Throws KprError when nothing can be read at all (no connection, no archive, no Cilium). */
export interface RawSource {
  readonly origin: Origin;
  /** RFC 3339. */
  readonly takenAt: string;
  /** What names without a namespace mean, as kubectl has it; undefined: an archive, which has no such choice. */
  readonly namespace?: string | undefined;
  /** Has looked at the lists that it gives already; undefined: nobody has. */
  readonly reader?: DocumentReader;
  /** What nodes' maps have in common, where they were asked for digests; undefined: none was. */
  readonly digests?: KnownRows;
  read(plan: CollectPlan, sink: RawSink, progress: CollectProgress): Promise<void>;
  /**
   * Opens connections from a pod, by the shell of its container; undefined: an archive cannot. What came of it is told
   * by the places’ numbers; one that is not told was not tried.
   */
  connect?(
    target: ExecTarget,
    places: readonly ConnectPlace[],
    options: { readonly timeoutMs: number; readonly signal?: AbortSignal },
  ): Promise<ReadonlyMap<number, ConnectEnd> | Missing>;
  /** That a pod which connections were opened from is deleted, or about to be; undefined: it is there, or not known. */
  podGone?(target: ExecTarget, signal: AbortSignal): Promise<Missing | undefined>;
  /** Pods from which connections can be opened, which are not made yet; undefined: an archive has none. */
  probePods?(wish: ProbePodWish): Promise<ProbePods>;
  /** What was given for the values of a release of Helm, which is a Secret; undefined: an archive has none. */
  releaseValues?(namespace: string, release: string): Promise<Answer<ChartValues>>;
  close(): Promise<void>;
}
