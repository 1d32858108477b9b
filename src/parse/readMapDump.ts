import { isRecord } from '../text/isRecord.ts';
import { readJson } from './json.ts';
import { type Parsed, parsed, unparsed } from './Parsed.ts';
import { excerptOf, linesOf } from './text.ts';

export interface MapEntry {
  readonly key: string;
  readonly values: readonly string[];
}

/**
 * What `cilium-dbg bpf lb list` and its siblings print of a map: with `-o json` one object from keys to lists of
 * values, else a table of two columns in which further values of a key stand below the first.
 */
export function readMapDump(text: string): Parsed<readonly MapEntry[]> {
  return text.trimStart().startsWith('{') ? fromJson(text) : fromTable(text);
}

function fromJson(text: string): Parsed<readonly MapEntry[]> {
  const json = readJson(text);
  if (!json.ok) return json;
  if (!isRecord(json.value)) return unparsed('no object of map entries');
  const entries: MapEntry[] = [];
  for (const key of Object.keys(json.value)) {
    const values = json.value[key];
    if (!Array.isArray(values) || !values.every((value) => typeof value === 'string')) {
      return unparsed(`the entry of ${excerptOf(key)} is no list of texts`);
    }
    entries.push({ key, values });
  }
  return parsed(entries);
}

function fromTable(text: string): Parsed<readonly MapEntry[]> {
  const lines = linesOf(text);
  // e.g. `SERVICE ADDRESS   BACKEND ADDRESS (REVNAT_ID) (SLOT)`, `ID   BACKEND ADDRESS`: capitals, two columns.
  const at = lines.findIndex((line) => line.length < 1000 && /^[A-Z][A-Z_ ]* {2,}[A-Z]/.test(line));
  if (at === -1) {
    if (text.trim() === 'No entries found.') return parsed([]);
    return unparsed(text.trim() === '' ? 'nothing was printed' : `no table of map entries: ${excerptOf(text)}`);
  }
  const entries: { key: string; values: string[] }[] = [];
  for (const line of lines.slice(at + 1)) {
    if (line.trim() === '') continue;
    const gap = line.indexOf('  ');
    const last = entries.at(-1);
    if (gap > 0) entries.push({ key: line.slice(0, gap), values: [line.slice(gap).trim()] });
    else if (last !== undefined && line.startsWith(' ')) last.values.push(line.trim());
    else return unparsed(`a line of the map: ${excerptOf(line)}`);
  }
  return parsed(entries);
}
