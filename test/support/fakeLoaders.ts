import { problems } from '../../checks/problems.ts';
import type { Loaders } from '../../src/app/Loaders.ts';
import type { CollectPlan, CollectProgress, RawSink, RawSource } from '../../src/collect/RawSource.ts';
import type { AnyCheck } from '../../src/core/Check.ts';
import { missing } from '../../src/model/Fact.ts';
import { documentNames, type RawDocuments } from '../../src/model/raw.ts';
import type { Snapshot } from '../../src/model/Snapshot.ts';

export const noDocuments = Object.fromEntries(
  documentNames.map((name) => [name, missing('notCollected', 'not in this test')]),
) as RawDocuments;

export type Read = (plan: CollectPlan, sink: RawSink, progress: CollectProgress) => Promise<void>;

/** Something that a node said. */
const answer = { text: '6.18.0\n', stderr: '', exitCode: 0, command: 'uname -r' };

/** Documents, then one node after the other. */
export const readAll =
  (...nodes: string[]): Read =>
  async (_, sink, progress) => {
    await sink.documents(noDocuments);
    progress.nodes(nodes.length);
    for (const name of nodes) {
      progress.nodeStarted(name);
      await sink.node({ name, answers: { kernel: answer } });
      progress.nodeDone(name);
    }
  };

export interface FakeLoaders extends Loaders {
  readonly calls: {
    opened: string[];
    flags: unknown[];
    plans: CollectPlan[];
    closed: number;
    captured: string[];
    finished: string[];
    discarded: number;
  };
}

/** Loaders around a snapshot made from the names of the nodes that arrived, and of how often was read before. */
export function fakeLoaders(
  checks: readonly AnyCheck[],
  read: Read,
  build: (arrived: readonly string[], reading: number) => Snapshot,
): FakeLoaders {
  const calls: FakeLoaders['calls'] = {
    opened: [],
    flags: [],
    plans: [],
    closed: 0,
    captured: [],
    finished: [],
    discarded: 0,
  };
  let readings = 0;
  const source = (file: string): RawSource => {
    calls.opened.push(file);
    return {
      origin: { kind: 'live', context: 'prod-1', server: 'https://10.0.0.1:6443', kubectl: 'kubectl' },
      takenAt: '2026-01-02T03:04:05Z',
      read: (plan, sink, progress) => {
        calls.plans.push(plan);
        return read(plan, sink, progress);
      },
      close: async () => {
        calls.closed += 1;
      },
    };
  };
  return {
    calls,
    checks: async () => checks,
    problems: async () => problems,
    openArchive: async (path) => source(path),
    openLive: async (flags, via) => {
      calls.flags.push(flags);
      return source(via);
    },
    openPort: async () => {
      throw new Error('no node is to be changed in this test');
    },
    snapshotSink: async () => {
      const reading = readings++;
      const arrived: string[] = [];
      return { documents: () => {}, node: ({ name }) => void arrived.push(name), build: () => build(arrived, reading) };
    },
    captureSink: async (file) => ({
      documents: () => {},
      node: ({ name }) => void calls.captured.push(name),
      leftOut: [],
      finish: async () => {
        calls.finished.push(file);
        return 1_234_567;
      },
      discard: async () => {
        calls.discarded += 1;
      },
    }),
  };
}
