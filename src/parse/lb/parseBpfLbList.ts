import { canonicalCidr, protocolOf } from '../../model/lb/address.ts';
import { type FrontendFlags, flagsOfBits, flagsOfWords } from '../../model/lb/flags.ts';
import type { Frontend, LbTable } from '../../model/lb/LbTable.ts';
import { addTo, LbTableBuilder } from './LbTableBuilder.ts';
import { parseCount, parseEndpoint } from './parseEndpoint.ts';
import { revNatOf } from './parseMapsDump.ts';

/** What `cilium-dbg bpf lb list -o json` printed, without and with each of its flags; undefined: not asked or not answered. */
export interface BpfLbListTexts {
  readonly list: string;
  /** Without it nobody knows how many slots take new connections. */
  readonly frontends?: string | undefined;
  readonly backends?: string | undefined;
  readonly revnat?: string | undefined;
  readonly sourceRanges?: string | undefined;
}

/**
 * Reads the pinned maps as `bpf lb list` prints them, in its three eras: slots grouped under the frontend without numbers
 * (1.12 and older), a slot a key (1.13 to 1.16), and with protocols (1.17 and newer). Joined by frontend and slot.
 * Total; one pass over each text.
 */
export function parseBpfLbList(texts: BpfLbListTexts): LbTable {
  const list = entriesOf(texts.list);
  const table = new LbTableBuilder();
  if (list === undefined)
    return table.finish('bpfLbList', { unreadable: 'bpf lb list printed no JSON object of lists' });
  const counts = readFrontends(texts.frontends, table);
  const flagsOf = flagsReader();
  for (const [key, values] of list) {
    for (const value of values) {
      const problem = readEntry(table, key, value, counts, flagsOf);
      if (problem !== undefined) table.notUnderstood(`${key} ${value}`, problem, key.replace(/ \(.*$/, ''));
    }
  }
  readBackends(texts.backends, table);
  return table.finish('bpfLbList', {
    torn: tornBetween(list, counts),
    revNat: readRevNat(texts.revnat, table),
    sourceRanges: readSourceRanges(texts.sourceRanges, table),
  });
}

/** Frontends of which one of the two outputs has a slot that the other has not. Grouped keys (1.12) name no slots. */
function tornBetween(list: Entries, counts: ReadonlyMap<string, RawSlot> | undefined): ReadonlySet<string> {
  const torn = new Set<string>();
  if (counts === undefined || !list.some(([key]) => key.endsWith(')'))) return torn;
  const listed = new Set<string>();
  const note = (key: string): void => {
    const endpoint = parseEndpoint(key.slice(0, key.lastIndexOf(' (')));
    if (endpoint !== undefined) torn.add(endpoint.key);
  };
  for (const [key] of list) {
    listed.add(key);
    if (!counts.has(key)) note(key);
  }
  for (const key of counts.keys()) if (!listed.has(key)) note(key);
  return torn;
}

type Entries = readonly (readonly [string, readonly string[]])[];

/** `{"key": ["value", …]}`; undefined: something else. Empty maps are `{}`. */
function entriesOf(text: string): Entries | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return undefined;
  return Object.entries(parsed).map(([key, values]) => {
    // A map without values prints null (source ranges).
    const list: readonly unknown[] = Array.isArray(values) ? values : [];
    return [key, list.map((value) => (typeof value === 'string' ? value : JSON.stringify(value)))];
  });
}

/** What `--frontends` adds to a slot: `10800 3[0] (12) [0x16 0xa0]`. */
interface RawSlot {
  /** Slot 0: algorithm and affinity timeout, or the proxy's port; else the backend's ID. */
  readonly union: number;
  readonly count: number;
  readonly inactive: number;
  readonly low: number;
  readonly high: number;
}

function readFrontends(text: string | undefined, table: LbTableBuilder): ReadonlyMap<string, RawSlot> | undefined {
  if (text === undefined) return undefined;
  const entries = entriesOf(text);
  if (entries === undefined) {
    table.notUnderstood(text, 'bpf lb list --frontends printed no JSON object of lists');
    return undefined;
  }
  const slots = new Map<string, RawSlot>();
  for (const [key, values] of entries) {
    for (const value of values) {
      const raw = rawSlotOf(value);
      if (raw === undefined)
        table.notUnderstood(`${key} ${value}`, 'not backend, counts, ID and flags', key.replace(/ \(.*$/, ''));
      else slots.set(key, raw);
    }
  }
  return slots;
}

function rawSlotOf(value: string): RawSlot | undefined {
  const fields = /^(\d{1,10}) (\d{1,5})\[(\d{1,5})\] \(\d{1,5}\) \[0x([0-9a-f]{1,2}) 0x([0-9a-f]{1,2})\]/.exec(value);
  if (fields === null) return undefined;
  return {
    union: Number(fields[1]),
    count: Number(fields[2]),
    inactive: Number(fields[3]),
    low: Number.parseInt(fields[4] ?? '0', 16),
    high: Number.parseInt(fields[5] ?? '0', 16),
  };
}

function readEntry(
  table: LbTableBuilder,
  key: string,
  value: string,
  counts: ReadonlyMap<string, RawSlot> | undefined,
  flagsOf: (words: string) => FrontendFlags,
): string | undefined {
  const paren = key.lastIndexOf(' (');
  const keyed = paren !== -1 && key.endsWith(')');
  const row = table.row(keyed ? key.slice(0, paren) : key, parseEndpoint);
  if (row === undefined) return 'the key is no address, port and known protocol';
  const keySlot = keyed ? parseCount(key.slice(paren + 2, -1)) : undefined;
  const raw = counts?.get(key);

  if (value.startsWith('backend ') && value.endsWith(' not found')) {
    const id = parseCount(value.slice('backend '.length, -' not found'.length));
    // Grouped keys hide the slot; then it is the next one.
    table.slot(row, keySlot ?? row.slots.length + 1, 0, id, undefined);
    return undefined;
  }
  // `10.0.1.7:53/UDP (5) (1)`: what is balanced to, service ID, slot.
  const first = value.indexOf(' (');
  const second = value.indexOf(' (', first + 1);
  const close = value.indexOf(')', second);
  if (first === -1 || second === -1 || close === -1) return 'not a backend, an ID and a slot';
  const id = parseCount(value.slice(first + 2, second - 1));
  const slot = parseCount(value.slice(second + 2, close));
  if (id === undefined || slot === undefined) return 'ID or slot is no number';
  if (slot > 0) {
    const backend = parseEndpoint(value.slice(0, first));
    if (backend === undefined) return 'the backend is no address, port and known protocol';
    table.slot(row, keySlot ?? slot, id, raw?.union, backend.key);
    return undefined;
  }
  const open = value.indexOf('[', close);
  const words = open === -1 ? undefined : value.slice(open + 1, value.lastIndexOf(']'));
  if (words === undefined) return 'slot 0 without flags';
  const flags = flagsOf(words);
  const l7 = flags.names.has('l7-load-balancer');
  table.master(row, {
    id,
    flags:
      raw === undefined || flags.unknown.length === 0
        ? flags
        : { ...flagsOfBits(raw.low, raw.high), unknown: flags.unknown },
    count: raw?.count,
    inactiveCount: raw?.inactive,
    affinityTimeout: raw === undefined ? undefined : l7 ? 0 : raw.union & 0xffffff,
    algorithm: raw === undefined || l7 ? undefined : algorithmOf(raw.union >>> 24),
    l7ProxyPort: l7 ? parseCount(/L7LB Proxy Port: (\d{1,5})\)/.exec(value)?.[1] ?? '') : undefined,
  });
  return flags.unknown.length === 0
    ? undefined
    : `unknown: flag ${flags.unknown.join(', ')}; the rest of the row was read`;
}

const algorithmOf = (code: number): Frontend['algorithm'] => (['undef', 'random', 'maglev'] as const)[code];

function flagsReader(): (words: string) => FrontendFlags {
  const cache = new Map<string, FrontendFlags>();
  return (words) => {
    let flags = cache.get(words);
    if (flags === undefined) {
      flags = flagsOfWords(words.split(', '));
      cache.set(words, flags);
    }
    return flags;
  };
}

/** `"5": ["TCP://10.244.0.7"]`, with a zone in brackets, up to 1.13 with a port. State and (since) port are not printed. */
function readBackends(text: string | undefined, table: LbTableBuilder): void {
  for (const [key, values] of optionalEntries(text, 'backends', table)) {
    const id = parseCount(key);
    const value = values[0] ?? '';
    const scheme = value.indexOf('://');
    const protocol = protocolOf(value.slice(0, scheme));
    if (id === undefined || scheme === -1 || protocol === undefined)
      table.notUnderstood(`${key} ${value}`, 'not a protocol and an address');
    else table.other();
  }
}

function readRevNat(text: string | undefined, table: LbTableBuilder): ReadonlyMap<number, string> | undefined {
  if (text === undefined) return undefined;
  const revNat = new Map<number, string>();
  for (const [key, values] of optionalEntries(text, 'revnat', table)) {
    const id = parseCount(key);
    // One ID serves a family each; both stand under one key.
    const endpoint = parseEndpoint(values[0] ?? '');
    if (id === undefined || endpoint === undefined)
      table.notUnderstood(`${key} ${values.join(' ')}`, 'not an ID and its address');
    else revNat.set(id, revNatOf(endpoint.key));
  }
  return revNat;
}

/** Keys `10.0.0.0/8 (5)`, values empty. */
function readSourceRanges(
  text: string | undefined,
  table: LbTableBuilder,
): ReadonlyMap<number, readonly string[]> | undefined {
  if (text === undefined) return undefined;
  const ranges = new Map<number, string[]>();
  for (const [key] of optionalEntries(text, 'source-ranges', table)) {
    const fields = /^(\S+) \((\d{1,5})\)$/.exec(key);
    const cidr = canonicalCidr(fields?.[1] ?? '');
    if (fields === null || cidr === undefined) table.notUnderstood(key, 'not a CIDR and an ID');
    else addTo(ranges, Number(fields[2]), cidr);
  }
  for (const list of ranges.values()) list.sort();
  return ranges;
}

function optionalEntries(text: string | undefined, flag: string, table: LbTableBuilder): Entries {
  if (text === undefined) return [];
  const entries = entriesOf(text);
  if (entries !== undefined) return entries;
  table.notUnderstood(text, `bpf lb list --${flag} printed no JSON object of lists`);
  return [];
}
