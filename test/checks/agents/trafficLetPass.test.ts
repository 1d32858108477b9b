import { expect, test } from 'vitest';
import { trafficLetPass } from '../../../checks/agents/trafficLetPass.ts';
import { known } from '../../../src/model/Fact.ts';
import type { IptablesDump } from '../../../src/model/NodeFacts.ts';
import { parseNftFilters } from '../../../src/parse/nft/parseNftFilters.ts';
import { parseIptablesSave } from '../../../src/parse/parseIptablesSave.ts';
import {
  aMissing,
  aSnapshot,
  codesOf,
  findingsOf,
  type NodeChanges,
  type SnapshotChanges,
} from '../../support/aSnapshot.ts';
import { ciliumConfig } from '../../support/healthy.ts';
import { noNode, standardCases } from '../../support/standardCases.ts';
import { valueOf } from '../../parse/recorded.ts';

/** The table `filter` of IPv4, with counters of policies. */
const filter = (
  rules: string,
  policies = ':INPUT ACCEPT [9:900]\n:FORWARD ACCEPT [9:900]\n',
): readonly IptablesDump[] => [
  {
    backend: 'nft',
    family: 'ipv4',
    tables: known(
      valueOf(parseIptablesSave(`*filter\n${policies}:OUTPUT ACCEPT [9:900]\n${rules}COMMIT\n`)).tables,
      'iptables-nft-save -c',
    ),
  },
];
const nft = (text: string) => valueOf(parseNftFilters(text));
/** `ct state established,related accept` */
const established =
  'ct:08000100000000010800020000000000 bitwise:08000100000000010800020000000001080003000000000408000600000000000c00040008000100060000000c0005000800010000000000 cmp:080001000000000108000200000000010c0003000800010000000000 immediate:0800010000000000100002000c0002000800010000000001';
/** `ip protocol icmp accept` */
const icmp =
  'meta:080002000000000f0800010000000001 cmp:080001000000000108000200000000000c0003000500010002000000 payload:0800010000000001080002000000000108000300000000090800040000000001 cmp:080001000000000108000200000000000c0003000500010001000000 immediate:0800010000000000100002000c0002000800010000000001';
const pods = ['n1', 'n2'].map((node, index) => ({
  metadata: { name: `web-${node}`, namespace: 'default' },
  spec: { nodeName: node },
  status: {
    phase: 'Running',
    podIPs: [{ ip: `10.244.${index + 1}.9` }],
    startTime: '2026-11-21T08:00:00Z',
    conditions: [{ type: 'Ready', status: 'True' }],
  },
}));
const legacy = { routing: { intraHost: 'Legacy' } };
const n2 = (changes: NodeChanges): SnapshotChanges => ({
  facts: { pods },
  nodes: { n2: { status: legacy, ...changes } },
});
const lostDns = [
  {
    server: '10.96.0.10',
    port: 53,
    via: 'clusterIP',
    protocol: 'UDP',
    outcome: 'timeout',
    detail: 'Operation not permitted',
  },
] as const;
const guard = { name: 'guard_connect4', attachType: 'cgroup_inet4_connect' };
const refused: NodeChanges = { dnsProbe: lostDns, cgroupPrograms: [guard] };

const unready = pods.map(({ metadata, spec, status }) => ({
  metadata,
  spec,
  status: Object.assign({}, status, { conditions: [{ type: 'Ready', status: 'False' }] }),
}));

test.each<[string, SnapshotChanges, string[]]>([
  [
    'to pods that are not ready for it',
    {
      facts: { pods: unready },
      nodes: { n2: { status: legacy, iptables: filter('[63:3780] -A OUTPUT -d 10.244.2.0/24 -j DROP\n') } },
    },
    ['error rule n2: what the node sends to its own pods'],
  ],
  [
    'to pods',
    n2({ iptables: filter('[63:3780] -A OUTPUT -d 10.244.0.0/16 -j DROP\n') }),
    ['error rule n2: what the node sends to pods of other nodes and what the node sends to its own pods'],
  ],
  [
    'to pods, and none so far',
    n2({ iptables: filter('[0:0] -A OUTPUT -d 10.244.0.0/16 -j DROP\n') }),
    ['warning rule n2: what the node sends to pods of other nodes and what the node sends to its own pods'],
  ],
  [
    'what is forwarded',
    n2({ iptables: filter('[7:420] -A FORWARD -j DROP\n') }),
    ['error rule n2: what comes to its pods from outside and what its pods send to the outside'],
  ],
  [
    'what is forwarded, which pods go past',
    n2({ iptables: filter('[7:420] -A FORWARD -j DROP\n'), status: { routing: { intraHost: 'BPF' } } }),
    [],
  ],
  [
    'what is forwarded between nodes without a tunnel',
    n2({
      iptables: filter('[7:420] -A FORWARD -d 10.244.0.0/16 -i lxc+ -j DROP\n'),
      startedConfig: new Map([...ciliumConfig, ['routing-mode', 'native']]),
    }),
    ['error rule n2: what its pods send to those of other nodes'],
  ],
  [
    'the tunnel',
    n2({ iptables: filter('[7:420] -A INPUT -p udp -m udp --dport 8472 -j DROP\n') }),
    ['error rule n2: what comes through the tunnel (UDP 8472)'],
  ],
  [
    'the tunnel, at another port',
    n2({
      iptables: filter('[7:420] -A INPUT -p udp -m udp --dport 8472 -j DROP\n'),
      startedConfig: new Map([...ciliumConfig, ['tunnel-port', '8473']]),
    }),
    [],
  ],
  [
    'by a policy',
    n2({ iptables: filter('', ':INPUT DROP [7:420]\n:FORWARD ACCEPT [0:0]\n') }),
    ['error policy n2: what comes through the tunnel (UDP 8472)'],
  ],
  [
    'to a Service, whose address no filter sees',
    n2({ iptables: filter('[7:420] -A OUTPUT -d 10.96.0.0/12 -j DROP\n') }),
    [],
  ],
  [
    'by kubelet',
    n2({
      iptables: filter(
        '[7:420] -A INPUT -j KUBE-FIREWALL\n[7:420] -A KUBE-FIREWALL -j DROP\n',
        ':INPUT ACCEPT [0:0]\n:KUBE-FIREWALL - [0:0]\n',
      ),
    }),
    [],
  ],
  ['a program refuses', n2(refused), ['error program n2: ']],
  ['a program of others, and all answers', n2({ cgroupPrograms: [guard] }), []],
  [
    'a rule is the plainer cause',
    n2({ ...refused, iptables: filter('[7:420] -A OUTPUT -d 10.244.0.0/16 -j REJECT\n') }),
    ['error rule n2: what the node sends to pods of other nodes and what the node sends to its own pods'],
  ],
  [
    'what is forwarded, by nftables',
    n2({ nftFilters: nft('chain 1 filter forward 2 0 0 filter\n') }),
    ['error policy n2: what comes to its pods from outside and what its pods send to the outside'],
  ],
  [
    'the tunnel, by nftables, that lets pass what is established',
    n2({ nftFilters: nft(`chain 1 filter input 1 0 0 filter\nrule 1 filter input 4 ${established}\n`) }),
    ['error policy n2: what comes through the tunnel (UDP 8472)'],
  ],
  [
    'the tunnel, by nftables, that lets pass ICMP',
    n2({ nftFilters: nft(`chain 1 filter input 1 0 0 filter\nrule 1 filter input 5 ${icmp}\n`) }),
    ['error policy n2: what comes through the tunnel (UDP 8472)'],
  ],
  ['nftables was not read', n2({ nftFilters: aMissing('timeout') }), ['unknown n2 timeout']],
  ['rules were not read', n2({ iptables: aMissing('timeout') }), ['unknown n2 timeout']],
])('%s', (_, changes, expected) => {
  const snapshot = aSnapshot(changes);
  const found = findingsOf(trafficLetPass, snapshot).map(
    ({ severity, variant, nodes, params }) => `${severity} ${variant} ${nodes.join(',')}: ${params['traffic'] ?? ''}`,
  );
  expect(found.length > 0 ? found : codesOf(trafficLetPass, snapshot)).toEqual(expected);
});

test('a rule is taken away by its own words, quoted anew', () => {
  const snapshot = aSnapshot(
    n2({ iptables: filter('[7:420] -A OUTPUT -d 10.244.0.0/16 -m comment --comment "it\'s $(mine)" -j DROP\n') }),
  );
  expect(findingsOf(trafficLetPass, snapshot)[0]?.params['deletion']).toBe(
    `iptables-nft -w -t filter -D OUTPUT -d 10.244.0.0/16 -m comment --comment 'it'\\''s $(mine)' -j DROP`,
  );
});

standardCases(trafficLetPass, {
  faulty: {
    KPR1018: {
      rule: n2({ iptables: filter('[63:3780] -A OUTPUT -d 10.244.0.0/16 -j DROP\n') }),
      policy: n2({ iptables: filter('', ':INPUT DROP [7:420]\n') }),
      program: n2(refused),
    },
  },
  notApplicable: noNode,
  hostile: (text) => n2({ ...refused, cgroupPrograms: [{ ...guard, name: `x${text}` }] }),
});
