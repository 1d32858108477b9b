import type { AnyCheck } from '../core/Check.ts';
import type { CollectPlan, RawSink, RawSource } from '../collect/RawSource.ts';
import type { ClusterPort } from '../collect/ClusterPort.ts';
import type { ConnectionFlags } from '../collect/ConnectionFlags.ts';
import type { Host, Via } from '../collect/openLive.ts';
import type { Snapshot } from '../model/Snapshot.ts';

/** A snapshot that grows as answers arrive; `build` may be called when only some of them have. */
export interface SnapshotSink extends RawSink {
  build(): Snapshot;
}

/** A capture file that grows as answers arrive. */
export interface CaptureSink extends RawSink {
  /** Ends the file. Gives its size in bytes. */
  finish(): Promise<number>;
  /** Lets go of what was kept until then; without `finish` before it nothing is written. */
  discard(): Promise<void>;
}

/** What is loaded when a command needs it, and no sooner: the Kubernetes client alone takes longer than `--help` may. */
export interface Modules {
  checks(): Promise<readonly AnyCheck[]>;
  openArchive(path: string): Promise<RawSource>;
  openLive(flags: ConnectionFlags, via: Via, host: Host): Promise<RawSource>;
  /** For what is done on a node, beside what is read. */
  openPort(flags: ConnectionFlags, via: Via, host: Host): Promise<ClusterPort>;
  snapshotSink(source: RawSource, plan: CollectPlan): Promise<SnapshotSink>;
  captureSink(file: string, source: RawSource, toolVersion: string): Promise<CaptureSink>;
}
