import type { DumpedMap } from '../lb/parseMapEntries.ts';
import { addressSizes, byteAt, little16, protocolNumbers, sizeOf } from '../lb/mapBytes.ts';

/** Rows that nodes have in common are told apart by buckets, so that one that differs does not cost all. */
export const bucketCount = 256;

export interface CanonicalRows {
  /** Rows of each bucket as text, sorted. */
  readonly buckets: readonly (readonly string[])[];
  /** Of which frontends the rows say all: the keys of their service entries without slot and padding. */
  readonly covered: ReadonlySet<string>;
}

/**
 * Entries of the maps as rows that do not depend on IDs, and only those that nodes can have in common
 * (docs/digests.md):
 * what lbDigest.pl computes on nodes, from the entries themselves.
 * @param own the node's own addresses, as the node tells them: 4 or 6, and the address in three digits a byte
 */
export function canonicalRows(maps: readonly DumpedMap[], own: ReadonlySet<string>): CanonicalRows {
  const tables = new Tables(maps);
  const buckets = Array.from({ length: bucketCount }, (): string[] => []);
  const covered = new Set<string>();
  const spread = new Map<string, Row[]>();
  for (const row of tables.rows()) {
    if (own.has(`${row.family.digit}${row.address}`) && isNodePort(row.flags)) {
      const key = `*${row.family.digit}${row.behind}`;
      const rows = spread.get(key);
      if (rows === undefined) spread.set(key, [row]);
      else rows.push(row);
    } else if (row.said !== undefined) {
      const last = row.family.size;
      const sum = byteAt(row.frontend, last - 2) + byteAt(row.frontend, last - 1);
      buckets[bucketOf(sum, row.behind)]?.push(`${row.frontend} ${row.said}`);
      if (row.saysAll) covered.add(row.frontend);
    }
  }
  for (const [key, rows] of spread) {
    const [first] = rows;
    const addresses = [...own].filter((one) => one[0] === key[1]).length;
    if (first?.said === undefined || rows.length !== addresses || rows.some(({ said }) => said !== first.said))
      continue;
    buckets[bucketOf(0, first.behind)]?.push(`${key} ${first.said}`);
    for (const row of rows) if (row.saysAll) covered.add(row.frontend);
  }
  for (const bucket of buckets) bucket.sort();
  return { buckets, covered };
}

/** @param behind port, protocol and scope */
const bucketOf = (sum: number, behind: string): number => (sum + byteAt(behind, 0) + byteAt(behind, 1)) % bucketCount;

const isNodePort = (flags: number): boolean => (flags & 0x3) === 0x2;

/** hostPorts, local redirects, IPv4 to IPv6, L7 proxies. */
const ownKinds = 0x8 | 0x100 | 0x200 | 0x400;
const localPolicies = 0x4 | 0x1000;
const routable = 0x40;
const maglevAlgorithm = 2;

interface Family {
  readonly digit: '4' | '6';
  /** Bytes of an address. */
  readonly size: number;
  readonly services: Entries;
  readonly backends: Entries;
  readonly reverse: Entries;
  readonly ranges: Entries;
  readonly maglev: Entries;
}

type Entries = ReadonlyMap<string, string>;

interface Row {
  readonly family: Family;
  readonly frontend: string;
  readonly address: string;
  readonly behind: string;
  readonly flags: number;
  /** undefined: irregular. */
  readonly said: string | undefined;
  readonly saysAll: boolean;
}

interface Slot {
  readonly number: number;
  readonly backend: string;
}

const noId = '000000';
const noEntries: Entries = new Map();

class Tables {
  readonly #families: readonly Family[];
  readonly #hasMaglev: boolean;
  /** Service ID → IDs of backends. */
  readonly #affinity = new Map<string, Set<string>>();
  /** Service ID → its source ranges; without a family where the entry is of another size. */
  readonly #ranges = new Map<string, { readonly family: Family | undefined; readonly range: string }[]>();
  readonly #idUses = new Map<string, number>();

  constructor(maps: readonly DumpedMap[]) {
    const entries = new Map(maps.map(({ name, entries: all }) => [name, all]));
    this.#hasMaglev = maps.some(({ name }) => name.includes('maglev'));
    this.#families = (['4', '6'] as const).map((digit) => {
      const of = (kind: string): Entries => entries.get(`cilium_lb${digit}_${kind}`) ?? noEntries;
      return {
        digit,
        size: addressSizes[digit],
        services: of('services_v2'),
        backends: of('backends_v3'),
        reverse: of('reverse_nat'),
        ranges: of('source_range'),
        maglev: of('maglev'),
      };
    });
    for (const key of (entries.get('cilium_lb_affinity_match') ?? noEntries).keys()) {
      const id = cut(key, 4, 6);
      this.#affinity.set(id, (this.#affinity.get(id) ?? new Set()).add(cut(key, 0, 4)));
    }
    for (const family of this.#families)
      for (const key of family.ranges.keys()) {
        const id = cut(key, 4, 6);
        const list = this.#ranges.get(id) ?? [];
        list.push({
          family: sizeOf(key) === 8 + family.size ? family : undefined,
          range: `${cut(key, 0, 4)}${key.slice(24)}`,
        });
        this.#ranges.set(id, list);
      }
  }

  rows(): readonly Row[] {
    const found = this.#families.flatMap((family) => [...frontendsIn(family)]);
    for (const { master } of found) {
      const id = cut(master, 6, 8);
      this.#idUses.set(id, (this.#idUses.get(id) ?? 0) + 1);
    }
    return found.map(({ family, frontend, master, slots }) => {
      const flags = little16(master, 8);
      const said = this.#said(family, frontend, master, slots);
      const isLocal = (flags & localPolicies) !== 0;
      const hasOwn =
        slots.length > 0 || little16(master, 4) > 0 || little16(master, 10) > 0 || family.maglev.has(cut(master, 6, 8));
      const [address, behind] = [cut(frontend, 0, family.size), frontend.slice(3 * family.size)];
      return { family, frontend, address, behind, flags, said, saysAll: !isLocal || !hasOwn };
    });
  }

  #said(family: Family, frontend: string, master: string, slots: readonly Slot[]): string | undefined {
    const flags = little16(master, 8);
    const id = cut(master, 6, 8);
    const count = little16(master, 4);
    if ((flags & ownKinds) !== 0 || count > slots.length || !this.#isOwnId(family, frontend, id)) return undefined;
    const backends = this.#backends(family, id, slots);
    if (backends === undefined) return undefined;
    const named = this.#ranges.get(id) ?? [];
    if (named.some((one) => one.family !== family || !/^0..0{9}/.test(one.range))) return undefined;
    const ranges = named
      .map(({ range }) => range)
      .toSorted()
      .join();
    const hasTable = family.maglev.has(id);
    const wantsTable = (flags & routable) !== 0 || byteAt(master, 3) === maglevAlgorithm;
    if (this.#hasMaglev && id !== noId && count > 0 && !hasTable && wantsTable) return undefined;
    if ((flags & localPolicies) !== 0)
      return `${cut(master, 0, 4)}${cut(master, 8, 10)} ${id === noId ? 'l' : 'L'} | ${ranges}`;
    const taking = backends.filter(({ number }) => number <= count);
    const others = backends.filter(({ number }) => number > count);
    const word = id === noId ? '-' : hasTable ? 'M' : '+';
    return `${cut(master, 0, 6)}${master.slice(24)} ${word} ${sorted(taking)}|${sorted(others)} ${ranges}`;
  }

  /** Nobody else's, and translated back to this frontend; or none at all. */
  #isOwnId(family: Family, frontend: string, id: string): boolean {
    const others = this.#families.filter((one) => one !== family);
    if (others.some(({ maglev }) => maglev.has(id))) return false;
    if (id === noId) return !this.#affinity.has(id) && !this.#ranges.has(id) && !family.maglev.has(id);
    return (
      this.#idUses.get(id) === 1 &&
      !others.some(({ reverse }) => reverse.has(id)) &&
      family.reverse.get(id) === cut(frontend, 0, family.size + 2)
    );
  }

  /** undefined: slots that do not fit, or backends that are not known for sure. */
  #backends(
    family: Family,
    id: string,
    slots: readonly Slot[],
  ): readonly { readonly number: number; readonly said: string }[] | undefined {
    const sticky = this.#affinity.get(id);
    const numbers = new Set(slots.map(({ number }) => number));
    const ids = new Set(slots.map(({ backend }) => backend));
    if (ids.size !== slots.length || slots.some((_, at) => !numbers.has(at + 1))) return undefined;
    if (sticky !== undefined && [...sticky].some((one) => !ids.has(one))) return undefined;
    const said: { readonly number: number; readonly said: string }[] = [];
    for (const { number, backend } of slots) {
      const value = family.backends.get(backend);
      if (value === undefined || sizeOf(value) !== family.size + 8) return undefined;
      if (!protocolNumbers.has(byteAt(value, family.size + 2))) return undefined;
      if (this.#families.some((one) => one !== family && one.backends.has(backend))) return undefined;
      said.push({ number, said: `${cut(value, 0, family.size + 6)}${sticky?.has(backend) === true ? 'a' : ''}` });
    }
    return said;
  }
}

function* frontendsIn(family: Family) {
  const { size } = family;
  const slots = new Map<string, Slot[]>();
  const masters = new Map<string, string>();
  for (const [key, value] of family.services) {
    if (sizeOf(key) !== size + 8 || sizeOf(value) !== 12 || !protocolNumbers.has(byteAt(key, size + 4))) continue;
    const frontend = `${cut(key, 0, size + 2)}${cut(key, size + 4, size + 6)}`;
    const number = little16(key, size + 2);
    if (number === 0) masters.set(frontend, value);
    else {
      const list = slots.get(frontend) ?? [];
      list.push({ number, backend: cut(value, 0, 4) });
      slots.set(frontend, list);
    }
  }
  for (const [frontend, master] of masters) yield { family, frontend, master, slots: slots.get(frontend) ?? [] };
}

const sorted = (these: readonly { readonly said: string }[]): string =>
  these
    .map(({ said }) => said)
    .toSorted()
    .join();

/** Bytes `from` up to `to`, as text. */
const cut = (text: string, from: number, to: number): string => text.slice(3 * from, 3 * to);
