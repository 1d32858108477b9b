import { maxTextBytes, renderShard } from '../../collect/shard/shardText.ts';
import type { Look } from '../../collect/shard/ShardReading.ts';
import { planFor } from '../../collect/planFor.ts';
import { InterruptedError, KprError } from '../../core/KprError.ts';
import { isInPart } from '../../model/NodesPart.ts';
import type { RawDocuments, RawNode } from '../../model/raw.ts';
import { toolVersion } from '../../terminal/tool.ts';
import type { Context } from '../Context.ts';
import type { Loaders } from '../Loaders.ts';
import { selectChecks } from '../selectChecks.ts';
import { type ReadOptions, takeSnapshot } from '../takeSnapshot.ts';

export interface ShardOptions extends ReadOptions {
  readonly index: number;
  readonly of: number;
  readonly run: string;
}

const keptBytes = 256 * 1024 * 1024;

/**
 * Reads a part of the nodes as `verify` would, what differs a second time included, and prints what was read, for
 * `merge`. Gives the exit code; throws KprError where nothing was read, so that somebody tries again.
 */
export async function readShard({ source, limits, index, of, run }: ShardOptions, context: Context): Promise<number> {
  const { io, loaders } = context;
  const { run: checks } = selectChecks(await loaders.checks(), 'verify', { check: [], skip: [] });
  const plan = planFor(checks, { ...limits, part: { of, indexes: new Set([index]) } });
  // What was read is kept until it is printed.
  io.guard?.allowMore(keptBytes);
  const record = new Record();
  const { derivations, interrupted } = await takeSnapshot(
    source,
    plan,
    { progress: { verbosity: 'quiet', forPeople: false }, wait: true },
    { io, loaders: { ...loaders, snapshotSink: record.sinksOf(loaders) } },
  );
  if (derivations === undefined || interrupted)
    throw new InterruptedError('Interrupted before all was read', 'Nothing was printed: read it again');
  const { origin, takenAt, secondReading } = derivations.snapshot;
  const { context: name, server } = origin.kind === 'sysdump' ? { context: '', server: '' } : origin;
  const text = renderShard({
    head: { tool: toolVersion, run, index, of },
    takenAt,
    origin: { context: name, server },
    looks: record.looks(secondReading?.secondsLater),
  });
  if (text.length > maxTextBytes)
    throw new KprError(
      `What was read takes ${text.length} bytes, and the log of a container keeps ${maxTextBytes} for certain`,
      'Divide the nodes into more shards: kubectl kpr job --shards N',
    );
  io.stdout.write(text);
  return 0;
}

interface RecordedLook {
  documents: RawDocuments | undefined;
  readonly nodes: RawNode[];
  /** A snapshot was made of it. */
  isBuilt: boolean;
}

/** What reaches snapshots, look by look, as it came. */
class Record {
  readonly #looks: RecordedLook[] = [];

  sinksOf(loaders: Loaders): Loaders['snapshotSink'] {
    return async (...asked) => {
      const sink = await loaders.snapshotSink(...asked);
      const look: RecordedLook = { documents: undefined, nodes: [], isBuilt: false };
      this.#looks.push(look);
      return {
        documents: async (documents) => {
          look.documents = documents;
          await sink.documents(documents);
        },
        node: async (node) => {
          if (isInPart(node.name, asked[1].part)) look.nodes.push(node);
          await sink.node(node);
        },
        build: () => {
          look.isBuilt = true;
          return sink.build();
        },
      };
    };
  }

  /** @param secondsLater of the last one that was taken for the second; undefined: none was */
  looks(secondsLater: number | undefined): readonly Look[] {
    const last = this.#looks.findLastIndex(({ isBuilt }, at) => isBuilt && at > 0);
    return this.#looks.map(({ documents, nodes }, at) => ({
      ...(documents !== undefined && { documents }),
      nodes,
      ...(at === last && secondsLater !== undefined && { secondsLater }),
    }));
  }
}
