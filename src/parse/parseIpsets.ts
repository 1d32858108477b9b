import { parseIpsetSave } from './ipset/ipsetSave.ts';
import { type Parsed, parsed, unparsed } from './Parsed.ts';
import { excerptOf, linesOf } from './text.ts';

/** Names of ipsets: `ipset list -n`, the full `ipset list`, or `ipset save`. */
export function parseIpsets(text: string): Parsed<readonly string[]> {
  const lines = linesOf(text)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const isList = lines[0]?.startsWith('Name:') === true;
  if (lines[0]?.startsWith('create ')) {
    const sets = parseIpsetSave(text);
    return sets.ok ? parsed(sets.value.map(({ name }) => name)) : sets;
  }
  const odd = lines.find((line) => /\s/.test(line));
  if (odd !== undefined && !isList) return unparsed(`no name of a set: ${excerptOf(odd)}`);
  if (lines.length > 0 && !text.endsWith('\n')) return unparsed('it was cut: its last line has no end');
  return parsed(isList ? lines.flatMap((line) => /^Name: (\S+)$/.exec(line)?.[1] ?? []) : lines);
}
