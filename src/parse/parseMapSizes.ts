import { isRecord } from '../text/isRecord.ts';
import { readJson, readJsonStream, textIn } from './json.ts';
import { type Parsed, parsed, unparsed } from './Parsed.ts';
import { excerptOf, linesOf } from './text.ts';

/** The maps whose sizes are asked; kernels cut a map's name to 15 characters. */
const lbMaps = ['services_v2', 'backends_v3', 'reverse_nat', 'affinity', 'source_range'].flatMap((map) => [
  `cilium_lb4_${map}`,
  `cilium_lb6_${map}`,
]);
const cutLength = 15;

/**
 * `bpftool map show`: JSON objects one after the other (`-j`) or its text. Sizes of the load-balancing
 * maps, by full name.
 */
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
  const objects = json.ok && Array.isArray(json.value) ? json.value.filter(isRecord) : readJsonStream(text);
  return objects?.flatMap(({ name, type, max_entries: maxEntries }) =>
    typeof name === 'string' && typeof maxEntries === 'number' ? [{ name, type: textIn(type), maxEntries }] : [],
  );
}

/**
 * Two lines a map: `2219: hash  name cilium_lb4_serv  flags 0x81`, and indented
 * `key 12B  value 12B  max_entries 65536`.
 */
function fromText(text: string): readonly KernelMap[] | undefined {
  const maps: KernelMap[] = [];
  let head: Pick<KernelMap, 'name' | 'type'> | undefined;
  for (const line of linesOf(text)) {
    const words = line.trim().split(/\s+/);
    const after = (word: string): string | undefined => words[words.indexOf(word) + 1 || words.length];
    if (/^\d+:$/.test(words[0] ?? '')) head = { type: words[1] ?? '', name: after('name') ?? '' };
    const maxEntries = Number(after('max_entries'));
    if (head !== undefined && maxEntries > 0) maps.push({ ...head, maxEntries });
  }
  return maps.length === 0 ? undefined : maps;
}
