import { excerptOf } from '../text.ts';

/** One pinned map as `lbDump` prints it: its name, its size, its entries as hexadecimal text. */
export interface DumpedMap {
  readonly name: string;
  /** Undefined where the size was not asked or did not come. */
  readonly maxEntries: number | undefined;
  /** Each key once; three digits a byte. */
  readonly entries: ReadonlyMap<string, string>;
}

export type MapEntries =
  | { readonly ok: true; readonly maps: readonly DumpedMap[] }
  | { readonly ok: false; readonly why: string };

/**
 * Takes the output of `lbDump` (knowledge/nodeCommands.ts) apart: for each map a line with its name, one with what
 * `bpftool -j map show` says of it where its size is asked, and one of `bpftool -j map dump` without quotes, commas,
 * brackets and `x` (none, when the map is empty): `{key:00a060…value:009…}{key:…}`, each byte as three digits. What
 * bpftool adds where a map has types (`formatted`) is passed over. A key that was deleted while the map was read makes
 * the kernel start again from the first, so that entries come twice: the last one counts. What ends too early is none:
 * rows that did not come would be missing rows. Total.
 */
export function parseMapEntries(text: string): MapEntries {
  const maps: { name: string; maxEntries: number | undefined; entries: Map<string, string> }[] = [];
  for (const line of text.split('\n')) {
    const map = maps.at(-1);
    if (line === '') continue;
    if (/^cilium_lb\w+$/.test(line)) maps.push({ name: line, maxEntries: undefined, entries: new Map() });
    else if (map === undefined) return { ok: false, why: `not the name of a map: ${excerptOf(line)}` };
    else if (line.startsWith('{"')) map.maxEntries = sizeIn(line);
    else if (!readEntries(line, map.entries)) return { ok: false, why: `entries of ${map.name}: ${excerptOf(line)}` };
  }
  if (maps.length === 0) return { ok: false, why: 'no map was printed' };
  const cut = cutMap(text);
  return cut === undefined ? { ok: true, maps } : { ok: false, why: `it ends before the entries of ${cut}` };
}

/** The last map, where its line of entries did not come: an empty map has an empty one. */
function cutMap(text: string): string | undefined {
  const at = text.lastIndexOf('\ncilium_lb') + 1;
  const [name = '', ...below] = text.slice(at).split('\n');
  // `bpftool -j` ends the line of the size twice.
  const lines = below[0]?.startsWith('{"') ? 3 : 1;
  return below.length > lines ? undefined : name;
}

function sizeIn(shown: string): number | undefined {
  const size = /"max_entries":(\d{1,10})\b/.exec(shown)?.[1];
  return size === undefined ? undefined : Number(size);
}

const entryPattern = /\{key:((?:0[0-9a-f]{2})+)value:((?:0[0-9a-f]{2})+)/g;

/** Whether all entries were read. One that was deleted meanwhile has an error instead of a value, and is none. */
function readEntries(dump: string, entries: Map<string, string>): boolean {
  if (!dump.startsWith('{key:') || !dump.endsWith('}') || /\berror:(?!Nosuchfile)/.test(dump)) return false;
  for (const [, key = '', value = ''] of dump.matchAll(entryPattern)) entries.set(key, value);
  return entries.size > 0 || dump.includes('error:');
}
