import type { FrontendKey } from '../../model/lb/keys.ts';
import type { LbTable } from '../../model/lb/LbTable.ts';
import { addressAt, addressSizes } from '../lb/mapBytes.ts';
import { parseLbMaps } from '../lb/parseLbMaps.ts';
import { type DumpedMap, parseMapEntries } from '../lb/parseMapEntries.ts';
import type { CountedMap } from '../readMapSizes.ts';
import { excerptOf } from '../text.ts';
import { bucketCount, type CanonicalRows, canonicalRows } from './canonicalRows.ts';
import {
  type Bucket,
  CommonFrontends,
  CommonIds,
  type EntryOf,
  type NodeRows,
} from '../../model/lb/CommonFrontends.ts';
import { type CommonRow, maxOwnAddresses, reverseOf } from '../../model/lb/CommonRow.ts';
import { KnownRules } from './KnownRules.ts';
import { KnownStates } from './KnownStates.ts';
import { commonRow } from './commonRow.ts';

/** What a node was told to be known, and what its answer is to be read by. */
export interface ToldRows {
  /** Of this exec alone. */
  readonly nonce: string;
  readonly words: readonly [nonce: string, known: string];
  readonly base: readonly Bucket[];
}

/** A node's table, put together again. */
export interface DigestedTable {
  /** What all that are told by it later take for the base, where it is the first. */
  readonly buckets: readonly Bucket[];
  readonly table: LbTable;
  readonly frontends: CommonFrontends;
  /** Entries of each map in full, in the order in which they were dumped. */
  readonly sizes: readonly CountedMap[];
}

export type DigestRead =
  | { readonly ok: true; readonly value: DigestedTable }
  | { readonly ok: false; readonly why: string };

/** Digits of a digest that travel; the whole table's proves them. */
const shortLength = 8;
/** More of a bucket’s forms than that are not told to nodes: each costs its digits on every node. */
const maxTold = 16 * bucketCount;

/*
 * A line may be as long as what a node says in all: expressions that repeat a choice without a bound take more of the
 * stack with each of its letters than there is.
 */
const bucketsLine = new RegExp(`^buckets ((?:[.+]|[0-9a-f]{${shortLength}}){${bucketCount}})$`);
/** An address of sixteen bytes, each in three digits, behind a blank and its family. */
const mostOwnLetters = 'own'.length + 2 * maxOwnAddresses * (2 + 3 * 16);

export const isDigested = (text: string): boolean => text.startsWith('digest ');

/**
 * Rows that nodes have in common, learnt as they answer (docs/digests.md). A node that answers is told what is
 * known, so
 * that it sends no more than what is not.
 */
export class KnownRows {
  /** What agents say of their frontends, likewise. */
  readonly states: KnownStates;
  /** And of kube-proxy's rules. */
  readonly rules: KnownRules;
  readonly #sha256: (text: string) => string;
  readonly #rows: CommonRow[] = [];
  readonly #rowsByText = new Map<string, number>();
  readonly #placeOf = new Map<FrontendKey, number>();
  readonly #spreadPlaceOf = new Map<FrontendKey, number>();
  readonly #buckets = new Map<string, Bucket>();
  /** By the digits that travel; the first one that has them. */
  readonly #byShort = new Map<string, Bucket>();
  #base: readonly Bucket[] = [];
  /** Nodes with equal tables have one list. */
  readonly #lists = new Map<string, readonly Bucket[]>();
  /** Until whoever reads the answer as a whole asks for it. */
  readonly #read = new Map<string, DigestedTable>();

  /**
   * @param sha256 of a text in UTF-8, in 64 digits
   * @param shards as many processes heard nodes, each for itself, and this one repeats it; undefined: it hears them
   * @param shortestRules dumps of rules that are shorter are not learnt
   */
  constructor(sha256: (text: string) => string, shards?: number, shortestRules?: number) {
    this.#sha256 = sha256;
    this.states = new KnownStates(sha256, shards);
    this.rules = new KnownRules(sha256, shards, shortestRules);
  }

  /** Whether there is anything to tell: a whole table that proved to be what it says. */
  get isTaught(): boolean {
    return this.#base.length > 0;
  }

  /** For a node that is to be asked now. @param nonce of this exec alone */
  known(nonce: string): ToldRows {
    const base = this.#base;
    // Nodes take what is told first for the base, so without one there is nothing to tell: the first may not have fit.
    if (base.length === 0) return { nonce, words: [nonce, ''], base };
    const first = base.map(({ digest }) => shortOf(digest)).join('');
    const told = new Set(base);
    const others = [...this.#byShort].flatMap(([short, bucket]) => (told.has(bucket) ? [] : [short]));
    return { nonce, words: [nonce, `${first}${others.slice(0, maxTold).join('')}`], base };
  }

  /** The table that an answer to `known` tells; kept until it is taken. */
  read(text: string, known: ToldRows): DigestRead {
    const read = this.#answer(text, known);
    if (read.ok) this.#read.set(headOf(text), read.value);
    return read;
  }

  /** What was read of an answer before; undefined: it is not known here. */
  take(text: string): DigestedTable | undefined {
    const table = this.#read.get(headOf(text));
    this.#read.delete(headOf(text));
    return table;
  }

  #answer(text: string, known: ToldRows): DigestRead {
    const [first = '', own = '', counts = '', tokens = '', ...rest] = text
      .split('\n', 4)
      .concat(text.slice(endOfHead(text)));
    const digest = /^digest 1 ([0-9a-f]{64})$/.exec(first)?.[1];
    const entries = /^entries((?: \d{1,9}){0,99})$/.exec(counts)?.[1]?.split(' ').slice(1).map(Number);
    if (digest === undefined) return notRead(`its digest is none: ${excerptOf(first)}`);
    if (own.length > mostOwnLetters || !/^own(?: [46](?:0[0-9a-f]{2})+)*$/.test(own))
      return notRead(`its addresses: ${excerptOf(own)}`);
    if (entries === undefined) return notRead(`how many entries there are: ${excerptOf(counts)}`);
    const places = bucketsLine.exec(tokens)?.[1]?.match(/[.+]|[0-9a-f]{8}/g);
    if (places === undefined || places === null) return notRead(`its buckets: ${excerptOf(tokens)}`);
    const addresses = new Set(own.split(' ').slice(1));
    if (addresses.size > maxOwnAddresses) return notRead(`it has ${addresses.size} addresses`);
    const dump = parseMapEntries(rest.join('\n'));
    if (!dump.ok) return notRead(dump.why);
    if (dump.maps.length !== entries.length) return notRead('it counts other maps than it prints');
    const sent = canonicalRows(dump.maps, addresses);
    const buckets = this.#bucketsOf(places, known, sent);
    if (typeof buckets === 'string') return notRead(buckets);
    const proof = [known.nonce, own, counts, tokens, ...buckets.map((one) => one.digest)].map((line) => `${line}\n`);
    if (this.#sha256(proof.join('')) !== digest) return notRead('its digest is not that of its rows');
    if (this.#base.length === 0) this.#base = buckets;
    return { ok: true, value: this.#table(dump.maps, sent, { buckets, addresses, entries }) };
  }

  #bucketsOf(places: readonly string[], { base }: ToldRows, sent: CanonicalRows): readonly Bucket[] | string {
    const buckets: Bucket[] = [];
    for (const [at, place] of places.entries()) {
      const bucket =
        place === '.' ? base[at] : place === '+' ? this.#learn(sent.buckets[at] ?? [], at) : this.#byShort.get(place);
      if (bucket === undefined) return 'it speaks of rows that are not known';
      buckets.push(bucket);
    }
    const name = buckets.map(({ digest }) => shortOf(digest)).join('');
    const same = this.#lists.get(name);
    if (same?.every((one, at) => one === buckets[at]) === true) return same;
    this.#lists.set(name, buckets);
    return buckets;
  }

  #learn(texts: readonly string[], place: number): Bucket {
    const digest = this.#sha256(texts.map((text) => `${text}\n`).join(''));
    const known = this.#buckets.get(digest);
    if (known !== undefined) return known;
    const rows = new Map<FrontendKey, number>();
    const spread = new Map<FrontendKey, number>();
    for (const text of texts) {
      const number = this.#rowOf(text);
      const row = this.#rows[number];
      if (row === undefined) continue;
      const { key } = row.frontend;
      (row.isSpread ? spread : rows).set(key, number);
      (row.isSpread ? this.#spreadPlaceOf : this.#placeOf).set(key, place);
    }
    const bucket: Bucket = { digest, rows, spread };
    this.#buckets.set(digest, bucket);
    if (!this.#byShort.has(shortOf(digest))) this.#byShort.set(shortOf(digest), bucket);
    return bucket;
  }

  #rowOf(text: string): number {
    const known = this.#rowsByText.get(text);
    if (known !== undefined) return known;
    const number = this.#rows.length;
    this.#rows.push(commonRow(text, number));
    this.#rowsByText.set(text, number);
    return number;
  }

  #table(
    maps: readonly DumpedMap[],
    { covered }: CanonicalRows,
    given: {
      readonly buckets: readonly Bucket[];
      readonly addresses: ReadonlySet<string>;
      readonly entries: readonly number[];
    },
  ): DigestedTable {
    const own = parseLbMaps(maps.map((map) => withoutRows(map, covered)));
    const node: NodeRows = {
      common: { rows: this.#rows, placeOf: this.#placeOf, spreadPlaceOf: this.#spreadPlaceOf },
      buckets: given.buckets,
      addresses: [...given.addresses].map(addressOf),
      own: own.frontends,
    };
    const frontends = new CommonFrontends(node);
    return {
      buckets: given.buckets,
      frontends,
      table: {
        ...own,
        frontends,
        revNat: own.revNat && new CommonIds(node, own.revNat, reverseOf),
        sourceRanges: own.sourceRanges && new CommonIds(node, own.sourceRanges, rangesOf),
        maglev: own.maglev && new CommonIds(node, own.maglev, tableOf),
      },
      sizes: maps.map(({ name, maxEntries }, at) => ({ name, maxEntries, entries: given.entries[at] ?? 0 })),
    };
  }
}

const rangesOf: EntryOf<readonly string[]> = ({ sourceRanges }) =>
  sourceRanges.length === 0 ? undefined : { value: sourceRanges };
/** That it has one is all that is known. */
const tableOf: EntryOf<readonly number[] | undefined> = ({ hasMaglev }) =>
  hasMaglev ? { value: undefined } : undefined;

function withoutRows(map: DumpedMap, covered: ReadonlySet<string>): DumpedMap {
  if (covered.size === 0 || !map.name.endsWith('_services_v2')) return map;
  const digits = 3 * (map.name.startsWith('cilium_lb6') ? addressSizes[6] : addressSizes[4]);
  const isOwn = (key: string): boolean =>
    !covered.has(`${key.slice(0, digits + 6)}${key.slice(digits + 12, digits + 18)}`);
  return { ...map, entries: new Map([...map.entries].filter(([key]) => isOwn(key))) };
}

const addressOf = (text: string): string =>
  addressAt(text.slice(1), 0, text.startsWith('4') ? addressSizes[4] : addressSizes[6]);

const headOf = (text: string): string => text.slice(0, Math.max(0, text.indexOf('\n')));
const shortOf = (digest: string): string => digest.slice(0, shortLength);
const notRead = (why: string): DigestRead => ({ ok: false, why });

/** Where the maps begin, behind four lines. */
function endOfHead(text: string): number {
  let at = 0;
  for (let lines = 0; lines < 4; lines++) {
    const end = text.indexOf('\n', at);
    if (end === -1) return text.length;
    at = end + 1;
  }
  return at;
}
