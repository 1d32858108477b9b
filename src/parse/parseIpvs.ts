import ipaddr from 'ipaddr.js';
import type { VirtualServer } from '../model/NodeFacts.ts';
import { type Parsed, parsed, unparsed } from './Parsed.ts';
import { excerptOf, linesOf } from './text.ts';

/**
 * /proc/net/ip_vs, where addresses and ports are hexadecimal: `TCP  0A600001:01BB rr`, `TCP  [2001:0db8:…]:0050 rr`, with
 * a line `  -> …` for each destination (linux: net/netfilter/ipvs/ip_vs_ctl.c). No file, so no text: no virtual server.
 * Servers by firewall mark have no address and are none of kube-proxy's; they are left out.
 */
export function parseIpvs(text: string): Parsed<readonly VirtualServer[]> {
  const servers: { protocol: string; address: string; port: number; destinations: number }[] = [];
  let marked = false;
  for (const line of linesOf(text)) {
    if (line.trim() === '' || /^(?:IP Virtual Server|Prot |\s*-> RemoteAddress)/.test(line)) continue;
    if (/^\s+-> /.test(line)) {
      const server = servers.at(-1);
      if (server !== undefined && !marked) server.destinations++;
      continue;
    }
    marked = /^FWM\s/.test(line);
    if (marked) continue;
    const [, protocol = '', v4, v6 = '', port = ''] =
      /^(TCP|UDP|SCTP)\s+(?:([0-9A-Fa-f]{8})|\[([0-9A-Fa-f:.]+)\]):([0-9A-Fa-f]{4})\b/.exec(line) ?? [];
    const address = v4 === undefined ? v6 : dotted(v4);
    if (protocol === '' || !ipaddr.isValid(address)) return unparsed(`a line of /proc/net/ip_vs: ${excerptOf(line)}`);
    const canonical = ipaddr.parse(address);
    servers.push({
      protocol,
      address: canonical instanceof ipaddr.IPv6 ? canonical.toRFC5952String() : canonical.toString(),
      port: Number.parseInt(port, 16),
      destinations: 0,
    });
  }
  return parsed(servers);
}

const dotted = (hex: string): string => [0, 2, 4, 6].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)).join('.');
