import type { DnsProbe } from '../model/NodeFacts.ts';
import type { Parsed } from './Parsed.ts';
import { parseProbes } from './parseProbes.ts';
import { excerptOf } from './text.ts';

/**
 * A line for each server: `<clusterIP|endpoint> <UDP|TCP> <server> <port> <answered|timeout|refused|badAnswer>
 * <rest>`. The rest of `answered` is the answer's first bytes in hex, as od prints them (without TCP's length); whether
 * they are an answer is told here.
 */
export const parseDnsProbe = (text: string): Parsed<readonly DnsProbe[]> => parseProbes(text, probeOf);

function probeOf(line: string): DnsProbe | undefined {
  const [, via, protocol, server = '', port, word = '', rest = ''] =
    /^(clusterIP|endpoint) (UDP|TCP) (\S+) (\d{1,5}) (\w+) ?(.*)$/.exec(line) ?? [];
  if ((via !== 'clusterIP' && via !== 'endpoint') || (protocol !== 'UDP' && protocol !== 'TCP')) return undefined;
  const outcome = outcomeOf(word, rest.trim());
  return outcome && { server, port: Number(port), via, protocol, ...outcome };
}

function outcomeOf(word: string, rest: string): Judged | undefined {
  switch (word) {
    case 'answered':
      return judge(rest.replaceAll(' ', ''));
    case 'timeout':
    case 'refused':
    case 'badAnswer':
      return { outcome: word, detail: excerptOf(rest) };
    default:
      return undefined;
  }
}

type Judged = Pick<DnsProbe, 'outcome' | 'detail' | 'rcode'>;

const bad = (detail: string): Judged => ({ outcome: 'badAnswer', detail });

/** The id that the query bears. */
const queryId = '4b50';

/** The header of a message (RFC 1035 §4.1.1): id, the bit for an answer, and in the fourth byte the response code. */
function judge(hex: string): Judged {
  const [, id, flags = '', code = ''] = /^([0-9a-f]{4})([0-9a-f]{2})[0-9a-f]([0-9a-f])/i.exec(hex) ?? [];
  if (id === undefined) return bad(`no DNS message: ${excerptOf(hex)}`);
  if (id.toLowerCase() !== queryId) return bad(`the answer is to another query: ${excerptOf(hex)}`);
  if ((Number.parseInt(flags, 16) & 0x80) === 0) return bad(`a query, not an answer: ${excerptOf(hex)}`);
  const number = Number.parseInt(code, 16);
  if (number === 0) return { outcome: 'answered', detail: '' };
  // In a cluster with another domain the name is not there; that the server says so is what was to be seen.
  if (number === 3) return { outcome: 'answered', detail: 'NXDOMAIN' };
  const rcode = rcodes.get(number) ?? `code ${number}`;
  return { ...bad(`the server answered ${rcode}`), rcode };
}

const rcodes: ReadonlyMap<number, string> = new Map([
  [1, 'FORMERR'],
  [2, 'SERVFAIL'],
  [4, 'NOTIMP'],
  [5, 'REFUSED'],
]);
