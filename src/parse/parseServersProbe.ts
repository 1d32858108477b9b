import type { ServerProbe } from '../model/NodeFacts.ts';
import { type Parsed, parsed, unparsed } from './Parsed.ts';
import { excerptOf, linesOf } from './text.ts';

/** A line for each: `<clusterIP|server> <address> <port> <open|refused|timeout|failed> <rest>`. */
export function parseServersProbe(text: string): Parsed<readonly ServerProbe[]> {
  const probes: ServerProbe[] = [];
  for (const line of linesOf(text)) {
    if (line.trim() === '') continue;
    const probe = probeOf(line.trim());
    if (probe === undefined) return unparsed(`a line of the probe: ${excerptOf(line)}`);
    probes.push(probe);
  }
  return probes.length > 0 ? parsed(probes) : unparsed('nothing was printed');
}

function probeOf(line: string): ServerProbe | undefined {
  const [, via, address = '', port, connect, rest = ''] =
    /^(clusterIP|server) (\S+) (\d{1,5}) (open|refused|timeout|failed)(?: (.*))?$/.exec(line) ?? [];
  if ((via !== 'clusterIP' && via !== 'server') || !isOutcome(connect)) return undefined;
  return { via, address, port: Number(port), connect, detail: excerptOf(rest) };
}

const isOutcome = (text: string | undefined): text is ServerProbe['connect'] =>
  text === 'open' || text === 'refused' || text === 'timeout' || text === 'failed';
