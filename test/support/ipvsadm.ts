import type { IpvsFrontend, IpvsPersistence, IpvsService, IpvsTable, RealServer } from '../../src/model/Ipvs.ts';
import { bracketed, canonicalAddress } from '../../src/model/lb/address.ts';
import { type Parsed, parsed, unparsed } from '../../src/parse/Parsed.ts';
import { excerptOf, linesOf } from '../../src/parse/text.ts';

/**
 * `ipvsadm -Sn`, a line `-A` for each service and `-a` for each of its real servers (ipvsadm 1.31:
 * print_service_entry). It has no end mark: that lines are lacking at its end can't be seen, half of a line can.
 */
export function parseIpvsadm(text: string): Parsed<IpvsTable> {
  if (text.trim() === '') return parsed({ header: undefined, services: [] });
  const services: (IpvsService & { readonly realServers: RealServer[] })[] = [];
  for (const line of linesOf(text)) {
    if (line === '') continue;
    const [, kind, where = '', rest = ''] =
      /^-([Aa]) ((?:-t|-u|--sctp-service) \S+|-f \d+(?: -6)?) (.+)$/.exec(line) ?? [];
    const last = services.at(-1);
    const service = kind === 'A' ? serviceOf(where, rest) : undefined;
    const real = kind === 'a' && last !== undefined && whereText(last.at) === where ? realServerOf(rest) : undefined;
    if (service !== undefined) services.push(service);
    else if (real !== undefined) last?.realServers.push(real);
    else return unparsed(`a line that ipvsadm -S does not print: ${excerptOf(line)}`);
  }
  return text.endsWith('\n')
    ? parsed({ header: undefined, services })
    : unparsed('it was cut: its last line has no end');
}

/** parseIpvsadm reads the same again. */
export const printIpvsadm = ({ services }: IpvsTable): string =>
  services
    .map((service) =>
      [serviceLine(service), ...service.realServers.map((real) => realLine(service, real))]
        .map((line) => `${line}\n`)
        .join(''),
    )
    .join('');

const options = { TCP: '-t', UDP: '-u', SCTP: '--sctp-service' } as const;

function serviceOf(where: string, rest: string): (IpvsService & { readonly realServers: RealServer[] }) | undefined {
  const at = frontendOf(where);
  const [, scheduler, timeout, mask, engine = '', ops, flags = ''] =
    /^-s (\S+)(?: -p (\d+)(?: -M (\S+))?)?( --pe \S+)?( -o)?( -b \S+)?$/.exec(rest) ?? [];
  if (at === undefined || scheduler === undefined) return undefined;
  const persistence: IpvsPersistence | undefined =
    timeout === undefined ? undefined : { timeout: Number(timeout), unit: 'seconds', mask };
  const others = `${engine}${flags}`.trimStart();
  return { at, scheduler, onePacket: ops !== undefined, persistence, others, realServers: [] };
}

function frontendOf(where: string): IpvsFrontend | undefined {
  const [option, text = '', six] = where.split(' ');
  if (option === '-f') return { kind: 'mark', mark: Number(text), family: six === undefined ? 'ipv4' : 'ipv6' };
  const [protocol] = Object.entries(options).find(([, own]) => own === option) ?? [];
  const end = endOf(text);
  return protocol === undefined || end === undefined ? undefined : { kind: 'address', protocol, ...end };
}

function realServerOf(rest: string): RealServer | undefined {
  const [, where = '', forward = '', weight, others = ''] = /^-r (\S+) (-[gim]) -w (\d+)((?: \S+)*)$/.exec(rest) ?? [];
  const end = endOf(where);
  if (end === undefined || weight === undefined) return undefined;
  return { ...end, forward, weight: Number(weight), connections: undefined, others: others.trimStart() };
}

function endOf(text: string): { readonly address: string; readonly port: number } | undefined {
  const [, v6, v4 = '', port] = /^(?:\[([0-9a-f:.]+)\]|([0-9.]+)):(\d{1,5})$/.exec(text) ?? [];
  const address = canonicalAddress(v6 ?? v4);
  return address === undefined ? undefined : { address, port: Number(port) };
}

function whereText(at: IpvsFrontend): string {
  if (at.kind === 'mark') return `-f ${at.mark}${at.family === 'ipv6' ? ' -6' : ''}`;
  const option = at.protocol === 'UDP' ? options.UDP : at.protocol === 'SCTP' ? options.SCTP : options.TCP;
  return `${option} ${bracketed(at.address)}:${at.port}`;
}

function serviceLine({ at, scheduler, onePacket, persistence, others }: IpvsService): string {
  const [, engine = '', flags = ''] = /^(--pe \S+)? ?(-b \S+)?$/.exec(others) ?? [];
  return [
    `-A ${whereText(at)} -s ${scheduler}`,
    ...(persistence === undefined ? [] : [`-p ${persistence.timeout}`]),
    ...(persistence?.mask === undefined ? [] : [`-M ${persistence.mask}`]),
    ...(engine === '' ? [] : [engine]),
    ...(onePacket ? ['-o'] : []),
    ...(flags === '' ? [] : [flags]),
  ].join(' ');
}

const realLine = ({ at }: IpvsService, { address, port, forward, weight, others }: RealServer): string =>
  `-a ${whereText(at)} -r ${bracketed(address)}:${port} ${forward} -w ${weight}${others === '' ? '' : ` ${others}`}`;
