import { canonicalAddress } from '../model/lb/address.ts';
import type { UdpEnd, UdpTranslation, UdpTranslations } from '../model/UdpTranslation.ts';
import { type Parsed, parsed, unparsed } from './Parsed.ts';
import { excerptOf, linesOf } from './text.ts';

/**
 * UDP lines of /proc/net/nf_conntrack, as knowledge/conntrackScript.ts chooses them: both directions of an entry, the
 * reply's source being where the client's packets really go (linux: net/netfilter/nf_conntrack_standalone.c).
 */
export function parseConntrack(text: string): Parsed<UdpTranslations> {
  const entries: UdpTranslation[] = [];
  let left = 0;
  for (const line of linesOf(text)) {
    if (line === '') continue;
    const more = /^left (\d+)$/.exec(line)?.[1];
    if (more !== undefined) {
      left = Number(more);
      continue;
    }
    const entry = entryOf(line);
    if (entry === undefined) return unparsed(`a line of /proc/net/nf_conntrack: ${excerptOf(line)}`);
    entries.push(entry);
  }
  return parsed({ entries, left });
}

const pattern =
  /^ipv[46]\s+\d+ udp\s+\d+ (\d+) .*?src=(\S+) dst=(\S+) sport=(\d+) dport=(\d+) .*?src=(\S+) dst=\S+ sport=(\d+) dport=\d+ /;

function entryOf(line: string): UdpTranslation | undefined {
  const [, seconds, client = '', to = '', clientPort, toPort, from = '', fromPort] = pattern.exec(line) ?? [];
  const destination = endOf(to, toPort);
  const backend = endOf(from, fromPort);
  const source = endOf(client, clientPort);
  if (destination === undefined || backend === undefined || source === undefined) return undefined;
  return {
    client: `${source.address.includes(':') ? `[${source.address}]` : source.address}:${source.port}`,
    destination,
    backend,
    replied: !line.includes(' [UNREPLIED] '),
    secondsLeft: Number(seconds),
  };
}

function endOf(text: string, port: string | undefined): UdpEnd | undefined {
  const address = canonicalAddress(text);
  return address === undefined || port === undefined ? undefined : { address, port: Number(port) };
}
