import { type Parsed, parsed, unparsed } from './Parsed.ts';
import { excerptOf, linesOf } from './text.ts';

/** Names of ipsets: `ipset list -n`, or the full `ipset list`. */
export function parseIpsets(text: string): Parsed<readonly string[]> {
  const lines = linesOf(text)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (lines[0]?.startsWith('Name:')) {
    return parsed(lines.flatMap((line) => /^Name: (\S+)$/.exec(line)?.[1] ?? []));
  }
  const odd = lines.find((line) => /\s/.test(line));
  return odd === undefined ? parsed(lines) : unparsed(`no name of a set: ${excerptOf(odd)}`);
}
