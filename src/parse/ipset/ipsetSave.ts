import type { Ipset, IpsetMember } from '../../model/Ipset.ts';
import { type Parsed, parsed, unparsed } from '../Parsed.ts';
import { excerptOf, linesOf } from '../text.ts';

/**
 * `ipset save`: a line `create` for each set, with its lines `add` behind it. It has no end mark: that lines are
 * lacking at its end can't be seen, half of a line can.
 */
export function parseIpsetSave(text: string): Parsed<readonly Ipset[]> {
  if (text.trim() === '') return parsed([]);
  const sets = new Map<string, Ipset & { readonly members: IpsetMember[] }>();
  for (const line of linesOf(text)) {
    if (line === '') continue;
    const [, command, name = '', word = '', options = ''] = /^(create|add) (\S+) (\S+)(?: (.*))?$/.exec(line) ?? [];
    const set = sets.get(name);
    if (command === 'create' && set === undefined) sets.set(name, { name, type: word, options, members: [] });
    else if (command === 'add' && set !== undefined) set.members.push({ element: word, options });
    else return unparsed(`a line that ipset save does not print: ${excerptOf(line)}`);
  }
  return text.endsWith('\n') ? parsed([...sets.values()]) : unparsed('it was cut: its last line has no end');
}
