import { hash } from 'node:crypto';
import type { ShardReading } from '../../collect/shard/ShardReading.ts';
import { logsIn, parseShard } from '../../collect/shard/shardText.ts';
import { partOf } from '../../model/NodesPart.ts';
import { documentNames, type RawDocument, type RawDocuments } from '../../model/raw.ts';
import { isRecord } from '../../text/isRecord.ts';
import { usageError } from '../../core/KprError.ts';
import { durationText } from '../../text/durationText.ts';
import { visible } from '../../text/visible.ts';

/** A log, and where it is from. */
export interface ShardLog {
  readonly name: string;
  readonly text: string;
}

export interface WholeReadings {
  /** One of each shard, in their order. */
  readonly readings: readonly ShardReading[];
  readonly of: number;
  /** Why there is none of a shard, where that is known, by its index. */
  readonly refused: ReadonlyMap<number, string>;
  /** What cannot be put to any shard. */
  readonly others: readonly string[];
}

/**
 * Readings that belong together: of one run on one cluster by this version of the program, each whole, and each of its
 * own nodes. What does not fit is refused, and said. Throws KprError for two different readings of one shard.
 * @param run undefined: that of most
 */
export function wholeReadings(logs: readonly ShardLog[], version: string, run?: string): WholeReadings {
  const refused = new Map<number, string>();
  const others: string[] = [];
  const refuse = (name: string, index: number | undefined, why: string): void => {
    if (index === undefined) others.push(`${visible(name)}: ${visible(why)}`);
    else refused.set(index, `${visible(name)}: ${visible(why)}`);
  };
  const lists = new SharedLists();
  const parsed = logs.flatMap(logsOf).flatMap(({ name, text }): Named[] => {
    const shard = parseShard(text);
    if (shard.ok) return [{ name, reading: lists.shared(shard.reading) }];
    refuse(name, shard.head?.index, shard.why);
    return [];
  });
  const own = parsed.filter(({ name, reading: { head } }) => {
    if (head.tool === version) return true;
    refuse(name, head.index, `it was read by version ${head.tool}, and this is ${version}`);
    return false;
  });
  const inRun = sameAsMost(
    own,
    ({ reading: { head } }) => `${head.run} ${head.of}`,
    (one) => run === undefined || one.reading.head.run === run,
  );
  for (const { name, reading } of own.filter((one) => !inRun.includes(one)))
    refuse(
      name,
      undefined,
      `it is shard ${reading.head.index + 1} of ${reading.head.of} of another run (${reading.head.run})`,
    );
  const inCluster = sameAsMost(inRun, ({ reading }) => clusterOf(reading));
  for (const { name, reading } of inRun.filter((one) => !inCluster.includes(one)))
    refuse(name, reading.head.index, 'it is of another cluster');
  // A Job says for how long its pods may read; the word that somebody typed may be that of another day.
  const last = Math.max(...inCluster.map(readAt));
  const together = inCluster.filter((one) => {
    const before = last - readAt(one);
    if (run !== undefined || before <= mostApartMs) return true;
    refuse(one.name, one.reading.head.index, `it was read ${durationText(before)} before the last one`);
    return false;
  });
  const byIndex = Map.groupBy(
    together.filter(({ name, reading }) => {
      const foreign = foreignNode(reading);
      if (foreign !== undefined)
        refuse(name, reading.head.index, `it tells of the node ${foreign}, which belongs to another shard`);
      return foreign === undefined;
    }),
    ({ reading }) => reading.head.index,
  );
  const readings = [...byIndex.values()].map(onlyOne).toSorted((a, b) => a.head.index - b.head.index);
  for (const { head } of readings) {
    const why = refused.get(head.index);
    if (why !== undefined) others.push(why);
    refused.delete(head.index);
  }
  return { readings, of: readings[0]?.head.of ?? 0, refused, others };
}

/** All is judged as if it was read together. */
const mostApartMs = 3_600_000;

const readAt = ({ reading }: Named): number => new Date(reading.takenAt).getTime() || 0;

const logsOf = ({ name, text }: ShardLog): readonly ShardLog[] =>
  logsIn(text).map((one, at, all) => ({ name: all.length === 1 ? name : `${name} (reading ${at + 1})`, text: one }));

interface Named {
  readonly name: string;
  readonly reading: ShardReading;
}

function sameAsMost<T>(
  all: readonly T[],
  keyOf: (one: T) => string,
  mayBe: (one: T) => boolean = () => true,
): readonly T[] {
  const groups = [...Map.groupBy(all.filter(mayBe), keyOf).values()];
  return groups.toSorted((a, b) => b.length - a.length)[0] ?? [];
}

function onlyOne(same: readonly Named[]): ShardReading {
  const [first, ...others] = same;
  if (first === undefined) throw new Error('a group without a member');
  const other = others.find(({ reading }) => JSON.stringify(reading.looks) !== JSON.stringify(first.reading.looks));
  if (other === undefined) return first.reading;
  throw usageError(
    `${visible(first.name)} and ${visible(other.name)} are two readings of shard ${first.reading.head.index + 1}`,
    'Give one of them: only one of each shard was judged by itself',
  );
}

/** By its Service `kubernetes`, which lives as long as the cluster; empty: it does not tell. */
function clusterOf({ looks: [first] }: ShardReading): string {
  const services = first?.documents?.services;
  const list: unknown = services !== undefined && 'value' in services ? services.value : [];
  const kubernetes = Array.isArray(list)
    ? list
        .filter(isRecord)
        .map(({ metadata }) => metadata)
        .filter(isRecord)
        .find(({ name, namespace }) => name === 'kubernetes' && namespace === 'default')
    : undefined;
  const uid = kubernetes?.['uid'];
  return typeof uid === 'string' ? uid : '';
}

const foreignNode = ({ head: { index, of }, looks }: ShardReading): string | undefined =>
  looks.flatMap(({ nodes }) => nodes).find(({ name }) => partOf(name, of) !== index)?.name;

/** Each shard has listed all objects: of lists that are equal, one is kept. */
class SharedLists {
  readonly #known = new Map<string, RawDocument>();

  shared(reading: ShardReading): ShardReading {
    const looks = reading.looks.map(({ documents, ...look }) => {
      if (documents === undefined) return look;
      const own = documentNames.map((name) => [name, this.#once(documents[name])] as const);
      return Object.assign(look, { documents: Object.fromEntries(own) as RawDocuments });
    });
    return { ...reading, looks };
  }

  #once(document: RawDocument): RawDocument {
    const key = hash('sha256', JSON.stringify(document), 'hex');
    const known = this.#known.get(key) ?? document;
    this.#known.set(key, known);
    return known;
  }
}

/** What tells whether two shards saw the same objects of the API. */
export const sameObjects = (documents: RawDocuments | undefined): string =>
  hash(
    'sha256',
    JSON.stringify(Object.values(documents ?? {}).map((one) => ('value' in one ? one.value : one))),
    'hex',
  );
