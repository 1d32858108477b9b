import { parseJson } from '../../text/parseJson.ts';
import { canonicalCidr, protocolOf } from '../../model/lb/address.ts';
import { type FrontendKey, parseBackend, parseFrontend, withoutProtocol } from '../../model/lb/keys.ts';
import { type FrontendFlags, flagsOfBits, flagsOfWords } from '../../model/lb/lbFlags.ts';
import type { Frontend, LbTable } from '../../model/lb/LbTable.ts';
import { isRecord, type JsonObject } from '../../text/isRecord.ts';
import { addTo, LbTableBuilder } from './LbTableBuilder.ts';
import { parseCount } from './parseCount.ts';

/**
 * What `cilium-dbg bpf lb list -o json` printed, without and with each of its flags; undefined: not
 * asked or not answered.
 */
export interface BpfLbListTexts {
  readonly list: string;
  /** Without it nobody knows how many slots take new connections. */
  readonly frontends?: string | undefined;
  readonly backends?: string | undefined;
  readonly revnat?: string | undefined;
  readonly sourceRanges?: string | undefined;
}

/**
 * Reads the pinned maps as `bpf lb list` prints them, in its three eras: slots grouped under the frontend without
 * numbers (1.12 and older), a slot a key (1.13 to 1.16), and with protocols (1.17 and newer). Joined by frontend and
 * slot. Total; one pass over each text.
 */
export function parseBpfLbList(texts: BpfLbListTexts): LbTable {
  const list = objectOf(texts.list);
  const table = new LbTableBuilder();
  if (list === undefined)
    return table.finish('bpfLbList', { unreadable: 'bpf lb list printed no JSON object of lists' });
  const counts = optionalObject(texts.frontends, 'frontends', table);
  const flagsOf = flagsReader();
  const keys = Object.keys(list);
  let alone = 0;
  for (const key of keys) {
    const values = list[key];
    const raw = counts?.[key];
    if (raw === undefined) alone++;
    // Nearly always a list of one; anything else is said below.
    for (const value of Array.isArray(values) ? (values as readonly unknown[]) : [values]) {
      const problem =
        typeof value === 'string' ? readEntry(table, key, value, rawText(raw), flagsOf) : 'not a list of texts';
      if (problem !== undefined) table.notUnderstood(`${key} ${textOf(value)}`, problem, key.replace(/ \(.*$/, ''));
    }
  }
  readBackends(texts.backends, table);
  return table.finish('bpfLbList', {
    // Equal keys are the rule, and quickly seen.
    torn:
      counts === undefined || (alone === 0 && Object.keys(counts).length === keys.length)
        ? new Set()
        : tornBetween(list, counts),
    revNat: readRevNat(texts.revnat, table),
    sourceRanges: readSourceRanges(texts.sourceRanges, table),
  });
}

/** `{"key": ["value", …]}`; undefined: no object. Empty maps are `{}`. */
function objectOf(text: string): JsonObject | undefined {
  let parsed: unknown;
  try {
    parsed = parseJson(text);
  } catch {
    return undefined;
  }
  return isRecord(parsed) ? parsed : undefined;
}

function optionalObject(text: string | undefined, flag: string, table: LbTableBuilder): JsonObject | undefined {
  if (text === undefined) return undefined;
  const object = objectOf(text);
  if (object === undefined) table.notUnderstood(text, `bpf lb list --${flag} printed no JSON object of lists`);
  return object;
}

/**
 * The keys of an optional output with what stands first behind each; several values occur where families share an ID.
 */
function* entriesOf(
  text: string | undefined,
  flag: string,
  table: LbTableBuilder,
): Generator<readonly [string, string]> {
  const object = optionalObject(text, flag, table) ?? {};
  for (const key of Object.keys(object)) yield [key, rawText(object[key]) ?? ''];
}

function rawText(values: unknown): string | undefined {
  const first: unknown = Array.isArray(values) ? values[0] : undefined;
  return typeof first === 'string' ? first : undefined;
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));

/** Frontends of which one of the two outputs has a slot that the other has not. Grouped keys (1.12) name no slots. */
function tornBetween(list: JsonObject, counts: JsonObject): ReadonlySet<FrontendKey> {
  const torn = new Set<FrontendKey>();
  const note = (key: string): void => {
    const endpoint = key.endsWith(')') ? parseFrontend(key.slice(0, key.lastIndexOf(' ('))) : undefined;
    if (endpoint !== undefined) torn.add(endpoint.key);
  };
  const keyed = Object.keys(list).some((key) => key.endsWith(')'));
  for (const key of keyed ? Object.keys(list) : []) if (!Object.hasOwn(counts, key)) note(key);
  for (const key of keyed ? Object.keys(counts) : []) if (!Object.hasOwn(list, key)) note(key);
  return torn;
}

/**
 * What `--frontends` says of slot 0: `10800 3[0] (12) [0x16 0xa0]`; the first number is algorithm and affinity timeout,
 * or the proxy's port.
 */
const masterPattern = /^(\d{1,10}) (\d{1,5})\[(\d{1,5})\] \(\d{1,5}\) \[0x([0-9a-f]{1,2}) 0x([0-9a-f]{1,2})\]/;

/** @param raw what `--frontends` printed for the same key; undefined: nothing */
function readEntry(
  table: LbTableBuilder,
  key: string,
  value: string,
  raw: string | undefined,
  flagsOf: (words: string) => FrontendFlags,
): string | undefined {
  const paren = key.lastIndexOf(' (');
  const keyed = paren !== -1 && key.endsWith(')');
  const row = table.row(keyed ? key.slice(0, paren) : key, parseFrontend);
  if (row === undefined) return 'the key is no address, port and known protocol';
  const keySlot = keyed ? parseCount(key.slice(paren + 2, -1)) : undefined;

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
  if (slot === 0) return readMaster(table, row, id, value, close, raw, flagsOf);
  const backend = parseBackend(value.slice(0, first));
  if (backend === undefined) return 'the backend is no address, port and known protocol';
  const backendId = raw === undefined ? undefined : parseCount(raw.slice(0, raw.indexOf(' ')));
  table.slot(row, keySlot ?? slot, id, backendId, backend.key);
  return raw !== undefined && backendId === undefined ? '--frontends names no backend ID' : undefined;
}

function readMaster(
  table: LbTableBuilder,
  row: NonNullable<ReturnType<LbTableBuilder['row']>>,
  id: number,
  value: string,
  close: number,
  raw: string | undefined,
  flagsOf: (words: string) => FrontendFlags,
): string | undefined {
  const open = value.indexOf('[', close);
  const words = open === -1 ? undefined : value.slice(open + 1, value.lastIndexOf(']'));
  if (words === undefined) return 'slot 0 without flags';
  const fields = raw === undefined ? null : masterPattern.exec(raw);
  const flags = flagsOf(words);
  const l7 = flags.names.has('l7-load-balancer');
  const union = fields === null ? undefined : Number(fields[1]);
  const bits = (at: number): number => Number.parseInt(fields?.[at] ?? '0', 16);
  table.master(row, {
    id,
    flags:
      fields === null || flags.unknown.length === 0
        ? flags
        : { ...flagsOfBits(bits(4), bits(5)), unknown: flags.unknown },
    count: fields === null ? undefined : Number(fields[2]),
    inactiveCount: fields === null ? undefined : Number(fields[3]),
    affinityTimeout: union === undefined ? undefined : l7 ? 0 : union & 0xffffff,
    algorithm: union === undefined || l7 ? undefined : algorithmOf(union >>> 24),
    l7ProxyPort: l7 ? parseCount(/L7LB Proxy Port: (\d{1,5})\)/.exec(value)?.[1] ?? '') : undefined,
  });
  if (flags.unknown.length > 0) return `unknown: flag ${flags.unknown.join(', ')}; the rest of the row was read`;
  return raw !== undefined && fields === null
    ? `--frontends says ${raw}: not backend, counts, ID and flags`
    : undefined;
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

/**
 * `"5": ["TCP://10.244.0.7"]`, with a zone in brackets, up to 1.13 with a port. State and (since) port are not printed.
 */
function readBackends(text: string | undefined, table: LbTableBuilder): void {
  for (const [key, value] of entriesOf(text, 'backends', table)) {
    const scheme = value.indexOf('://');
    const protocol = protocolOf(value.slice(0, scheme));
    if (parseCount(key) === undefined || scheme === -1 || protocol === undefined) {
      table.notUnderstood(`${key} ${value}`, 'not a protocol and an address');
    } else {
      table.other();
    }
  }
}

function readRevNat(text: string | undefined, table: LbTableBuilder): ReadonlyMap<number, string> | undefined {
  if (text === undefined) return undefined;
  const revNat = new Map<number, string>();
  // What is no table has no entries that could be missing.
  if (objectOf(text) === undefined) {
    optionalObject(text, 'revnat', table);
    return undefined;
  }
  for (const [key, value] of entriesOf(text, 'revnat', table)) {
    const id = parseCount(key);
    const endpoint = parseFrontend(value);
    if (id === undefined || endpoint === undefined) table.notUnderstood(`${key} ${value}`, 'not an ID and its address');
    else revNat.set(id, withoutProtocol(endpoint.key));
  }
  return revNat;
}

/** Keys `10.0.0.0/8 (5)`, values empty or null. */
function readSourceRanges(
  text: string | undefined,
  table: LbTableBuilder,
): ReadonlyMap<number, readonly string[]> | undefined {
  if (text === undefined) return undefined;
  const ranges = new Map<number, string[]>();
  for (const [key] of entriesOf(text, 'source-ranges', table)) {
    const fields = /^(\S+) \((\d{1,5})\)$/.exec(key);
    const cidr = canonicalCidr(fields?.[1] ?? '');
    if (fields === null || cidr === undefined) table.notUnderstood(key, 'not a CIDR and an ID');
    else addTo(ranges, Number(fields[2]), cidr);
  }
  for (const list of ranges.values()) list.sort();
  return ranges;
}
