import { rowsOfNftables } from '../../support/parseTexts.ts';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ProxyRow, ProxyTable } from '../../../src/model/lb/ProxyTable.ts';
import { rowsOfIptables } from '../../../src/parse/kubeproxy/rowsOfIptables.ts';
import { parseIptablesSave } from '../../../src/parse/parseIptablesSave.ts';
import { iptablesRows, nftRows, proxyText, recordedRows } from '../../support/proxyRecordings.ts';
import { aFrontendKey } from '../../support/keys.ts';

/** One row in one line: who gets what, then what else it has. */
const line = ({ kind, answers, affinityTimeout, sourceRanges, onLoopback, doubt }: ProxyRow): string =>
  [
    kind,
    ...Object.values(answers).map((answer) => (answer.kind === 'balance' ? answer.backends.join() : answer.kind)),
    ...(affinityTimeout > 0 ? [`sticky ${affinityTimeout}`] : []),
    ...(sourceRanges.length > 0 ? [`from ${sourceRanges.join()}`] : []),
    ...(onLoopback ? ['loopback'] : []),
    ...(doubt === undefined ? [] : [doubt]),
  ].join(' | ');

const rowOf = (table: ProxyTable, key: string): string => {
  const row = table.rows.get(aFrontendKey(key));
  return row === undefined ? 'no row' : line(row);
};

const shop = '10.244.0.207:8080/TCP,10.244.0.96:8080/TCP,10.244.1.4:8080/TCP';
const feed = '10.244.0.207:5353/UDP,10.244.0.96:5353/UDP,10.244.1.4:5353/UDP';
const one = '10.244.1.152:8080/TCP';

describe.each([
  ['iptables', 'shop/n1/iptables-save.txt', '0.0.0.0', ' | loopback', 'LoadBalancer', 'ExternalIPs'],
  ['nftables', 'shop/n1/nft.json', '172.30.0.11', '', 'External', 'External'],
])('recorded, %s', (mode, file, nodeAddress, loopback, balancer, externalIP) => {
  const table = recordedRows(file);

  it('has a row for every frontend and understands every rule', () => {
    expect(table).toMatchObject({ mode, hooked: true, notUnderstood: [] });
    expect(table.rows.size).toBe(59);
    expect([...table.rows.values()].filter(({ doubt }) => doubt !== undefined)).toEqual([]);
  });

  it.each([
    ['several endpoints', '10.96.218.22:80/TCP', `ClusterIP | ${shop} | ${shop} | ${shop}`],
    ['no endpoint at all', '10.96.123.185:80/TCP', 'ClusterIP | reject | reject | reject'],
    ['internalTrafficPolicy Local without an endpoint here', '10.96.245.68:80/TCP', 'ClusterIP | drop | drop | drop'],
    ['a load balancer', '198.51.100.10:80/TCP', `${balancer} | ${shop} | ${shop} | ${shop}`],
    [
      'externalTrafficPolicy Local without an endpoint here',
      '198.51.100.11:80/TCP',
      `${balancer} | drop | ${one} | ${one}`,
    ],
    [
      'source ranges, one of them with the address of the node',
      '198.51.100.12:80/TCP',
      `LoadBalancer | ${shop} | ${shop} | ${shop} | sticky 600 | from 172.30.0.0/24,192.0.2.0/24`,
    ],
    [
      'source ranges without an endpoint here',
      '198.51.100.13:80/TCP',
      `LoadBalancer | drop | ${one} | ${one} | from 192.0.2.0/24`,
    ],
    ['an external IP', '203.0.113.20:80/TCP', `${externalIP} | ${shop} | ${shop} | ${shop}`],
    ['an external IP without an endpoint anywhere', '203.0.113.23:80/TCP', 'External | reject | reject | reject'],
  ])('%s', (_title, key, expected) => {
    expect(rowOf(table, key)).toBe(expected);
  });

  it.each([
    ['TCP of a port of both protocols', `:31108/TCP`, `NodePort | ${shop} | ${shop} | ${shop}`],
    ['UDP of it', ':31108/UDP', `NodePort | ${feed} | ${feed} | ${feed}`],
    [
      'affinity, externalTrafficPolicy Local',
      ':31081/TCP',
      `NodePort | 10.244.0.170:8080/TCP,10.244.0.192:8080/TCP${' | 10.244.0.170:8080/TCP,10.244.0.192:8080/TCP,10.244.1.99:8080/TCP'.repeat(2)} | sticky 10800`,
    ],
    ['externalTrafficPolicy Local without an endpoint here', ':31102/TCP', `NodePort | drop | ${one} | ${one}`],
    ['no endpoint at all', ':31106/TCP', 'NodePort | reject | reject | reject'],
  ])('NodePort: %s', (_title, port, expected) => {
    expect(rowOf(table, `${nodeAddress}${port}`)).toBe(`${expected}${loopback}`);
  });
});

/** Rows by their address, with one name for a node's own. */
const plain = (file: string): Map<string, unknown> =>
  new Map(
    [...recordedRows(file).rows.values()].map(({ key, answers, affinityTimeout, sourceRanges, service }) => [
      key.replace(/^(?:0\.0\.0\.0|172\.30\.0\.1[12]):/, 'node:'),
      { answers, affinityTimeout, sourceRanges, service },
    ]),
  );

it('says the same of both modes on the same cluster, apart from where NodePorts answer', () => {
  for (const node of ['n1', 'n2'])
    expect(plain(`shop/${node}/nft.json`)).toEqual(plain(`shop/${node}/iptables-save.txt`));
});

describe('settings of kube-proxy', () => {
  it('nodePortAddresses in iptables mode: rows at those addresses, for refused ports too, and none on the loopback', () => {
    const table = recordedRows('shop/n1/iptables-save-narrow.txt');
    const nodePorts = [...table.rows.values()].filter(({ kind }) => kind === 'NodePort');
    expect(nodePorts).toHaveLength(15);
    expect(new Set(nodePorts.map(({ address, onLoopback }) => `${address} ${onLoopback}`))).toEqual(
      new Set(['172.30.0.11 false']),
    );
  });

  it('all node addresses in nftables mode: still none on the loopback', () => {
    expect(rowOf(recordedRows('shop/n1/nft-all.json'), '0.0.0.0:31100/TCP')).toBe(
      `NodePort | ${shop} | ${shop} | ${shop}`,
    );
  });

  it('without clusterCIDR pods are strangers', () => {
    for (const file of ['shop/n1/iptables-save-narrow.txt', 'shop/n1/nft-all.json']) {
      const { answers } = recordedRows(file).rows.get(aFrontendKey('198.51.100.11:80/TCP')) ?? {};
      expect(answers).toEqual({
        outside: { kind: 'drop' },
        pod: { kind: 'drop' },
        node: { kind: 'balance', backends: [one] },
      });
    }
  });

  it('IPv6 without Services: kube-proxy is there, and has no rows', () => {
    expect(iptablesRows(proxyText('shop/n1/ip6tables-save.txt'), 'ipv6')).toEqual({
      mode: 'iptables',
      families: new Set(['ipv6']),
      rows: new Map(),
      hooked: true,
      notUnderstood: [],
    });
  });
});

const hook = '-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES';
const save = (nat: readonly string[], filter: readonly string[] = []): string =>
  ['*nat', ':KUBE-SERVICES - [0:0]', ...nat, 'COMMIT', '*filter', ...filter, 'COMMIT', ''].join('\n');

/** In the form of what others have published of it: no kube-proxy of that time was at hand. */
const upTo123 = (local: readonly string[]): string =>
  save([
    ':KUBE-MARK-MASQ - [0:0]',
    ':KUBE-MARK-DROP - [0:0]',
    hook,
    '-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000',
    '-A KUBE-SERVICES ! -s 10.244.0.0/16 -d 10.96.0.7/32 -p tcp -m comment --comment "a/b: cluster IP" -m tcp --dport 80 -j KUBE-MARK-MASQ',
    '-A KUBE-SERVICES -d 10.96.0.7/32 -p tcp -m comment --comment "a/b: cluster IP" -m tcp --dport 80 -j KUBE-SVC-AAAAAAAAAAAAAAAA',
    '-A KUBE-SERVICES -d 203.0.113.7/32 -p tcp -m comment --comment "a/b external IP" -m tcp --dport 80 -j KUBE-MARK-MASQ',
    '-A KUBE-SERVICES -d 203.0.113.7/32 -p tcp -m comment --comment "a/b external IP" -m tcp --dport 80 -j KUBE-SVC-AAAAAAAAAAAAAAAA',
    '-A KUBE-SERVICES -d 192.0.2.1/32 -p tcp -m comment --comment "a/b: loadbalancer IP" -m tcp --dport 80 -j KUBE-FW-AAAAAAAAAAAAAAAA',
    '-A KUBE-SERVICES -m comment --comment "kubernetes service nodeports; NOTE: this must be the last rule in this chain" -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS',
    '-A KUBE-NODEPORTS -s 127.0.0.0/8 -p tcp -m comment --comment "a/b:" -m tcp --dport 30588 -j KUBE-MARK-MASQ',
    '-A KUBE-NODEPORTS -p tcp -m comment --comment "a/b:" -m tcp --dport 30588 -j KUBE-XLB-AAAAAAAAAAAAAAAA',
    '-A KUBE-FW-AAAAAAAAAAAAAAAA -m comment --comment "a/b: loadbalancer IP" -j KUBE-XLB-AAAAAAAAAAAAAAAA',
    '-A KUBE-FW-AAAAAAAAAAAAAAAA -m comment --comment "a/b: loadbalancer IP" -j KUBE-MARK-DROP',
    '-A KUBE-XLB-AAAAAAAAAAAAAAAA -s 10.244.0.0/16 -m comment --comment "Redirect pods trying to reach external loadbalancer VIP to clusterIP" -j KUBE-SVC-AAAAAAAAAAAAAAAA',
    ...local.map((rule) => `-A KUBE-XLB-AAAAAAAAAAAAAAAA ${rule}`),
    '-A KUBE-SVC-AAAAAAAAAAAAAAAA -m comment --comment "a/b:" -m statistic --mode random --probability 0.50000000000 -j KUBE-SEP-AAAAAAAAAAAAAAAA',
    '-A KUBE-SVC-AAAAAAAAAAAAAAAA -m comment --comment "a/b:" -j KUBE-SEP-BBBBBBBBBBBBBBBB',
    '-A KUBE-SEP-AAAAAAAAAAAAAAAA -s 10.244.0.6/32 -m comment --comment "a/b:" -j KUBE-MARK-MASQ',
    '-A KUBE-SEP-AAAAAAAAAAAAAAAA -p tcp -m comment --comment "a/b:" -m tcp -j DNAT --to-destination 10.244.0.6:80',
    '-A KUBE-SEP-BBBBBBBBBBBBBBBB -p tcp -m comment --comment "a/b:" -m tcp -j DNAT --to-destination 10.244.1.6:80',
  ]);

describe('iptables rules of other versions and kinds', () => {
  it('1.24: what has no local endpoint is marked for the drop', () => {
    const table = iptablesRows(
      save([
        ':KUBE-MARK-DROP - [0:0]',
        hook,
        '-A KUBE-MARK-DROP -j MARK --set-xmark 0x8000/0x8000',
        '-A KUBE-SERVICES -d 192.0.2.1/32 -p tcp -m comment --comment "a/b:c loadbalancer IP" -m tcp --dport 80 -j KUBE-FW-AAAAAAAAAAAAAAAA',
        '-A KUBE-FW-AAAAAAAAAAAAAAAA -s 198.51.100.0/24 -m comment --comment "a/b:c loadbalancer IP" -j KUBE-EXT-AAAAAAAAAAAAAAAA',
        '-A KUBE-FW-AAAAAAAAAAAAAAAA -m comment --comment "a/b:c loadbalancer IP" -j KUBE-MARK-DROP',
        '-A KUBE-EXT-AAAAAAAAAAAAAAAA -s 10.0.0.0/8 -m comment --comment "pod traffic for a/b:c external destinations" -j KUBE-SVC-AAAAAAAAAAAAAAAA',
        '-A KUBE-EXT-AAAAAAAAAAAAAAAA -m comment --comment "route LOCAL traffic for a/b:c external destinations" -m addrtype --src-type LOCAL -j KUBE-SVC-AAAAAAAAAAAAAAAA',
        '-A KUBE-EXT-AAAAAAAAAAAAAAAA -j KUBE-SVL-AAAAAAAAAAAAAAAA',
        '-A KUBE-SVL-AAAAAAAAAAAAAAAA -m comment --comment "a/b:c has no local endpoints" -j KUBE-MARK-DROP',
        '-A KUBE-SVC-AAAAAAAAAAAAAAAA -m comment --comment "a/b:c -> 10.0.0.1:80" -j KUBE-SEP-AAAAAAAAAAAAAAAA',
        '-A KUBE-SEP-AAAAAAAAAAAAAAAA -p tcp -m comment --comment "a/b:c" -m tcp -j DNAT --to-destination 10.0.0.1:80',
      ]),
    );
    expect(rowOf(table, '192.0.2.1:80/TCP')).toBe(
      'LoadBalancer | drop | 10.0.0.1:80/TCP | 10.0.0.1:80/TCP | from 198.51.100.0/24',
    );
  });

  describe('up to 1.23: marks beside addresses, one chain for what has externalTrafficPolicy Local', () => {
    const all = '10.244.0.6:80/TCP,10.244.1.6:80/TCP';
    const here = iptablesRows(
      upTo123(['-m comment --comment "Balancing rule 0 for a/b:" -j KUBE-SEP-AAAAAAAAAAAAAAAA']),
    );
    const elsewhere = iptablesRows(upTo123(['-m comment --comment "a/b: has no local endpoints" -j KUBE-MARK-DROP']));

    it.each([
      ['10.96.0.7:80/TCP', `ClusterIP | ${all} | ${all} | ${all}`],
      ['203.0.113.7:80/TCP', `ExternalIPs | ${all} | ${all} | ${all}`],
      ['192.0.2.1:80/TCP', `LoadBalancer | 10.244.0.6:80/TCP | ${all} | 10.244.0.6:80/TCP`],
      ['0.0.0.0:30588/TCP', `NodePort | 10.244.0.6:80/TCP | ${all} | 10.244.0.6:80/TCP | loopback`],
    ])('%s', (key, expected) => {
      expect(rowOf(here, key)).toBe(expected);
      expect(here.notUnderstood).toEqual([]);
      expect(here.rows.size).toBe(4);
    });

    it('without an endpoint on the node', () => {
      expect(rowOf(elsewhere, '192.0.2.1:80/TCP')).toBe(`LoadBalancer | drop | ${all} | drop`);
      expect(rowOf(elsewhere, '0.0.0.0:30588/TCP')).toBe(`NodePort | drop | ${all} | drop | loopback`);
    });
  });

  it('comments left out, as in large clusters', () => {
    const uncommented = proxyText('shop/n1/iptables-save.txt').replace(/ -m comment --comment ("[^"]*"|\S+)/g, '');
    const [plain, full] = [iptablesRows(uncommented), recordedRows('shop/n1/iptables-save.txt')];
    expect([...plain.rows.keys()].toSorted()).toEqual([...full.rows.keys()].toSorted());
    for (const [key, { answers }] of full.rows) expect(plain.rows.get(key)?.answers).toEqual(answers);
  });

  it('pods told by their interface, IPv6', () => {
    const table = iptablesRows(
      save([
        hook,
        '-A KUBE-SERVICES -d 2001:db8::1/128 -p udp -m comment --comment "a/b external IP" -m udp --dport 53 -j KUBE-EXT-AAAAAAAAAAAAAAAA',
        '-A KUBE-EXT-AAAAAAAAAAAAAAAA -i veth+ -j KUBE-SVC-AAAAAAAAAAAAAAAA',
        '-A KUBE-SVC-AAAAAAAAAAAAAAAA -j KUBE-SEP-AAAAAAAAAAAAAAAA',
        '-A KUBE-SEP-AAAAAAAAAAAAAAAA -p udp -m udp -j DNAT --to-destination [fd00::5]:5353',
      ]),
      'ipv6',
    );
    expect(rowOf(table, '[2001:db8::1]:53/UDP')).toBe('ExternalIPs | pass | [fd00::5]:5353/UDP | pass');
  });

  it.each([
    ['a chain that is gone', [], 'there is no chain KUBE-SEP-AAAAAAAAAAAAAAAA'],
    [
      'a loop',
      ['-A KUBE-SEP-AAAAAAAAAAAAAAAA -j KUBE-SVC-AAAAAAAAAAAAAAAA'],
      'the jumps to KUBE-SVC-AAAAAAAAAAAAAAAA do not end',
    ],
    [
      'a match that is not known',
      ['-A KUBE-SEP-AAAAAAAAAAAAAAAA -p tcp -m string --hex-string "|00|" -j DNAT --to-destination 10.0.0.1:80'],
      'a match of KUBE-SEP-AAAAAAAAAAAAAAAA is not known: --hex-string',
    ],
    [
      'an endpoint by chance only',
      [
        '-A KUBE-SEP-AAAAAAAAAAAAAAAA -p tcp -m statistic --mode random --probability 0.5 -j DNAT --to-destination 10.0.0.1:80',
      ],
      'some connections leave KUBE-SVC-AAAAAAAAAAAAAAAA without a backend',
    ],
  ])('%s is a doubt about the row', (_title, rules, doubt) => {
    const table = iptablesRows(
      save([
        hook,
        '-A KUBE-SERVICES -d 10.96.0.1/32 -p tcp -m tcp --dport 443 -j KUBE-SVC-AAAAAAAAAAAAAAAA',
        '-A KUBE-SVC-AAAAAAAAAAAAAAAA -j KUBE-SEP-AAAAAAAAAAAAAAAA',
        ...rules,
      ]),
    );
    expect(table.rows.get(aFrontendKey('10.96.0.1:443/TCP'))?.doubt).toBe(doubt);
  });

  it('a rule for no address is named', () => {
    const table = iptablesRows(save([hook, '-A KUBE-SERVICES -d 10.96.0.0/16 -p tcp -m tcp --dport 80 -j KUBE-SVC-A']));
    expect(table.notUnderstood).toEqual([
      { line: expect.stringContaining('10.96.0.0/16'), why: 'no rule of kube-proxy for an address' },
    ]);
  });

  it('chains that nothing jumps to are not in effect', () => {
    const text = proxyText('shop/n1/iptables-save.txt').replace(/^\S+ -A (?:PREROUTING|OUTPUT) .*KUBE-SERVICES$/gm, '');
    expect(iptablesRows(text).hooked).toBe(false);
  });

  it.each([
    ['no rules of kube-proxy', '*nat\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n'],
    ['IPVS mode', '*nat\n:KUBE-SERVICES - [0:0]\n:KUBE-LOAD-BALANCER - [0:0]\nCOMMIT\n'],
  ])('%s: no table', (_title, text) => {
    const parsed = parseIptablesSave(text);
    expect(parsed.ok && rowsOfIptables(parsed.value.tables, 'ipv4')).toBeUndefined();
  });
});

const nft = (...objects: readonly unknown[]): string => JSON.stringify({ nftables: objects });
const inTable = { family: 'ip6', table: 'kube-proxy' };

describe('nftables rules of other kinds', () => {
  it('IPv6, a single endpoint by name, one element with a comment', () => {
    const table = nftRows(
      nft(
        { table: { family: 'ip6', name: 'kube-proxy' } },
        {
          map: {
            ...inTable,
            name: 'service-ips',
            elem: [[{ elem: { val: { concat: ['fd00::a', 'udp', 53] }, comment: 'a/b' } }, { goto: { target: 's' } }]],
          },
        },
        { chain: { ...inTable, name: 's' } },
        {
          rule: {
            ...inTable,
            chain: 's',
            expr: [
              {
                dnat: {
                  family: 'ip6',
                  addr: {
                    map: {
                      key: { numgen: { mode: 'random', mod: 1 } },
                      data: { set: [[0, { concat: ['fd00::5', 5353] }]] },
                    },
                  },
                },
              },
            ],
          },
        },
      ),
    );
    expect(rowOf(table, '[fd00::a]:53/UDP')).toBe(
      'ClusterIP | [fd00::5]:5353/UDP | [fd00::5]:5353/UDP | [fd00::5]:5353/UDP',
    );
    expect(table.hooked).toBe(false);
  });

  it.each([
    ['a choice with gaps', 3, 'a choice with gaps'],
    ['a match that is not known', 2, 'socket'],
  ])('%s is a doubt about the row', (_title, mod, doubt) => {
    const match = mod === 3 ? [] : [{ match: { op: '==', left: { socket: { key: 'mark' } }, right: 1 } }];
    const endpoints = [
      [0, { concat: ['10.0.0.1', 80] }],
      [1, { concat: ['10.0.0.2', 80] }],
    ];
    const table = nftRows(
      nft(
        {
          map: {
            family: 'ip',
            table: 'kube-proxy',
            name: 'service-ips',
            elem: [[{ concat: ['10.96.0.1', 'tcp', 443] }, { goto: { target: 's' } }]],
          },
        },
        {
          rule: {
            family: 'ip',
            table: 'kube-proxy',
            chain: 's',
            expr: [
              ...match,
              { dnat: { addr: { map: { key: { numgen: { mode: 'random', mod } }, data: { set: endpoints } } } } },
            ],
          },
        },
      ),
    );
    expect(table.rows.get(aFrontendKey('10.96.0.1:443/TCP'))?.doubt).toContain(doubt);
  });

  it('entries that are not known are named', () => {
    const table = nftRows(
      nft({ map: { family: 'ip', table: 'kube-proxy', name: 'service-ips', elem: [['what', 1]] } }),
    );
    expect(table.notUnderstood).toEqual([{ line: '["what",1]', why: 'no entry of service-ips that is known' }]);
  });

  it('no table of kube-proxy: none, which is not the same as unreadable', () => {
    expect(rowsOfNftables(nft({ table: { family: 'ip', name: 'nat' } }))).toEqual({ ok: true, value: undefined });
    expect(rowsOfNftables('{')).toMatchObject({ ok: false });
    expect(rowsOfNftables('{}')).toMatchObject({ ok: false });
  });
});

const damaged = (text: string): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.nat(text.length),
      fc.nat(60),
      fc.oneof(fc.string(), fc.constantFrom('!', ' -j ', '"', '[', '0', 'null', '{}')),
    )
    .map(([at, length, put]) => text.slice(0, at) + put + text.slice(at + length));

describe('total on any input', () => {
  const iptablesText = proxyText('1.20.1/n2/iptables-save.txt');
  const nftText = proxyText('1.19.6-dsr-maglev/n2/nft.json');

  it('iptables-save with damage', () => {
    fc.assert(
      fc.property(damaged(iptablesText), (text) => {
        const parsed = parseIptablesSave(text);
        if (parsed.ok) rowsOfIptables(parsed.value.tables, 'ipv4');
      }),
      { numRuns: 300 },
    );
  });

  it('rules of any words', () => {
    const word = fc.constantFrom(
      '-s',
      '-d',
      '-p',
      '-j',
      'KUBE-SVC-A',
      'KUBE-NODEPORTS',
      '10.0.0.1/32',
      '!',
      'tcp',
      '--dport',
      '80',
      'DNAT',
      '"',
      '--seconds',
      '-A',
      'KUBE-SERVICES',
    );
    fc.assert(
      fc.property(fc.array(fc.array(fc.oneof(word, fc.string()), { maxLength: 12 }), { maxLength: 8 }), (rules) => {
        const lines = rules.map((words) => ({
          line: words.join(' '),
          packets: undefined,
          bytes: undefined,
          target: undefined,
          comment: undefined,
        }));
        const chains = ['KUBE-SERVICES', 'KUBE-SVC-A', 'KUBE-NODEPORTS'].map((name) => ({
          name,
          policy: undefined,
          rules: lines,
        }));
        rowsOfIptables(
          [
            { name: 'nat', chains },
            { name: 'filter', chains },
          ],
          'ipv4',
        );
      }),
    );
  });

  it('a ruleset with damage, and any JSON in its place', () => {
    fc.assert(
      fc.property(damaged(nftText), (text) => void rowsOfNftables(text)),
      { numRuns: 300 },
    );
    const objects: unknown = JSON.parse(nftText);
    const list = (objects as { nftables: unknown[] }).nftables;
    fc.assert(
      fc.property(
        fc.nat(list.length - 1),
        fc.jsonValue(),
        fc.constantFrom('elem', 'expr', 'name', 'table'),
        (at, value, key) => {
          const [kind = '', object] = Object.entries(list[at] ?? {})[0] ?? [];
          const changed = list.with(at, { [kind]: { ...(object as object), [key]: value } });
          rowsOfNftables(JSON.stringify({ nftables: changed }));
        },
      ),
      { numRuns: 500 },
    );
  });
});
