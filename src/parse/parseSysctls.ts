import { type Parsed, parsed, unparsed } from './Parsed.ts';
import { excerptOf, linesOf } from './text.ts';

/** `grep -H '^' /proc/sys/net/ipv4/ip_local_port_range …`: `FILE:VALUE`, a line each; blanks in values are single. */
export function parseSysctls(text: string): Parsed<ReadonlyMap<string, string>> {
  const values = new Map<string, string>();
  for (const line of linesOf(text)) {
    if (line.trim() === '') continue;
    const at = line.indexOf(':');
    if (at === -1 || !line.startsWith('/proc/sys/')) return unparsed(`a line of /proc/sys: ${excerptOf(line)}`);
    const name = line.slice('/proc/sys/'.length, at).replaceAll('/', '.');
    values.set(
      name,
      line
        .slice(at + 1)
        .trim()
        .replaceAll(/\s+/g, ' '),
    );
  }
  return values.size === 0 ? unparsed('no setting was printed') : parsed(values);
}
