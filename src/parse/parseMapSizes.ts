import { isObject, readJson, readJsonStream, textIn } from './json.ts';
import { type Parsed, parsed, unparsed } from './Parsed.ts';
import { excerptOf } from './text.ts';

/** The maps whose sizes are asked; kernels cut a map's name to 15 characters. */
const lbMaps = ['services_v2', 'backends_v3', 'reverse_nat', 'affinity', 'source_range'].flatMap((map) => [
  `cilium_lb4_${map}`,
  `cilium_lb6_${map}`,
]);
const cutLength = 15;

/** `bpftool map show`: JSON objects one after the other (`-j`) or its text. Sizes of the load-balancing maps, by full name. */
export function parseMapSizes(text: string): Parsed<ReadonlyMap<string, number>> {
  const sizes = new Map<string, number>();
  if (text.trim() === '') return parsed(sizes);
  const maps = /^\s*[[{]/.test(text) ? fromJson(text) : fromText(text);
  if (maps === undefined) return unparsed(`no list of maps: ${excerptOf(text)}`);
  for (const { name, type, maxEntries } of maps) {
    const full = lbMaps.find((map) => map === name || map.slice(0, cutLength) === name);
    // Cut, reverse_sk (an LRU hash) has the same name as reverse_nat.
    if (full === undefined || /lru/.test(type)) continue;
    sizes.set(full, Math.max(maxEntries, sizes.get(full) ?? 0));
  }
  return parsed(sizes);
}

interface KernelMap {
  readonly name: string;
  readonly type: string;
  readonly maxEntries: number;
}

function fromJson(text: string): readonly KernelMap[] | undefined {
  const json = readJson(text);
  const objects = json.ok && Array.isArray(json.value) ? json.value.filter(isObject) : readJsonStream(text);
  return objects?.flatMap(({ name, type, max_entries: maxEntries }) =>
    typeof name === 'string' && typeof maxEntries === 'number' ? [{ name, type: textIn(type), maxEntries }] : [],
  );
}

function fromText(text: string): readonly KernelMap[] | undefined {
  const maps = [...text.matchAll(/^\d+: (\S+) +name (\S+)[^\n]*\n[^\n]*\bmax_entries (\d+)/gm)];
  return maps.length === 0
    ? undefined
    : maps.map(([, type = '', name = '', entries]) => ({ name, type, maxEntries: Number(entries) }));
}
