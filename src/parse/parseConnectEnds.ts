import type { ConnectEnd } from '../model/Connections.ts';
import { type Parsed, parsed, unparsed } from './Parsed.ts';
import { excerptOf, linesOf } from './text.ts';

/**
 * What programs/connect prints, by the numbers of the places: `<number> <open|refused|timeout|failed> <milliseconds>
 * <detail>`, and `done` at the end. A place of which nothing is told was not tried.
 */
export function parseConnectEnds(text: string): Parsed<ReadonlyMap<number, ConnectEnd>> {
  const ends = new Map<number, ConnectEnd>();
  const lines = linesOf(text).filter((line) => line.trim() !== '');
  if (lines.pop() !== 'done') return unparsed('it does not say that it is done');
  for (const line of lines) {
    const [, number, outcome, ms, detail = ''] = /^(\d{1,9}) (\w+) (\d{1,9})(?: (.*))?$/.exec(line) ?? [];
    if (number === undefined || !isOutcome(outcome)) return unparsed(`a line of it: ${excerptOf(line)}`);
    ends.set(Number(number), { outcome, ms: Number(ms), detail: excerptOf(detail) });
  }
  return parsed(ends);
}

const isOutcome = (text: string | undefined): text is ConnectEnd['outcome'] =>
  text === 'open' || text === 'refused' || text === 'timeout' || text === 'failed';
