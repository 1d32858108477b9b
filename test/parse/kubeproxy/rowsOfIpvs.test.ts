import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isKnown, missing } from '../../../src/model/Fact.ts';
import type { ProxyRow, ProxyTable } from '../../../src/model/lb/ProxyTable.ts';
import type { RawAnswer, RawNode } from '../../../src/model/raw.ts';
import { parseIpsetSave } from '../../../src/parse/ipset/ipsetSave.ts';
import { parseIpvsadm } from '../../support/ipvsadm.ts';
import { parseIpvsProc } from '../../../src/parse/ipvs/parseIpvsProc.ts';
import { type IpvsInput, rowsOfIpvs } from '../../../src/parse/kubeproxy/rowsOfIpvs.ts';
import { readNodeFacts } from '../../../src/parse/readNodeFacts.ts';
import { valueOf } from '../recorded.ts';
import { aFrontendKey } from '../../support/keys.ts';

// None of it is recorded of kube-proxy: the virtual servers follow the kernel's format, the sets and the rules what
// kube-proxy's sources make of Services; the rules were printed by iptables itself.
const rules = readFileSync(join(import.meta.dirname, '..', '..', 'fixtures', 'rules', 'ipvs-mode.txt'), 'utf8');

const address = (dotted: string): string =>
  dotted
    .split('.')
    .map((part) => Number(part).toString(16).padStart(2, '0').toUpperCase())
    .join('');
const end = (text: string): string => {
  const [host = '', port = ''] = text.split(':');
  return `${address(host)}:${Number(port).toString(16).padStart(4, '0').toUpperCase()}`;
};
/** As /proc/net/ip_vs has them. @param weights real servers with their weights */
const server = (protocol: string, frontend: string, weights: Readonly<Record<string, number>>, flags = ''): string =>
  [
    `${protocol}  ${end(frontend)} rr  ${flags}`,
    ...Object.entries(weights).map(
      ([real, weight]) => `  -> ${end(real)}      Masq    ${String(weight).padEnd(6)} 0          0         `,
    ),
    '',
  ].join('\n');

const proc = [
  server('TCP', '10.96.0.1:443', { '172.30.0.1:6443': 1 }),
  server('UDP', '10.96.0.10:53', { '10.244.0.5:53': 1, '10.244.1.6:53': 1, '10.244.1.7:53': 0 }),
  server('TCP', '10.96.7.7:80', {}),
  server('TCP', '10.96.7.8:80', { '10.244.0.5:8080': 0 }),
  server('TCP', '10.96.7.9:80', { '10.244.0.5:8080': 1 }, 'persistent 2700000 FFFFFFFF'),
  server('TCP', '198.51.100.1:80', { '10.244.0.5:8080': 1 }),
  server('TCP', '198.51.100.2:80', { '10.244.0.5:8080': 1 }),
  server('TCP', '203.0.113.9:80', { '10.244.0.5:8080': 1 }),
  server('TCP', '172.30.0.11:31080', { '10.244.0.5:8080': 1 }),
  server('TCP', '172.30.0.11:31081', { '10.244.0.5:8080': 1 }),
  server('TCP', '127.0.0.1:31080', { '10.244.0.5:8080': 1 }),
  // keepalived's, on an address of the node; and one on an address that nobody has.
  server('TCP', '172.30.0.11:6443', { '172.30.0.1:6443': 1 }),
  server('TCP', '192.0.2.99:80', { '10.0.0.1:80': 1 }),
].join('');

const sets = `create KUBE-CLUSTER-IP hash:ip,port family inet hashsize 1024 maxelem 65536
add KUBE-CLUSTER-IP 10.96.0.1,tcp:443
add KUBE-CLUSTER-IP 10.96.0.10,udp:53
add KUBE-CLUSTER-IP 10.96.7.7,tcp:80
add KUBE-CLUSTER-IP 10.96.7.8,tcp:80
add KUBE-CLUSTER-IP 10.96.7.9,tcp:80
create KUBE-LOAD-BALANCER hash:ip,port family inet hashsize 1024 maxelem 65536
add KUBE-LOAD-BALANCER 198.51.100.1,tcp:80
add KUBE-LOAD-BALANCER 198.51.100.2,tcp:80
create KUBE-LOAD-BALANCER-LOCAL hash:ip,port family inet hashsize 1024 maxelem 65536
add KUBE-LOAD-BALANCER-LOCAL 198.51.100.2,tcp:80
create KUBE-LOAD-BALANCER-FW hash:ip,port family inet hashsize 1024 maxelem 65536
add KUBE-LOAD-BALANCER-FW 198.51.100.1,tcp:80
create KUBE-LOAD-BALANCER-SOURCE-CIDR hash:ip,port,net family inet hashsize 1024 maxelem 65536
add KUBE-LOAD-BALANCER-SOURCE-CIDR 198.51.100.1,tcp:80,192.0.2.0/24
add KUBE-LOAD-BALANCER-SOURCE-CIDR 198.51.100.1,tcp:80,192.0.3.7
create KUBE-EXTERNAL-IP hash:ip,port family inet hashsize 1024 maxelem 65536
add KUBE-EXTERNAL-IP 203.0.113.9,tcp:80
create KUBE-NODE-PORT-TCP bitmap:port range 0-65535
add KUBE-NODE-PORT-TCP 31080
add KUBE-NODE-PORT-TCP 31081
create KUBE-NODE-PORT-LOCAL-TCP bitmap:port range 0-65535
add KUBE-NODE-PORT-LOCAL-TCP 31081
`;
const interfaces = [
  { name: 'lo', up: true, addresses: ['127.0.0.1', '::1'] },
  { name: 'eth0', up: true, addresses: ['172.30.0.11'] },
  {
    name: 'kube-ipvs0',
    up: false,
    addresses: [
      '10.96.0.1',
      '10.96.0.10',
      '10.96.7.7',
      '10.96.7.8',
      '10.96.7.9',
      '198.51.100.1',
      '198.51.100.2',
      '203.0.113.9',
    ],
  },
];
const input: IpvsInput = {
  ipvs: valueOf(parseIpvsProc(proc)),
  sets: valueOf(parseIpsetSave(sets)),
  interfaces,
  families: new Set(['ipv4']),
};
const table = rowsOfIpvs(input);

const line = ({ kind, answers, sourceRanges, onLoopback, doubt }: ProxyRow): string =>
  [
    kind,
    answers.outside.kind === 'balance' ? answers.outside.backends.join() : answers.outside.kind,
    ...(sourceRanges.length > 0 ? [`from ${sourceRanges.join()}`] : []),
    ...(onLoopback ? ['loopback'] : []),
    ...(doubt === undefined ? [] : [doubt.slice(0, 30)]),
  ].join(' | ');

describe('virtual servers of kube-proxy as rows', () => {
  it.each([
    ['10.96.0.1:443/TCP', 'ClusterIP | 172.30.0.1:6443/TCP'],
    ['10.96.0.10:53/UDP', 'ClusterIP | 10.244.0.5:53/UDP,10.244.1.6:53/UDP'],
    ['10.96.7.7:80/TCP', 'ClusterIP | reject'],
    ['10.96.7.8:80/TCP', 'ClusterIP | reject'],
    ['10.96.7.9:80/TCP', 'ClusterIP | 10.244.0.5:8080/TCP | how long clients stick to a ba'],
    ['198.51.100.1:80/TCP', 'LoadBalancer | 10.244.0.5:8080/TCP | from 192.0.2.0/24,192.0.3.7/32'],
    ['198.51.100.2:80/TCP', 'LoadBalancer | 10.244.0.5:8080/TCP | with externalTrafficPolicy Loc'],
    ['203.0.113.9:80/TCP', 'ExternalIPs | 10.244.0.5:8080/TCP'],
    ['172.30.0.11:31080/TCP', 'NodePort | 10.244.0.5:8080/TCP | loopback'],
    ['172.30.0.11:31081/TCP', 'NodePort | 10.244.0.5:8080/TCP | with externalTrafficPolicy Loc'],
  ])('%s: %s', (key, expected) => {
    const row = table?.rows.get(aFrontendKey(key));
    expect(row === undefined ? 'no row' : line(row)).toBe(expected);
  });

  it('what others have in the same table is none', () => {
    expect(table?.rows.size).toBe(10);
    expect(table).toMatchObject({ mode: 'ipvs', hooked: true, families: new Set(['ipv4']), notUnderstood: [] });
  });

  it('every client gets the same answer', () => {
    for (const { answers } of table?.rows.values() ?? []) {
      expect(answers.pod).toEqual(answers.outside);
      expect(answers.node).toEqual(answers.outside);
    }
  });

  it('without the sets no row is beyond doubt, and those on the link are still there', () => {
    const without = rowsOfIpvs({ ...input, sets: undefined });
    expect(without?.rows.size).toBe(8);
    for (const { doubt, kind } of without?.rows.values() ?? []) {
      expect(doubt).toContain('were not read');
      expect(kind).toBe('External');
    }
  });

  it('without the interfaces the sets alone tell', () => {
    expect([...(rowsOfIpvs({ ...input, interfaces: undefined })?.rows.keys() ?? [])]).toEqual([
      ...(table?.rows.keys() ?? []),
    ]);
  });

  it('an address of the link that is in no set is in doubt', () => {
    const lacking = valueOf(parseIpsetSave(sets.replace('add KUBE-EXTERNAL-IP 203.0.113.9,tcp:80\n', '')));
    const row = rowsOfIpvs({ ...input, sets: lacking })?.rows.get(aFrontendKey('203.0.113.9:80/TCP'));
    expect(row && line(row)).toBe('External | 10.244.0.5:8080/TCP | the address is in none of the ');
  });

  it('what ipvsadm saved tells the seconds', () => {
    const ipvs = valueOf(
      parseIpvsadm('-A -t 10.96.7.9:80 -s rr -p 10800\n-a -t 10.96.7.9:80 -r 10.244.0.5:8080 -m -w 1\n'),
    );
    expect(rowsOfIpvs({ ...input, ipvs })?.rows.get(aFrontendKey('10.96.7.9:80/TCP'))).toMatchObject({
      affinityTimeout: 10_800,
      doubt: undefined,
    });
  });

  it('IPv6: sets have names of their own, one of them cut', () => {
    const ipvs = valueOf(
      parseIpvsadm(
        '-A -t [2001:db8::1]:80 -s rr\n-a -t [2001:db8::1]:80 -r [fd00::5]:8080 -m -w 1\n-A --sctp-service [fd00::b]:31090 -s rr\n',
      ),
    );
    const six = valueOf(
      parseIpsetSave(
        `create KUBE-6-LOAD-BALANCER hash:ip,port family inet6
add KUBE-6-LOAD-BALANCER 2001:db8::1,tcp:80
create KUBE-6-LOAD-BALANCER-FW hash:ip,port family inet6
add KUBE-6-LOAD-BALANCER-FW 2001:db8::1,tcp:80
create KUBE-6-LOAD-BALANCER-SOURCE-CID hash:ip,port,net family inet6
add KUBE-6-LOAD-BALANCER-SOURCE-CID 2001:db8::1,tcp:80,2001:db8:1::/48
create KUBE-6-NODE-PORT-SCTP-HASH hash:ip,port family inet6
add KUBE-6-NODE-PORT-SCTP-HASH fd00::b,sctp:31090
`,
      ),
    );
    const rows = rowsOfIpvs({ ipvs, sets: six, interfaces: undefined, families: new Set() })?.rows;
    expect([...(rows ?? [])].map(([key, row]) => `${key} ${line(row)}`)).toEqual([
      '[2001:db8::1]:80/TCP LoadBalancer | [fd00::5]:8080/TCP | from 2001:db8:1::/48',
      '[fd00::b]:31090/SCTP NodePort | reject',
    ]);
  });

  it('of a node where only others use IPVS: none', () => {
    const foreign = { ...input, interfaces: interfaces.slice(0, 2), sets: [], families: new Set<never>() };
    expect(rowsOfIpvs(foreign)).toBeUndefined();
    expect(rowsOfIpvs({ ...foreign, sets: undefined })).toBeUndefined();
  });
});

const said = (text: string): RawAnswer => ({ text, stderr: '', exitCode: 0, command: 'cat /proc/net/ip_vs' });

describe('as what kube-proxy does on the node', () => {
  const addresses = said(
    JSON.stringify(
      interfaces.map(({ name, addresses: own }) => ({
        ifname: name,
        flags: ['UP'],
        addr_info: own.map((local) => ({ local })),
      })),
    ),
  );
  const answers = {
    iptablesNft: said(rules),
    ip6tablesNft: said(''),
    iptablesLegacy: said(''),
    ip6tablesLegacy: said(''),
    ipvs: said(proc),
    ipsetSave: said(sets),
    addresses,
  };
  const factOf = (changed: RawNode['answers'], kubeProxyPod?: string) =>
    readNodeFacts({ name: 'n1', answers: { ...answers, ...changed } }, { kubeProxyPod }).proxyTable;
  const expectTable = (fact: ReturnType<typeof factOf>, expected: ProxyTable | undefined): void => {
    expect(isKnown(fact) ? fact.value : fact).toEqual(expected);
  };

  it('by the agent, and by the pod, whose rules say which mode it is', () => {
    expectTable(factOf({}), table);
    expectTable(
      factOf({ proxyIptables: said(rules), proxyIp6tables: said(''), proxyNft: said('{"nftables": []}') }, 'p'),
      table,
    );
  });

  it('what shows the servers was not read: so nobody knows', () => {
    const why = missing('timeout', 'too slow');
    expect(factOf({ ipvs: why })).toEqual(why);
    expect(factOf({ ipsetSave: why, addresses: why })).toEqual(why);
  });

  it('servers that are left without any rule still take connections', () => {
    const fact = factOf({ iptablesNft: said('') });
    expect(fact).toMatchObject({ value: { mode: 'ipvs', hooked: true } });
  });

  it('rules of the mode iptables come before servers that are left', () => {
    const save = readFileSync(
      join(import.meta.dirname, '..', '..', 'fixtures', 'kubeproxy', 'shop', 'n1', 'iptables-save.txt'),
      'utf8',
    );
    expect(factOf({ iptablesNft: said(save) })).toMatchObject({ value: { mode: 'iptables' } });
  });

  it('rules of both modes at once, in two backends, are none', () => {
    const save = readFileSync(
      join(import.meta.dirname, '..', '..', 'fixtures', 'kubeproxy', 'shop', 'n1', 'iptables-save.txt'),
      'utf8',
    );
    expect(factOf({ iptablesLegacy: said(save) })).toMatchObject({
      missing: 'unparsed',
      detail: expect.stringContaining('IPVS'),
    });
  });
});

it('takes any table', () => {
  const word = fc.constantFrom(
    'KUBE-CLUSTER-IP',
    'KUBE-NODE-PORT-TCP',
    '10.96.0.1,tcp:443',
    '31080',
    ',',
    'x',
    '::1,udp:1,::/0',
    '10.96.0.1,tcp:443,10.0.0.0/99',
  );
  const ipset = fc.record({
    name: word,
    type: word,
    options: fc.constant(''),
    members: fc.array(fc.record({ element: word, options: fc.constant('') })),
  });
  fc.assert(
    fc.property(fc.array(ipset), fc.array(fc.constantFrom('10.96.0.1', '', 'x', '::1')), (all, addresses) => {
      const any = rowsOfIpvs({ ...input, sets: all, interfaces: [{ name: 'kube-ipvs0', up: true, addresses }] });
      return any === undefined || any.mode === 'ipvs';
    }),
  );
});
