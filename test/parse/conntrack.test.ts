import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { NftTable } from '../../src/model/NodeFacts.ts';
import { parseConntrack } from '../../src/parse/parseConntrack.ts';
import { kubeProxysAmong, parseAllNftTables } from '../../src/parse/parseNftTables.ts';
import { valueOf, whyOf } from './recorded.ts';

const fixture = (name: string): string =>
  readFileSync(new URL(`../fixtures/kube-proxy/${name}`, import.meta.url), 'utf8');

describe('UDP connections that are translated', () => {
  test('recorded: replied, of kube-proxy', () => {
    expect(valueOf(parseConntrack(fixture('conntrack-after-kube-proxy.txt')))).toEqual({
      entries: [
        {
          client: '172.30.5.11:40054',
          destination: { address: '10.96.0.10', port: 53 },
          backend: { address: '10.244.1.82', port: 53 },
          replied: true,
          secondsLeft: 118,
        },
        {
          client: '172.30.5.11:40053',
          destination: { address: '10.96.0.10', port: 53 },
          backend: { address: '10.244.1.82', port: 53 },
          replied: true,
          secondsLeft: 86,
        },
      ],
      left: 0,
    });
  });

  test('open connections of TCP are counted by where they go; without the count nothing is known of them', () => {
    expect(valueOf(parseConntrack('tcp 2 10.96.0.1 443\ntcp 1 fd00:96::a 80\ntcp all 3\n')).tcp).toEqual({
      all: 3,
      byDestination: [
        { destination: { address: '10.96.0.1', port: 443 }, connections: 2 },
        { destination: { address: 'fd00:96::a', port: 80 }, connections: 1 },
      ],
    });
    expect(valueOf(parseConntrack('tcp all 0\n')).tcp).toEqual({ all: 0, byDestination: [] });
    expect(valueOf(parseConntrack('')).tcp).toBeUndefined();
  });

  test('recorded: with counters, never replied, IPv6, and the same address with another port', () => {
    const { entries } = valueOf(parseConntrack(fixture('conntrack-translated.txt')));
    expect(entries).toMatchObject([
      { client: '[fd00:96::a]:50214', destination: { address: 'fd00:96::a', port: 53 }, backend: { address: '::1' } },
      { destination: { address: '10.96.0.10', port: 53 }, backend: { address: '127.0.0.1', port: 5353 } },
      { destination: { address: '172.30.0.11', port: 30_053 }, backend: { address: '172.30.0.11', port: 5300 } },
    ]);
    expect(entries.every(({ replied }) => !replied)).toBe(true);
  });

  test('nothing, more than were printed, and what is no such line', () => {
    expect(valueOf(parseConntrack(''))).toEqual({ entries: [], left: 0 });
    expect(valueOf(parseConntrack('left 12\n'))).toEqual({ entries: [], left: 12 });
    expect(whyOf(parseConntrack('ipv4     2 udp      17 118 src=172.30.5.11 dst=10.96.0.10 spo'))).toContain(
      'a line of /proc/net/nf_conntrack',
    );
  });
});

const tablesIn = (text: string): readonly NftTable[] => kubeProxysAmong(valueOf(parseAllNftTables(text)));

describe('nftables tables', () => {
  test('recorded: kube-proxy’s among those of iptables', () => {
    expect(tablesIn(fixture('nft-tables-1.36.txt'))).toEqual([
      { family: 'ip', chains: undefined },
      { family: 'ip6', chains: undefined },
    ]);
  });

  test('with the number of their chains; as nft itself prints them', () => {
    expect(tablesIn('ip filter 8\nip kube-proxy 30\n')).toEqual([{ family: 'ip', chains: 30 }]);
    expect(tablesIn('table ip filter\ntable ip6 kube-proxy\n')).toEqual([{ family: 'ip6', chains: undefined }]);
  });

  test('none; others that are called alike; what is no such line', () => {
    expect(tablesIn('')).toEqual([]);
    expect(tablesIn('1 kube-proxy-2\n2 my-kube-proxy\n')).toEqual([]);
    expect(whyOf(parseAllNftTables('Error: syntax error'))).toBe('a line that is no table: Error: syntax error');
  });
});
