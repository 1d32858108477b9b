import { canonicalAddress } from '../model/lb/address.ts';
import type { TcpTranslations, UdpEnd, UdpTranslation, UdpTranslations } from '../model/UdpTranslation.ts';
import { type Parsed, parsed, unparsed } from './Parsed.ts';
import { excerptOf, linesOf } from './text.ts';

/**
 * UDP lines of /proc/net/nf_conntrack, as programs/agent/conntrack.sh chooses them: both directions of an entry, the
 * reply's source being where the client's packets really go (linux: net/netfilter/nf_conntrack_standalone.c). Open
 * connections of TCP are counted there already.
 */
export function parseConntrack(text: string): Parsed<UdpTranslations> {
  const entries: UdpTranslation[] = [];
  const byDestination: TcpTranslations['byDestination'][number][] = [];
  let left = 0;
  let all: number | undefined;
  for (const line of linesOf(text)) {
    if (line === '') continue;
    const more = /^left (\d+)$/.exec(line)?.[1];
    if (more !== undefined) {
      left = Number(more);
      continue;
    }
    const counted = /^tcp all (\d+)$/.exec(line)?.[1];
    if (counted !== undefined) {
      all = Number(counted);
      continue;
    }
    const connections = connectionsOf(line);
    if (connections !== undefined) {
      byDestination.push(connections);
      continue;
    }
    const entry = entryOf(line);
    if (entry === undefined) return unparsed(`a line of /proc/net/nf_conntrack: ${excerptOf(line)}`);
    entries.push(entry);
  }
  return parsed({ entries, left, ...(all !== undefined && { tcp: { all, byDestination } }) });
}

/** `tcp 3 10.96.0.1 443` */
function connectionsOf(line: string): TcpTranslations['byDestination'][number] | undefined {
  const [, connections, address = '', port] = /^tcp (\d+) (\S+) (\d+)$/.exec(line) ?? [];
  const destination = endOf(address, port);
  return destination === undefined ? undefined : { destination, connections: Number(connections) };
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
