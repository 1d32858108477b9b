import type { AnyCheck } from '../core/Check.ts';
import type { CollectPlan, RawSink, RawSource } from '../collect/RawSource.ts';
import type { ClusterPort } from '../collect/ClusterPort.ts';
import type { ConnectionFlags } from '../collect/ConnectionFlags.ts';
import type { Host, Via } from '../collect/openLive.ts';
import type { RaisedProblem } from '../core/Problem.ts';
import type { Code } from '../knowledge/codes.ts';
import type { Snapshot } from '../model/Snapshot.ts';

/** A snapshot that grows as answers arrive; `build` may be called when only some of them have. */
export interface SnapshotSink extends RawSink {
  build(): Snapshot;
}

/** A capture file that grows as answers arrive. */
export interface CaptureSink extends RawSink {
  /** Ends the file. Gives its size in bytes. */
  finish(): Promise<number>;
  /** Nodes of which nothing was kept because the file would have been larger than it may be. */
  readonly leftOut: readonly string[];
  /** What redaction did; undefined: it was not asked for. */
  readonly redaction?: Redaction | undefined;
  /** Lets go of what was kept until then; without `finish` before it nothing is written. */
  discard(): Promise<void>;
}

/** What a snapshot is made from, and of which nodes. */
export type ReadFrom = Pick<RawSource, 'origin' | 'takenAt' | 'reader' | 'digests'>;
export type ReadNodes = Pick<CollectPlan, 'nodes' | 'sample' | 'part' | 'ciliumNamespace'>;

export interface SnapshotChoices {
  /** A cluster that has no Cilium (yet) is one, too; otherwise that is an error. */
  readonly withoutCilium?: boolean | undefined;
}

export interface Redaction {
  readonly names: number;
  readonly addresses: number;
  /** `random`: the cluster has nothing to make a key of, so that no other capture has the same pseudonyms. */
  readonly key: 'given' | 'cluster' | 'random';
}

export interface CaptureFileOptions {
  readonly toolVersion: string;
  /** Whether a file that is there may be replaced. */
  readonly overwrite: boolean;
  /** Of the file, compressed. */
  readonly maxBytes: number;
  /**
   * Pseudonyms in place of names, by this key or (undefined) by one of the cluster's own; undefined:
   * everything as it is.
   */
  readonly redact: { readonly key: string | undefined } | undefined;
}

/**
 * What is loaded when a command needs it, and no sooner: the Kubernetes client alone takes longer than `--help` may.
 */
export interface Loaders {
  checks(): Promise<readonly AnyCheck[]>;
  problems(): Promise<ReadonlyMap<Code, RaisedProblem>>;
  openArchive(path: string): Promise<RawSource>;
  openLive(flags: ConnectionFlags, via: Via, host: Host): Promise<RawSource>;
  /** For what is done on a node, beside what is read. */
  openPort(flags: ConnectionFlags, via: Via, host: Host): Promise<ClusterPort>;
  snapshotSink(source: ReadFrom, plan: ReadNodes, options?: SnapshotChoices): Promise<SnapshotSink>;
  captureSink(file: string, source: RawSource, options: CaptureFileOptions): Promise<CaptureSink>;
}
