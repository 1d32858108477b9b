import type { CollectPlan } from '../../collect/RawSource.ts';
import type { Look, ShardReading } from '../../collect/shard/ShardReading.ts';
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
import { sameObjects, type ShardLog, type WholeReadings, wholeReadings } from './wholeReadings.ts';

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
  const whole = wholeReadings(given.logs, toolVersion, given.run);
  const { readings, of, refused, others } = whole;
  const [one] = readings;
  if (one === undefined || (given.of !== undefined && given.of !== of)) throw nothingToMerge(whole, given);
  for (const why of [...refused.values(), ...others]) context.io.stderr.write(`Not merged: ${why}\n`);
  const digests = knownOf(readings.length);
  const shards = readings.map((reading) => replayed(reading, digests));
  const origin: Origin = given.origin ?? { kind: 'live', ...one.origin, kubectl: given.kubectl };
  const takenAt = shards.map((shard) => shard.takenAt).toSorted()[0] ?? one.takenAt;
  const build = builder({ origin, takenAt, digests }, plan, context);
  const groups = await groupsOf(shards, of, build);
  const last = groups.toSorted((a, b) => (a.at < b.at ? 1 : -1))[0];
  if (last === undefined) throw new KprError('No shard read the lists of the API', 'Create the Job again');
  const lost = lostShards(whole, given);
  const base = await unreadBase(last.documents, plan, build, (name) => {
    const index = partOf(name, of);
    return lost.get(index) ?? `it was not there yet when shard ${index + 1} of ${of} read`;
  });
  return joined(groups, base, [...lost.values()]);
}

function nothingToMerge({ refused, others }: WholeReadings, { failed = new Map() }: GivenShards): KprError {
  const ofPods = Array.from(failed, ([at, why]) => `shard ${at + 1}: ${why}`);
  const reasons = [...refused.values(), ...others, ...ofPods];
  return new KprError(
    `No shard can be read${reasons.length === 0 ? '' : `: ${reasons.slice(0, 3).join('; ')}`}`,
    'See what the pods of the Job say: kubectl logs; then create it again',
  );
}

/** Makes a snapshot of what was read of some nodes, or of one part. */
type Build = (documents: RawDocuments, nodes: readonly RawNode[], part?: NodesPart) => Promise<Snapshot>;

const builder =
  (from: ReadFrom, { ciliumNamespace }: CollectPlan, { loaders }: Context): Build =>
  async (documents, nodes, part) => {
    const sink = await loaders.snapshotSink(from, { nodes: undefined, part, ciliumNamespace });
    await sink.documents(documents);
    for (const node of nodes) await sink.node(node);
    return sink.build();
  };

async function groupsOf(shards: readonly ShardReading[], of: number, build: Build): Promise<readonly Group[]> {
  const groups: Group[] = [];
  for (const members of Map.groupBy(shards, ({ looks }) => keyOf(looks)).values()) {
    const part = { of, indexes: new Set(members.map(({ head }) => head.index)) };
    const firsts = members.flatMap(({ looks }) => looks.slice(0, 1));
    const seconds = members.flatMap(({ looks }) => looks.filter(({ secondsLater }) => secondsLater !== undefined));
    const documents = firsts[0]?.documents;
    if (documents === undefined) continue;
    const read = firsts.flatMap(({ nodes }) => nodes);
    const snapshot = await build(documents, read, part);
    const secondReading = await secondOf(seconds, async (looked, nodes) => build(looked, nodes, part));
    const at = members.map(({ takenAt }) => takenAt).toSorted();
    groups.push({
      at: at.at(-1) ?? '',
      documents,
      part,
      snapshot: secondReading === undefined ? snapshot : { ...snapshot, secondReading },
    });
  }
  return groups;
}

/** Why shards left nothing, by their index. */
function lostShards({ readings, of, refused }: WholeReadings, { failed }: GivenShards): ReadonlyMap<number, string> {
  const there = new Set(readings.map(({ head }) => head.index));
  const indexes = Array.from({ length: of }, (_, index) => index).filter((index) => !there.has(index));
  return new Map(
    indexes.map((index) => {
      const reason = refused.get(index) ?? failed?.get(index) ?? 'no reading of it was given';
      return [index, `shard ${index + 1} of ${of} (index ${index}) left nothing: ${reason}`];
    }),
  );
}

/** All nodes as they are when nobody has read them. */
async function unreadBase(
  documents: RawDocuments,
  { answers }: CollectPlan,
  build: Build,
  why: (name: string) => string,
): Promise<Snapshot> {
  const unread = coveredNodes(await build(documents, [])).map(({ name }): RawNode => {
    const none = missing('notCollected', why(name));
    return { name, answers: Object.fromEntries([...answers].map((answer) => [answer, none])) };
  });
  return build(documents, unread);
}

function joined(groups: readonly Group[], base: Snapshot, lost: readonly string[]): Derivations {
  const owned = new Map(groups.flatMap((group) => ownNodes(group).map((node) => [node.name, { node, group }])));
  const unread = new Map(base.nodes.map((node) => [node.name, node]));
  const names = [...new Set([...unread.keys(), ...owned.keys()])].toSorted(byName);
  const secondReading = joinedSeconds(groups.flatMap(({ snapshot }) => snapshot.secondReading ?? []));
  const merged: Snapshot = {
    ...base,
    nodes: names.flatMap((name) => owned.get(name)?.node ?? unread.get(name) ?? []),
    ...(secondReading !== undefined && { secondReading }),
    ...(lost.length > 0 && { lostShards: lost }),
  };
  if (groups.length === 1) return new Derivations(merged);
  const judges = groups.flatMap((group) => {
    const judge = new Derivations(group.snapshot);
    return ownNodes(group).map(({ name }) => [name, judge] as const);
  });
  return new Derivations(merged, { derived: tableParity, of: new Map(judges) });
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
function joinedSeconds(seconds: readonly SecondReading[]): SecondReading | undefined {
  const last = seconds.at(-1);
  return (
    last && {
      secondsLater: Math.max(...seconds.map(({ secondsLater }) => secondsLater)),
      facts: last.facts,
      nodes: new Map(seconds.flatMap(({ nodes }) => [...nodes])),
    }
  );
}
