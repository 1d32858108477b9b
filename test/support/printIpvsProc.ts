import ipaddr from 'ipaddr.js';
import type { IpvsService, IpvsTable, RealServer } from '../../src/model/Ipvs.ts';

/** As the kernel prints it, blanks at the ends of lines included: parseIpvsProc reads the same again. */
export function printIpvsProc({ header, services }: IpvsTable): string {
  const lines = services.flatMap((service) => [serviceLine(service), ...service.realServers.map(realServerLine)]);
  const head =
    header === undefined
      ? []
      : [
          `IP Virtual Server version ${header.version} (size=${header.size})`,
          'Prot LocalAddress:Port Scheduler Flags',
          '  -> RemoteAddress:Port Forward Weight ActiveConn InActConn',
        ];
  return [...head, ...lines].map((line) => `${line}\n`).join('');
}

function serviceLine({ at, scheduler, onePacket, persistence }: IpvsService): string {
  const ops = onePacket ? 'ops ' : '';
  const sticky =
    persistence === undefined ? '' : ['persistent', persistence.timeout, persistence.mask ?? ''].join(' ').trimEnd();
  if (at.kind === 'mark') return `FWM  ${hex(at.mark, 8)} ${scheduler} ${ops}${sticky}`;
  const isV6 = at.address.includes(':');
  // The flag is printed of IPv4 alone, with a blank of its own.
  return `${at.protocol}  ${endText(at.address, at.port)} ${scheduler} ${isV6 ? '' : `${ops} `}${sticky}`;
}

function realServerLine({ address, port, forward, weight, connections }: RealServer): string {
  const { active, inactive } = connections ?? { active: 0, inactive: 0 };
  const columns = [forward.padEnd(7), String(weight).padEnd(6), String(active).padEnd(10), String(inactive).padEnd(10)];
  return `  -> ${endText(address, port)}      ${columns.join(' ')}`;
}

function endText(address: string, port: number): string {
  const parsed = ipaddr.parse(address);
  const host =
    parsed instanceof ipaddr.IPv6
      ? `[${parsed.parts.map((part) => part.toString(16).padStart(4, '0')).join(':')}]`
      : parsed
          .toByteArray()
          .map((byte) => hex(byte, 2))
          .join('');
  return `${host}:${hex(port, 4)}`;
}

const hex = (value: number, digits: number): string => value.toString(16).toUpperCase().padStart(digits, '0');
