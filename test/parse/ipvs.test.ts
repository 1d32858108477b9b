import { parseIpvs } from '../support/parseTexts.ts';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseIpvsadm, printIpvsadm } from '../support/ipvsadm.ts';
import { parseIpvsProc } from '../../src/parse/ipvs/parseIpvsProc.ts';
import { printIpvsProc } from '../support/printIpvsProc.ts';
import { valueOf, whyOf } from './recorded.ts';

// Not recorded: written after the formats of ip_vs_info_seq_show (linux: net/netfilter/ipvs/ip_vs_ctl.c),
// blanks included.
const proc = [
  'IP Virtual Server version 1.2.1 (size=4096)',
  'Prot LocalAddress:Port Scheduler Flags',
  '  -> RemoteAddress:Port Forward Weight ActiveConn InActConn',
  'TCP  0A600001:01BB rr  ',
  '  -> AC1E0001:192B      Masq    1      3          12        ',
  'UDP  0A60000A:0035 rr ops  persistent 2700000 FFFFFFFF',
  '  -> 0AF400C6:0035      Masq    1      0          0         ',
  '  -> 0AF401C6:0035      Masq    0      0          0         ',
  'TCP  [fd00:0000:0000:0000:0000:0000:0000:000a]:1F90 wlc persistent 10800 80000000',
  '  -> [fd00:0000:0000:0000:0000:0000:0000:00ff]:0050      Masq    1      0          0         ',
  'FWM  00000128 rr ',
  '  -> 0AF401C6:0000      Route   1      0          0         ',
  '',
].join('\n');

// Not recorded: written after the formats of print_service_entry in ipvsadm 1.31.
const saved = [
  '-A -t 10.96.0.1:443 -s rr',
  '-a -t 10.96.0.1:443 -r 172.30.0.1:6443 -m -w 1',
  '-A -u 10.96.0.10:53 -s rr -p 10800 -M 255.255.255.0 -o',
  '-a -u 10.96.0.10:53 -r 10.244.0.198:53 -m -w 1',
  '-a -u 10.96.0.10:53 -r 10.244.1.198:53 -m -w 0',
  '-A --sctp-service [fd00::a]:8080 -s sh -p 300 -M 64 --pe sip -b flag-1',
  '-a --sctp-service [fd00::a]:8080 -r [fd00::ff]:80 -i -w 1 --tun-type gue --tun-port 6080 --tun-nocsum',
  '-A -f 296 -s rr',
  '-A -f 297 -6 -s rr',
  '-a -f 297 -6 -r [fd00::ff]:0 -g -w 1',
  '',
].join('\n');

describe('/proc/net/ip_vs', () => {
  test('what it says', () => {
    const { header, services } = valueOf(parseIpvsProc(proc));
    expect(header).toEqual({ version: '1.2.1', size: 4096 });
    expect(services).toMatchObject([
      { at: { kind: 'address', protocol: 'TCP', address: '10.96.0.1', port: 443 }, scheduler: 'rr', onePacket: false },
      {
        at: { kind: 'address', protocol: 'UDP', address: '10.96.0.10', port: 53 },
        onePacket: true,
        persistence: { timeout: 2_700_000, unit: 'ticks', mask: 'FFFFFFFF' },
        realServers: [
          { address: '10.244.0.198', port: 53, forward: 'Masq', weight: 1 },
          { address: '10.244.1.198', port: 53, weight: 0 },
        ],
      },
      { at: { kind: 'address', protocol: 'TCP', address: 'fd00::a', port: 8080 }, scheduler: 'wlc' },
      { at: { kind: 'mark', mark: 296 }, realServers: [{ port: 0, forward: 'Route' }] },
    ]);
    expect(services[0]?.realServers[0]?.connections).toEqual({ active: 3, inactive: 12 });
  });

  test('is printed as it was', () => {
    expect(printIpvsProc(valueOf(parseIpvsProc(proc)))).toBe(proc);
  });

  test('the virtual servers alone: those with an address', () => {
    expect(valueOf(parseIpvs(proc)).map(({ address, destinations }) => [address, destinations])).toEqual([
      ['10.96.0.1', 1],
      ['10.96.0.10', 2],
      ['fd00::a', 1],
    ]);
  });

  test('half a line is noticed', () => {
    for (let at = 1; at < proc.length; at++) {
      if (proc[at - 1] !== '\n') expect(parseIpvsProc(proc.slice(0, at)).ok).toBe(proc.slice(0, at).trim() === '');
    }
  });

  test.each([
    ['a real server without a virtual one', '  -> AC1E0001:192B      Masq    1      0          0         \n'],
    ['an address that is none', 'TCP  0A6000:01BB rr  \n'],
    ['no scheduler', 'TCP  0A600001:01BB\n'],
    ['a flag that is not known', 'TCP  0A600001:01BB rr  sticky 5\n'],
    ['a mark that is none', 'FWM  xyz rr \n'],
    ['a complaint', 'cat: permission denied\n'],
    ['a line of ipvsadm -Ln', 'TCP  10.96.0.1:443 rr\n'],
  ])('%s', (_, text) => {
    expect(whyOf(parseIpvsProc(text))).toContain('a line of /proc/net/ip_vs');
  });
});

describe('ipvsadm -Sn', () => {
  test('what it says', () => {
    const { services } = valueOf(parseIpvsadm(saved));
    expect(services).toMatchObject([
      {
        at: { protocol: 'TCP', address: '10.96.0.1', port: 443 },
        realServers: [{ address: '172.30.0.1', forward: '-m' }],
      },
      {
        at: { protocol: 'UDP' },
        onePacket: true,
        persistence: { timeout: 10_800, unit: 'seconds', mask: '255.255.255.0' },
        realServers: [{ weight: 1 }, { weight: 0 }],
      },
      { at: { protocol: 'SCTP', address: 'fd00::a' }, scheduler: 'sh', others: '--pe sip -b flag-1' },
      { at: { kind: 'mark', mark: 296, family: 'ipv4' }, realServers: [] },
      { at: { kind: 'mark', mark: 297, family: 'ipv6' } },
    ]);
  });

  test('is printed as it was', () => {
    expect(printIpvsadm(valueOf(parseIpvsadm(saved)))).toBe(saved);
  });

  test('half a line is noticed', () => {
    for (let at = 1; at < saved.length; at++) {
      if (saved[at - 1] !== '\n') expect(parseIpvsadm(saved.slice(0, at)).ok).toBe(false);
    }
  });

  test.each([
    ['a real server of another service', '-A -t 10.0.0.1:80 -s rr\n-a -t 10.0.0.2:80 -r 10.1.1.1:80 -m -w 1\n'],
    ['a real server without a service', '-a -t 10.0.0.2:80 -r 10.1.1.1:80 -m -w 1\n'],
    ['names instead of numbers', '-A -t web:http -s rr\n'],
    ['an option that is not known', '-A -t 10.0.0.1:80 -s rr --new 1\n'],
    ['a list', 'IP Virtual Server version 1.2.1 (size=4096)\n'],
  ])('%s', (_, text) => {
    expect(whyOf(parseIpvsadm(text))).toContain('a line that ipvsadm -S does not print');
  });
});

test('nothing at all is no virtual server', () => {
  for (const parse of [parseIpvsProc, parseIpvsadm]) expect(valueOf(parse('\n'))).toMatchObject({ services: [] });
});

const number = (max: number) => fc.nat({ max });
const address = fc.oneof(fc.ipV4(), fc.constantFrom('fd00::1', '::1', '::ffff:10.0.0.1', '2001:db8::a:0:0:1', '::'));
const table = fc.record({
  header: fc.constant({ version: '1.2.1', size: 4096 }),
  services: fc.array(
    fc.record({
      at: fc.oneof(
        fc.record({
          kind: fc.constant('address' as const),
          protocol: fc.constantFrom('TCP', 'UDP', 'SCTP'),
          address: fc.ipV4(),
          port: number(65_535),
        }),
        fc.record({ kind: fc.constant('mark' as const), mark: number(2 ** 31 - 1), family: fc.constant(undefined) }),
      ),
      scheduler: fc.constantFrom('rr', 'wrr', 'lc', 'none'),
      onePacket: fc.boolean(),
      persistence: fc.option(
        fc.record({ timeout: number(1e9), unit: fc.constant('ticks' as const), mask: fc.constant('FFFFFF00') }),
        { nil: undefined },
      ),
      others: fc.constant(''),
      realServers: fc.array(
        fc.record({
          address: fc.ipV4(),
          port: number(65_535),
          forward: fc.constantFrom('Masq', 'Local', 'Tunnel', 'Route'),
          weight: number(100_000_000),
          connections: fc.record({ active: number(1e9), inactive: number(1e9) }),
          others: fc.constant(''),
        }),
        { maxLength: 3 },
      ),
    }),
    { maxLength: 4 },
  ),
});

test('any table is printed and read again', () => {
  fc.assert(
    fc.property(table, (ipvs) => {
      const text = printIpvsProc(ipvs);
      expect(printIpvsProc(valueOf(parseIpvsProc(text)))).toBe(text);
      expect(valueOf(parseIpvsProc(text)).services).toEqual(ipvs.services);
    }),
  );
});

test('any address of a virtual server', () => {
  fc.assert(
    fc.property(address, number(65_535), (host, port) => {
      const text = printIpvsProc({
        header: { version: '1.2.1', size: 1 },
        services: [
          {
            at: { kind: 'address', protocol: 'TCP', address: host, port },
            scheduler: 'rr',
            onePacket: false,
            persistence: undefined,
            others: '',
            realServers: [],
          },
        ],
      });
      expect(printIpvsProc(valueOf(parseIpvsProc(text)))).toBe(text);
    }),
  );
});
