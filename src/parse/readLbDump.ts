import { type Missing, missing } from '../model/Fact.ts';
import type { RawAnswer, RawNode } from '../model/raw.ts';
import { type DumpedMap, parseMapEntries } from './lb/parseMapEntries.ts';
import { answerText } from './readAnswer.ts';

/** The pinned maps of a node, entry by entry, and the command that shows the same. */
export interface LbDump {
  readonly maps: readonly DumpedMap[];
  readonly command: string;
}

/**
 * undefined: it was not asked, as in archives, or it failed, so that others were asked instead: as many of them as were
 * wanted, for not every fact is made of all.
 */
export function readLbDump({ answers }: RawNode): LbDump | Missing | undefined {
  if (answers.lbDump === undefined) return undefined;
  const text = answerText(answers.lbDump);
  if ('missing' in text) return instead.every((name) => isUnneeded(answers[name])) ? text : undefined;
  const read = parseMapEntries(text.text);
  if (!read.ok) return missing('unparsed', `the load-balancing maps, as bpftool prints them: ${read.why}`);
  const lacking = lackingMap(read.maps);
  if (lacking !== undefined) return missing('absent', notPinned(lacking));
  return { maps: read.maps, command: text.command };
}

/** Each family that is on has these three. */
function lackingMap(maps: readonly DumpedMap[]): string | undefined {
  const names = new Set(maps.map(({ name }) => name));
  return ['cilium_lb4', 'cilium_lb6']
    .map((family) => ['services_v2', 'backends_v3', 'reverse_nat'].map((map) => `${family}_${map}`))
    .filter((family) => family.some((name) => names.has(name)))
    .flatMap((family) => family.filter((name) => !names.has(name)))[0];
}

const instead = ['lbList', 'lbFrontends', 'lbBackends', 'lbRevnat', 'lbSourceRanges', 'lbMaps'] as const;

export const notPinned = (what: string): string =>
  `${what} is not pinned in /sys/fs/bpf/tc/globals, so nobody sees what is in it, though programs go on with it; restart the agent, which pins it anew, and see who removes files there`;

/** It was not asked after all. */
export const isUnneeded = (answer: RawAnswer | undefined): boolean => answer === undefined || 'missing' in answer;
