import { type Parsed, parsed, unparsed } from './Parsed.ts';
import { excerptOf, linesOf } from './text.ts';

/** What a probe prints, a line for each place that it tried; it prints something always. */
export function parseProbes<T>(text: string, probeOf: (line: string) => T | undefined): Parsed<readonly T[]> {
  const probes: T[] = [];
  for (const line of linesOf(text)) {
    if (line.trim() === '') continue;
    const probe = probeOf(line.trim());
    if (probe === undefined) return unparsed(`a line of the probe: ${excerptOf(line)}`);
    probes.push(probe);
  }
  return probes.length > 0 ? parsed(probes) : unparsed('nothing was printed');
}
