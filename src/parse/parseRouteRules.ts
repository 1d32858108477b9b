import { type Parsed, parsed, unparsed } from './Parsed.ts';
import { excerptOf, linesOf, ownText } from './text.ts';

/** `ip rule`: `32766:	from all lookup main`, a line each; blanks are single. */
export function parseRouteRules(text: string): Parsed<readonly string[]> {
  const lines = linesOf(text).filter((line) => line.trim() !== '');
  const other = lines.find((line) => !/^\d{1,10}:\s+(?:not\s+)?from\s/.test(line));
  if (other !== undefined) return unparsed(`a line of ip rule: ${excerptOf(other)}`);
  // Without any rule there is no way to anywhere, and nobody could have asked.
  if (lines.length === 0) return unparsed('no rule was printed');
  return parsed(lines.map((line) => ownText(line.trim().replaceAll(/\s+/g, ' '))));
}
