import { type Fact, known, type Missing, missing } from '../model/Fact.ts';
import type { MapSize } from '../model/NodeFacts.ts';
import type { RawNode } from '../model/raw.ts';
import { parseMapSizes } from './parseMapSizes.ts';
import { answerText } from './readAnswer.ts';
import type { DumpedMap } from './lb/parseMapEntries.ts';
import { type LbDump, readLbDump } from './readLbDump.ts';
import { readMapDump } from './readMapDump.ts';
import { excerptOf } from './text.ts';

const dumps = [
  // Each slot is an entry. IPv6 addresses stand in brackets where a port follows them.
  { answer: 'lbFrontends', map: 'services_v2', isV6: (key: string) => key.startsWith('[') },
  { answer: 'lbBackends', map: 'backends_v3', isV6: (_: string, value: string) => /:\/\/\[?[^[]*:[^[]*:/.test(value) },
  { answer: 'lbRevnat', map: 'reverse_nat', isV6: (_: string, value: string) => value.startsWith('[') },
] as const;

/**
 * How full the load-balancing maps are: their sizes, and the entries that were counted in the dumps. Missing when one
 * of the dumps is, or when entries came from a map whose size did not.
 */
export function readMapSizes(
  raw: RawNode,
  dump: LbDump | Missing | undefined = readLbDump(raw),
): Fact<readonly MapSize[]> {
  if (dump !== undefined) return 'missing' in dump ? dump : sizesOf(dump);
  const { answers } = raw;
  const sizesText = answerText(answers.lbMaps);
  if ('missing' in sizesText) return sizesText;
  const sizes = parseMapSizes(sizesText.text);
  if (!sizes.ok) return missing('unparsed', `${sizesText.command} was not understood: ${sizes.why}`);
  const maps: MapSize[] = [];
  for (const { answer, map, isV6 } of dumps) {
    const text = answerText(answers[answer]);
    if ('missing' in text) return text;
    const dump = readMapDump(text.text);
    if (!dump.ok) return missing('unparsed', `${text.command} was not understood: ${dump.why}`);
    const counts = { lb4: 0, lb6: 0 };
    for (const { key, values } of dump.value) for (const value of values) counts[isV6(key, value) ? 'lb6' : 'lb4']++;
    for (const family of ['lb4', 'lb6'] as const) {
      const name = `cilium_${family}_${map}`;
      const maxEntries = sizes.value.get(name);
      const entries = counts[family];
      if (maxEntries !== undefined) maps.push({ map: name, entries, maxEntries });
      else if (entries > 0) {
        const complaint = excerptOf(sizesText.stderr);
        return missing('unparsed', `the size of ${name} did not come${complaint === '' ? '' : `: ${complaint}`}`);
      }
    }
  }
  return known(maps, sizesText.command);
}

function sizesOf({ maps, command }: LbDump): Fact<readonly MapSize[]> {
  const counted = maps.map(({ name, maxEntries, entries }) => ({ name, maxEntries, entries: entries.size }));
  return known(mapSizesOf(counted), command);
}

/** Of the maps of which the size was asked. */
export function mapSizesOf(maps: readonly CountedMap[]): readonly MapSize[] {
  const sizes = maps.flatMap(({ name, maxEntries, entries }) =>
    maxEntries === undefined ? [] : [{ map: name, entries, maxEntries }],
  );
  return dumps.flatMap(({ map }) => sizes.filter((one) => one.map.endsWith(map)));
}

/** A dumped map by how many entries it has. */
export interface CountedMap extends Pick<DumpedMap, 'name' | 'maxEntries'> {
  readonly entries: number;
}
