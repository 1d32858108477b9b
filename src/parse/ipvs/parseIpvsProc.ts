import ipaddr from 'ipaddr.js';
import type { IpvsFrontend, IpvsPersistence, IpvsService, IpvsTable, RealServer } from '../../model/Ipvs.ts';
import { canonicalAddress } from '../../model/lb/address.ts';
import { type Parsed, parsed, unparsed } from '../Parsed.ts';
import { excerptOf, linesOf } from '../text.ts';

/**
 * /proc/net/ip_vs, where addresses and ports are hexadecimal: `TCP 0A600001:01BB rr `, `TCP [fd00:…]:0050 rr `, with a
 * line ` -> …` for each real server (linux: net/netfilter/ipvs/ip_vs_ctl.c, ip_vs_info_seq_show). No file, so no text:
 * no virtual server. The file has no end mark: that lines are lacking at its end can't be seen, half of a line can.
 */
export function parseIpvsProc(text: string): Parsed<IpvsTable> {
  if (text.trim() === '') return parsed({ header: undefined, services: [] });
  let header: IpvsTable['header'];
  const services: (IpvsService & { readonly realServers: RealServer[] })[] = [];
  for (const line of linesOf(text)) {
    const [, version, size] = /^IP Virtual Server version (\S+) \(size=(\d+)\)$/.exec(line) ?? [];
    if (version !== undefined) {
      header = { version, size: Number(size) };
      continue;
    }
    if (line.trim() === '' || line.startsWith('Prot LocalAddress:Port') || line.startsWith('  -> RemoteAddress:Port'))
      continue;
    const real = realServerOf(line);
    const service = real === undefined ? serviceOf(line) : undefined;
    const last = services.at(-1);
    if (service !== undefined) services.push(service);
    else if (real !== undefined && last !== undefined) last.realServers.push(real);
    else return unparsed(`a line of /proc/net/ip_vs: ${excerptOf(line)}`);
  }
  return text.endsWith('\n') ? parsed({ header, services }) : unparsed('it was cut: its last line has no end');
}

function serviceOf(line: string): (IpvsService & { readonly realServers: RealServer[] }) | undefined {
  const [protocol = '', where = '', scheduler, ...flags] = line.split(' ').filter((word) => word !== '');
  const at = frontendOf(protocol, where);
  const persistence = persistenceOf(flags);
  if (at === undefined || scheduler === undefined || persistence === 'odd') return undefined;
  return { at, scheduler, onePacket: flags[0] === 'ops', persistence, others: '', realServers: [] };
}

function frontendOf(protocol: string, where: string): IpvsFrontend | undefined {
  if (protocol === 'FWM') {
    return /^[0-9A-F]{8}$/.test(where)
      ? { kind: 'mark', mark: Number.parseInt(where, 16), family: undefined }
      : undefined;
  }
  if (!/^(?:TCP|UDP|SCTP|ICMP|ICMPv6|IP_\d+)$/.test(protocol)) return undefined;
  const end = endOf(where);
  return end === undefined ? undefined : { kind: 'address', protocol, ...end };
}

function persistenceOf(flags: readonly string[]): IpvsPersistence | undefined | 'odd' {
  const rest = flags[0] === 'ops' ? flags.slice(1) : flags;
  if (rest.length === 0) return undefined;
  const [word, timeout = '', mask] = rest;
  const isWhole = word === 'persistent' && /^\d+$/.test(timeout) && (mask === undefined || /^[0-9A-F]{8}$/.test(mask));
  return isWhole && rest.length <= 3 ? { timeout: Number(timeout), unit: 'ticks', mask } : 'odd';
}

function realServerOf(line: string): RealServer | undefined {
  const [, where = '', forward = '', weight, active, inactive] =
    /^ {2}-> (\S+) +(\S+) +(-?\d+) +(-?\d+) +(-?\d+) *$/.exec(line) ?? [];
  const end = endOf(where);
  if (end === undefined || inactive === undefined) return undefined;
  const connections = { active: Number(active), inactive: Number(inactive) };
  return { ...end, forward, weight: Number(weight), connections, others: '' };
}

/** `0A600001:01BB`, `[fd00:0000:0000:0000:0000:0000:0000:000a]:1F90`. */
function endOf(text: string): { readonly address: string; readonly port: number } | undefined {
  const [, v4, v6 = '', port = ''] = /^(?:([0-9A-Fa-f]{8})|\[([0-9A-Fa-f:.]+)\]):([0-9A-Fa-f]{4})$/.exec(text) ?? [];
  // An address of IPv4 within one of IPv6 stays one of IPv6, as the kernel has it.
  const address =
    v4 === undefined
      ? ipaddr.IPv6.isValid(v6)
        ? ipaddr.IPv6.parse(v6).toRFC5952String()
        : undefined
      : canonicalAddress(dotted(v4));
  return address === undefined ? undefined : { address, port: Number.parseInt(port, 16) };
}

const dotted = (hex: string): string => [0, 2, 4, 6].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)).join('.');
