import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  asFrontendsStream,
  asHealthTable,
  asListeners,
  asMapJson,
  asNodeAddressesTable,
  asStatusJson,
  asSysctlFiles,
} from '../../../src/collect/archive/adaptBugtool.ts';
import { readCommandOutput } from '../../../src/collect/archive/readCommandOutput.ts';

describe('maps as tables become what -o json prints', () => {
  it.each([
    [
      'a key for each slot (1.13 and later)',
      'SERVICE ADDRESS               BACKEND ADDRESS (REVNAT_ID) (SLOT)\n10.96.0.10:53/UDP (0)         0.0.0.0:0 (4) (0) [ClusterIP, non-routable]   \n10.96.0.10:53/UDP (1)         10.244.0.1:53/UDP (4) (1)\n',
      {
        '10.96.0.10:53/UDP (0)': ['0.0.0.0:0 (4) (0) [ClusterIP, non-routable]'],
        '10.96.0.10:53/UDP (1)': ['10.244.0.1:53/UDP (4) (1)'],
      },
    ],
    [
      'slots below their frontend (before 1.13)',
      'SERVICE ADDRESS    BACKEND ADDRESS\n10.96.0.10:53      0.0.0.0:0 (4) (0) [ClusterIP, non-routable]\n                   10.244.0.1:53 (4) (1)\n10.96.0.1:443      0.0.0.0:0 (1) (0) [ClusterIP, non-routable]\n',
      {
        '10.96.0.10:53': ['0.0.0.0:0 (4) (0) [ClusterIP, non-routable]', '10.244.0.1:53 (4) (1)'],
        '10.96.0.1:443': ['0.0.0.0:0 (1) (0) [ClusterIP, non-routable]'],
      },
    ],
    [
      'a frontend that comes twice',
      'SERVICE ADDRESS    BACKEND ADDRESS\n10.96.0.10:53      a\n10.96.0.1:443      b\n10.96.0.10:53      c\n',
      { '10.96.0.10:53': ['a', 'c'], '10.96.0.1:443': ['b'] },
    ],
    ['a header alone', 'ID   BACKEND ADDRESS (REVNAT_ID) (SLOT)\n', {}],
    ['source ranges', 'SOURCE RANGE (REVNAT_ID)   \n10.0.0.0/8 (5)             \n', { '10.0.0.0/8 (5)': null }],
    ['JSON as it is', '{"a":["b"]}', { a: ['b'] }],
  ])('%s', (_, text, json) => expect(JSON.parse(asMapJson(text))).toEqual(json));

  it('what is no table stays what it is, for the parser to name', () => {
    expect(asMapJson('Error: something new\n')).toBe('Error: something new\n');
  });
});

describe('tables of statedb', () => {
  it.each([
    ['no JSON', 'Error: no such command'],
    ['no such table, as before 1.18', '{"devices":[]}'],
    [
      'rows of another shape',
      '{"frontends":[{"Frontend":"x"}],"health":[{"Level":"OK"}],"node-addresses":[{"IP":"x"}]}',
    ],
    ['a table that is none', '{"frontends":{},"health":null,"node-addresses":7}'],
  ])('%s: nothing', (_, text) => {
    expect([asFrontendsStream(text), asHealthTable(text), asNodeAddressesTable(text)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('a message of several lines stays in its row', () => {
    const row = {
      ID: { Module: ['agent', 'x'], Component: ['job'] },
      Level: 'Degraded',
      Message: 'a\nb',
      Error: 'c\r\n d',
    };
    expect(asHealthTable(JSON.stringify({ health: [row] }))).toMatch(/^Module .*\nagent\.x +job +Degraded +a b +c d/);
  });
});

it('status comes out of the debug information, where it is in it', () => {
  expect(asStatusJson('{"cilium-status":{"cilium":{"state":"Ok"}},"endpoint-list":[]}')).toBe(
    '{"cilium":{"state":"Ok"}}',
  );
  expect(asStatusJson('{"cilium-status":null}')).toBeUndefined();
  expect(asStatusJson('')).toBeUndefined();
});

it('listeners come out of all sockets', () => {
  const text =
    'Total: 87\nTCP:   5\n\nState  Recv-Q Send-Q Local Address:Port Peer Address:Port Process\nLISTEN 0 4096 127.0.0.1:9879 0.0.0.0:* users:(("cilium-agent",pid=1,fd=58))\n\t cubic cwnd:10\nESTAB 0 0 172.30.0.11:1 172.30.0.1:6443\nLISTEN 0 4096 *:10256 *:*\n';
  expect(asListeners(text)).toBe(
    'LISTEN 0 4096 127.0.0.1:9879 0.0.0.0:* users:(("cilium-agent",pid=1,fd=58))\nLISTEN 0 4096 *:10256 *:*\n',
  );
  expect(asListeners('ss: command failed')).toBeUndefined();
});

it('takes any text', () => {
  const pieces = fc.constantFrom(
    '\n> Error while running ',
    "'x':  y\n",
    '# x\n\n```\n',
    '```\n',
    'SERVICE ADDRESS   BACKEND ADDRESS\n',
    'State \n',
    'LISTEN 0 1 ',
    '{"frontends":[{',
    '"health":[{"ID":',
    '}]}',
  );
  const text = fc.oneof(
    fc.string(),
    fc.array(fc.oneof(pieces, fc.string())).map((parts) => parts.join('')),
    fc.json(),
  );
  fc.assert(
    fc.property(text, (any) => {
      for (const adapt of [
        asStatusJson,
        asFrontendsStream,
        asHealthTable,
        asNodeAddressesTable,
        asListeners,
        asMapJson,
      ])
        adapt(any);
      expect(any).toContain(readCommandOutput(any, 'x').text);
    }),
  );
});

it('settings come out of all settings, as the files would print them', () => {
  const text =
    'net.ipv4.tcp_sack = 1\nnet.ipv4.conf.eth0/7.rp_filter = 2\nnet.ipv4.ip_local_port_range = 32768\t60999\nnet.ipv4.ip_local_reserved_ports = \n';
  expect(asSysctlFiles(text)).toBe(
    '/proc/sys/net/ipv4/conf/eth0.7/rp_filter:2\n/proc/sys/net/ipv4/ip_local_port_range:32768\t60999\n/proc/sys/net/ipv4/ip_local_reserved_ports:\n',
  );
});
