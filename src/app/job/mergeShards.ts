import type { CollectPlan } from '../../collect/RawSource.ts';
import type { Look } from '../../collect/shard/ShardReading.ts';
import { coveredNodes, Derivations } from '../../core/Derivations.ts';
import { KprError } from '../../core/KprError.ts';
import { tableParity } from '../../expect/parity/tableParity.ts';
import { missing } from '../../model/Fact.ts';
import { type NodesPart, partOf } from '../../model/NodesPart.ts';
import type { Origin, RawDocuments, RawNode } from '../../model/raw.ts';
import type { NodeFacts } from '../../model/NodeFacts.ts';
import type { NodeSnapshot, SecondReading, Snapshot } from '../../model/Snapshot.ts';
import { toolVersion } from '../../terminal/tool.ts';
import { byName } from '../../text/names.ts';
import type { Context } from '../Context.ts';
import type { ReadFrom } from '../Loaders.ts';
import { knownOf, replayed } from './replay.ts';
import { sameObjects, type ShardLog, wholeReadings } from './wholeReadings.ts';

/** What shards left, and what is known of those that left nothing. */
export interface GivenShards {
  readonly logs: readonly ShardLog[];
  /** The run that they must be of; undefined: that of most. */
  readonly run?: string | undefined;
  /** How many there should be; undefined: as many as they say themselves. */
  readonly of?: number | undefined;
  /** By the index of a shard, why it left nothing. */
  readonly failed?: ReadonlyMap<number, string> | undefined;
  /** Who asked; without it, the shards did. */
  readonly origin?: Extract<Origin, { readonly kind: 'live' }> | undefined;
  readonly kubectl: string;
}

/**
 * One snapshot of what shards read. Nodes of a shard that left nothing are not read, each with the reason. Each node's
 * table is judged by what the API said when its shard read, for pods come and go between shards; all else is judged by
 * what the API said last. Throws KprError where no shard can be read.
 */
export async function mergeShards(given: GivenShards, plan: CollectPlan, context: Context): Promise<Derivations> {
  const { readings, of, refused, others } = wholeReadings(given.logs, toolVersion, given.run);
  const [one] = readings;
  if (one === undefined || (given.of !== undefined && given.of !== of)) {
    const reasons = [
      ...refused.values(),
      ...others,
      ...[...(given.failed ?? [])].map(([at, why]) => `shard ${at + 1}: ${why}`),
    ];
    throw new KprError(
      `No shard can be read${reasons.length === 0 ? '' : `: ${reasons.slice(0, 3).join('; ')}`}`,
      'See what the pods of the Job say: kubectl logs; then create it again',
    );
  }
  for (const why of [...refused.values(), ...others]) context.io.stderr.write(`Not merged: ${why}\n`);
  const digests = knownOf(readings.length);
  const shards = readings.map((reading) => ({ ...reading, looks: replayed(reading, digests) }));
  const kubectl = given.kubectl;
  const origin: Origin = given.origin ?? { kind: 'live', ...one.origin, kubectl };
  const takenAt = shards.map((shard) => shard.takenAt).toSorted()[0] ?? one.takenAt;
  const from: ReadFrom = { origin, takenAt, digests };
  const build = async (
    documents: RawDocuments,
    nodes: readonly RawNode[],
    part: NodesPart | undefined,
  ): Promise<Snapshot> => {
    const sink = await context.loaders.snapshotSink(from, {
      nodes: undefined,
      part,
      ciliumNamespace: plan.ciliumNamespace,
    });
    await sink.documents(documents);
    for (const node of nodes) await sink.node(node);
    return sink.build();
  };

  const groups: Group[] = [];
  for (const members of Map.groupBy(shards, ({ looks }) => keyOf(looks)).values()) {
    const part = { of, indexes: new Set(members.map(({ head }) => head.index)) };
    const firsts = members.flatMap(({ looks }) => looks.slice(0, 1));
    const seconds = members.flatMap(({ looks }) => looks.filter(({ secondsLater }) => secondsLater !== undefined));
    const documents = firsts[0]?.documents;
    if (documents === undefined) continue;
    const snapshot = await build(
      documents,
      firsts.flatMap(({ nodes }) => nodes),
      part,
    );
    const second = await secondOf(seconds, (looked, nodes) => build(looked, nodes, part));
    const at =
      members
        .map((shard) => shard.takenAt)
        .toSorted()
        .at(-1) ?? '';
    groups.push({
      at,
      documents,
      part,
      snapshot: second === undefined ? snapshot : { ...snapshot, secondReading: second },
    });
  }
  const last = groups.toSorted((a, b) => (a.at < b.at ? 1 : -1))[0];
  if (last === undefined) throw new KprError('No shard read the lists of the API', 'Create the Job again');

  const lost = new Map(
    Array.from({ length: of }, (_, index) => index)
      .filter((index) => !readings.some(({ head }) => head.index === index))
      .map((index) => {
        const reason = refused.get(index) ?? given.failed?.get(index) ?? 'no reading of it was given';
        return [index, `shard ${index + 1} of ${of} left nothing: ${reason}`];
      }),
  );
  const why = (name: string): string => {
    const index = partOf(name, of);
    return lost.get(index) ?? `it was not there yet when shard ${index + 1} of ${of} read`;
  };
  const frame = await build(last.documents, [], undefined);
  const unread = coveredNodes(frame).map(({ name }): RawNode => {
    const none = missing('notCollected', why(name));
    return { name, answers: Object.fromEntries([...plan.answers].map((answer) => [answer, none])) };
  });
  const base = await build(last.documents, unread, undefined);
  const owned = new Map(
    groups.flatMap((group) => ownNodes(group).map((node) => [node.name, { node, group }] as const)),
  );
  const names = [...new Set([...base.nodes.map(({ name }) => name), ...owned.keys()])].toSorted(byName);
  const nodesOfBase = new Map(base.nodes.map((node) => [node.name, node]));
  const nodes = names.flatMap((name) => owned.get(name)?.node ?? nodesOfBase.get(name) ?? []);
  const secondReading = joined(groups.flatMap(({ snapshot }) => snapshot.secondReading ?? []));
  const merged: Snapshot = {
    ...base,
    nodes,
    ...(secondReading !== undefined && { secondReading }),
    ...(lost.size > 0 && { lostShards: [...lost.values()] }),
  };
  if (groups.length === 1) return new Derivations(merged);
  const judges = new Map(groups.map((group) => [group, new Derivations(group.snapshot)]));
  const judgeOf = new Map(
    [...owned].flatMap(([name, { group }]) => {
      const judge = judges.get(group);
      return judge === undefined ? [] : [[name, judge] as const];
    }),
  );
  return new Derivations(merged, { derived: tableParity, of: judgeOf });
}

/** Shards that saw the same objects of the API. */
interface Group {
  /** When the last of them read. */
  readonly at: string;
  readonly documents: RawDocuments;
  readonly part: NodesPart;
  readonly snapshot: Snapshot;
}

const keyOf = (looks: readonly Look[]): string =>
  `${sameObjects(looks[0]?.documents)} ${sameObjects(looks.find(({ secondsLater }) => secondsLater !== undefined)?.documents)}`;

const ownNodes = ({ snapshot, part }: Group): readonly NodeSnapshot[] =>
  snapshot.nodes.filter(({ name }) => part.indexes.has(partOf(name, part.of)));

async function secondOf(
  looks: readonly Look[],
  build: (documents: RawDocuments, nodes: readonly RawNode[]) => Promise<Snapshot>,
): Promise<SecondReading | undefined> {
  const documents = looks[0]?.documents;
  if (documents === undefined) return undefined;
  const read = looks.flatMap(({ nodes }) => nodes);
  const { facts, nodes } = await build(documents, read);
  const again = new Set(read.map(({ name }) => name));
  const secondsLater = Math.max(...looks.map((look) => look.secondsLater ?? 0));
  return { secondsLater, facts, nodes: factsOf(nodes.filter(({ name }) => again.has(name))) };
}

const factsOf = (nodes: readonly NodeSnapshot[]): ReadonlyMap<string, NodeFacts> =>
  new Map(nodes.map(({ name, facts }) => [name, facts]));

/** Objects are those of the last one. */
function joined(seconds: readonly SecondReading[]): SecondReading | undefined {
  const last = seconds.at(-1);
  return (
    last && {
      secondsLater: Math.max(...seconds.map(({ secondsLater }) => secondsLater)),
      facts: last.facts,
      nodes: new Map(seconds.flatMap(({ nodes }) => [...nodes])),
    }
  );
}
