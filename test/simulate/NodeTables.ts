import { hash } from 'node:crypto';
import type { SimulatedNode } from './ClusterShape.ts';
import {
  addressBytes,
  backendBytes,
  big16,
  byte,
  flagBytes,
  little16,
  type MapRow,
  mapsText,
  type NodeMap,
  nodeMaps,
  ownBytes,
  zeros,
} from './mapDump.ts';

const bucketCount = 256;
/** Digits of a bucket's digest that travel. */
const shortDigits = 8;

/**
 * The load-balancing maps of nodes that number things alike: whole, and in little as docs/digests.md has it. That is
 * written here a second time, from what rows mean and not from their entries, so that a mistake in one of both is seen.
 */
export class NodeTables {
  readonly #maps: readonly NodeMap[];
  /** Of each row. */
  readonly #bucketOf: readonly number[];
  readonly #digests: readonly string[];
  readonly #counts: string;
  readonly #hasOwn: boolean;
  #whole: { readonly text: Buffer; readonly ownAt: readonly number[] } | undefined;

  constructor(rows: readonly MapRow[], shift: number) {
    this.#maps = nodeMaps(rows, shift);
    this.#bucketOf = rows.map(bucketOf);
    this.#hasOwn = rows.some(({ isOwn }) => isOwn);
    this.#counts = this.#maps.map(({ entries }) => ` ${entries.length}`).join('');
    const lines = Array.from({ length: bucketCount }, (): string[] => []);
    for (const [at, row] of rows.entries()) lines[this.#bucketOf[at] ?? 0]?.push(`${rowText(row)}\n`);
    this.#digests = lines.map((all) => sha256(all.toSorted().join('')));
  }

  whole({ address }: SimulatedNode): Buffer {
    this.#whole ??= withPlaces(mapsText(this.#maps));
    const text = Buffer.from(this.#whole.text);
    for (const at of this.#whole.ownAt) text.write(addressBytes(address), at, 'latin1');
    return text;
  }

  /** @param known the first digits of digests: of the base's buckets in order, then of others */
  inLittle({ address }: SimulatedNode, nonce: string, known: string): string {
    const told = known.match(/.{8}/g) ?? [];
    const isKnown = new Set(told);
    const tokens = this.#digests.map((digest, at) => {
      const short = digest.slice(0, shortDigits);
      return !isKnown.has(short) ? '+' : told[at] === short ? '.' : short;
    });
    const own = this.#hasOwn ? ` 4${addressBytes(address)}` : '';
    const head = [`own${own}`, `entries${this.#counts}`, `buckets ${tokens.join('')}`];
    const digest = sha256([nonce, ...head, ...this.#digests].map((line) => `${line}\n`).join(''));
    const isWanted = (row: number): boolean => tokens[this.#bucketOf[row] ?? 0] === '+';
    const maps = mapsText(this.#maps, ({ of }) => of.length === 0 || of.some(isWanted));
    return [`digest 1 ${digest}`, ...head, maps.replaceAll(ownBytes, addressBytes(address))].join('\n');
  }
}

/** Of addresses the last two bytes count, but not of those that stand for all of a node's own. */
function bucketOf({ address, port, isOwn }: MapRow): number {
  const bytes = isOwn ? [] : address.split('.').slice(2).map(Number);
  return [...bytes, port >> 8, port & 255].reduce((sum, one) => sum + one, 0) % bucketCount;
}

/** All rows here are of policy Cluster, without affinity, Maglev tables or source ranges. */
function rowText(row: MapRow): string {
  const frontend = `${row.isOwn ? '*4' : addressBytes(row.address)}${big16(row.port)}${byte(row.protocol)}${zeros(1)}`;
  const head = `${zeros(4)}${little16(row.backends.length)}${flagBytes(row)}${zeros(2)}`;
  const backends = row.backends.map(backendBytes).toSorted().join(',');
  return `${frontend} ${head} ${row.isNumbered ? '+' : '-'} ${backends}| `;
}

function withPlaces(text: string): { readonly text: Buffer; readonly ownAt: readonly number[] } {
  const ownAt: number[] = [];
  for (let at = text.indexOf(ownBytes); at !== -1; at = text.indexOf(ownBytes, at + 1)) ownAt.push(at);
  return { text: Buffer.from(text, 'latin1'), ownAt };
}

const sha256 = (text: string): string => hash('sha256', text, 'hex');
