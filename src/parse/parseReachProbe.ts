import type { Drop, ReachPlace, ReachProbe, ReachTry } from '../model/NodeFacts.ts';
import { type Parsed, parsed, unparsed } from './Parsed.ts';
import { excerptOf, linesOf } from './text.ts';

/**
 * The node, `from <node>`; a line for each place, `try <node> <health|pod|node> <address> <port>
 * <open|refused|timeout|failed> <milliseconds> <detail>`; where some did not answer, what was dropped meanwhile, `drop
 * <packets> <ingress|egress> <reason>`; at the end `done <milliseconds>`, how long the program had to wait for a
 * processor.
 */
export function parseReachProbe(text: string): Parsed<ReachProbe> {
  const [first = '', ...lines] = linesOf(text);
  const from = /^from (\S+)$/.exec(first)?.[1];
  if (from === undefined) return unparsed(`the probe does not say from where: ${excerptOf(first)}`);
  const end = lines.findIndex((line) => line.startsWith('done '));
  const lagMs = /^done (\d{1,9})$/.exec(lines[end] ?? '')?.[1];
  if (lagMs === undefined) return unparsed('the probe does not say that it is done');
  const read = lines.slice(0, end).map((line) => ({ line, is: tryOf(line) ?? dropOf(line) }));
  const odd = read.find(({ is }) => is === undefined);
  if (odd !== undefined) return unparsed(`a line of the probe: ${excerptOf(odd.line)}`);
  const tries = read.flatMap(({ is }) => (is !== undefined && 'node' in is ? [is] : []));
  const drops = read.flatMap(({ is }) => (is !== undefined && 'reason' in is ? [is] : []));
  return parsed({ from, tries, drops, lagMs: Number(lagMs) });
}

function tryOf(line: string): ReachTry | undefined {
  const [, node = '', kind, address = '', port, outcome, ms, detail = ''] =
    /^try (\S+) (\w+) (\S+) (\d{1,5}) (\w+) (\d{1,9})(?: (.*))?$/.exec(line) ?? [];
  if (!isKind(kind) || !isOutcome(outcome)) return undefined;
  return { node, kind, address, port: Number(port), outcome, ms: Number(ms), detail: excerptOf(detail) };
}

function dropOf(line: string): Drop | undefined {
  const [, packets, direction, reason = ''] = /^drop (\d{1,15}) (ingress|egress) (.+)$/.exec(line) ?? [];
  if (direction !== 'ingress' && direction !== 'egress') return undefined;
  return { direction, reason: excerptOf(reason), packets: Number(packets) };
}

const isKind = (text: string | undefined): text is ReachPlace['kind'] =>
  text === 'health' || text === 'pod' || text === 'node';

const isOutcome = (text: string | undefined): text is ReachTry['outcome'] =>
  text === 'open' || text === 'refused' || text === 'timeout' || text === 'failed';
