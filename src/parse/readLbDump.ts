import { type Missing, missing } from '../model/Fact.ts';
import type { RawNode } from '../model/raw.ts';
import { type DumpedMap, parseMapEntries } from './lb/parseMapEntries.ts';
import { printed } from './readAnswer.ts';

/** The pinned maps of a node, entry by entry, and the command that shows the same. */
export interface LbDump {
  readonly maps: readonly DumpedMap[];
  readonly command: string;
}

/** undefined: it was not asked, as in archives, or it failed, so that `bpf lb list` was asked instead. */
export function readLbDump({ answers }: RawNode): LbDump | Missing | undefined {
  if (answers.lbDump === undefined) return undefined;
  const text = printed(answers.lbDump);
  if ('missing' in text) return isUnneeded(answers.lbList) ? text : undefined;
  const read = parseMapEntries(text.text);
  if (!read.ok) return missing('unparsed', `the load-balancing maps, as bpftool prints them: ${read.why}`);
  return { maps: read.maps, command: text.command };
}

const isUnneeded = (answer: RawNode['answers']['lbList']): boolean => answer === undefined || 'missing' in answer;
