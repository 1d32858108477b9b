import type { ServerProbe } from '../model/NodeFacts.ts';
import type { Parsed } from './Parsed.ts';
import { parseProbes } from './parseProbes.ts';
import { excerptOf } from './text.ts';

/** A line for each: `<clusterIP|server> <address> <port> <open|refused|timeout|failed> <rest>`. */
export const parseServersProbe = (text: string): Parsed<readonly ServerProbe[]> => parseProbes(text, probeOf);

function probeOf(line: string): ServerProbe | undefined {
  const [, via, address = '', port, connect, rest = ''] =
    /^(clusterIP|server) (\S+) (\d{1,5}) (open|refused|timeout|failed)(?: (.*))?$/.exec(line) ?? [];
  if ((via !== 'clusterIP' && via !== 'server') || !isOutcome(connect)) return undefined;
  return { via, address, port: Number(port), connect, detail: excerptOf(rest) };
}

const isOutcome = (text: string | undefined): text is ServerProbe['connect'] =>
  text === 'open' || text === 'refused' || text === 'timeout' || text === 'failed';
