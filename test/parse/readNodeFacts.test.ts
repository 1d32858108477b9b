import { describe, expect, test } from 'vitest';
import { answersOf } from '../../src/knowledge/nodeCommands.ts';
import { missing } from '../../src/model/Fact.ts';
import type { NodeFactName, NodeFacts } from '../../src/model/NodeFacts.ts';
import type { AnswerName, RawAnswer, RawNode } from '../../src/model/raw.ts';
import { readNodeFacts } from '../../src/parse/readNodeFacts.ts';
import { recorded } from './recorded.ts';

type Answers = RawNode['answers'];
const said = (text: string, more: { stderr?: string; exitCode?: number; command?: string } = {}): RawAnswer => ({
  text,
  stderr: '',
  exitCode: 0,
  command: 'the command',
  ...more,
});
const failed = (exitCode: number, stderr: string, text = ''): RawAnswer => said(text, { exitCode, stderr });
const read = (answers: Answers, kubeProxyPod?: string): NodeFacts =>
  readNodeFacts({ name: 'n1', answers }, { kubeProxyPod });

const answers1_20: Answers = {
  status: said(recorded('1.20.1', 'status.json')),
  frontends: said(recorded('1.20.1', 'db-frontends.txt')),
  health: said(recorded('1.20.1', 'db-health.txt')),
  nodeAddresses: said(recorded('1.20.1', 'db-node-addresses.txt')),
  agentLog: said('time=2026-11-21T10:00:00Z level=info msg="all is well"\n'),
  tables: said('Name        Initializers   Go type\nfrontends   []             X\n'),
  metrics: said(recorded('1.20.1', 'metrics.txt')),
  lbFrontends: said(recorded('1.20.1', 'bpf-lb-frontends.json')),
  lbBackends: said(recorded('1.20.1', 'bpf-lb-backends.json')),
  lbRevnat: said(recorded('1.20.1', 'bpf-lb-revnat.json')),
  lbMaps: said(
    ['serv', 'back', 'reve']
      .map((name) => `{"type":"hash","name":"cilium_lb4_${name}","max_entries":65536}\n`)
      .join(''),
  ),
  startedConfig: said('enable-ipv4:true\n'),
  cgroupPrograms: said(recorded('1.20.1', 'cgroup-show.json')),
  devicePrograms: said('lo\neth0 ingress cil_from_netdev\neth0 egress cil_to_netdev\ndevices 2\n'),
  iptablesNft: said(recorded('1.18.4', 'iptables-nft-save.txt')),
  ip6tablesNft: said(recorded('1.20.1', 'ip6tables-save.txt')),
  iptablesLegacy: said(''),
  ip6tablesLegacy: said(''),
  addresses: said(recorded('1.20.1', 'addr.json')),
  ipsets: said(''),
  ipvs: said(''),
  listeners: said(recorded('1.20.1', 'listen.txt')),
  kernel: said('6.18.44\n'),
  defaultRoutes4: said('default via 172.30.0.1 dev eth0\n'),
  defaultRoutes6: said(''),
  routes4: said('default via 172.30.0.1 dev eth0\n'),
  routes6: said(''),
  routeRules: said('0:\tfrom all lookup local\n'),
  sysctls: said('/proc/sys/net/ipv4/ip_local_port_range:32768\t60999\n'),
  kernelOptions: said('CONFIG_INET_DIAG=y\n'),
  nftTables: said('2 raw\n2 mangle\n2 nat\n2 filter\n10 mangle\n10 nat\n10 filter\n'),
  nftFilters: said('chain 1 filter forward 2 0 0 filter\n'),
  conntrack: said(''),
  proxyHealth: said('nobody\n'),
  apiProbe: said('host=172.30.0.1 port=6443 resolved=172.30.0.1 connect=open detail=\n'),
  dnsProbe: said('clusterIP UDP 10.96.0.10 53 answered 4b508580\n'),
  serversProbe: said('clusterIP 10.96.0.1 443 open \nserver 172.30.0.1 6443 open \n'),
  reachProbe: said('from n1\ndone 0\n'),
  proxyIptables: said(recorded('1.18.4', 'iptables-nft-save.txt')),
  proxyIp6tables: said(''),
  proxyNft: said(recorded('1.19.6', 'kube-proxy-nft.json')),
};

/** The load-balancing tables are read by code of their own. */
const hasOwnTests = (fact: string): boolean => fact === 'lbTable' || fact === 'agentTable';

test('every fact is known where every answer is whole, and names its command', () => {
  const facts = read(answers1_20, 'kube-proxy-abcde');
  const lacking = Object.entries(facts).filter(([name, fact]) => !hasOwnTests(name) && 'missing' in fact);
  expect(lacking).toEqual([]);
  expect(Object.keys(facts).sort()).toEqual(Object.keys(answersOf).sort());
  expect(facts.kernel).toEqual({ value: '6.18.44', source: 'the command' });
});

test('a fact depends on its own answers only', () => {
  for (const [fact, names] of Object.entries(answersOf)) {
    if (hasOwnTests(fact)) continue;
    const others = Object.fromEntries(
      Object.entries(answers1_20).map(([name, answer]) => [
        name,
        names.includes(name as AnswerName) ? answer : missing('timeout', 'x'),
      ]),
    );
    expect({ fact, known: 'value' in read(others, 'p')[fact as NodeFactName] }).toEqual({ fact, known: true });
  }
});

test('nothing was asked, or it did not come: the reason is kept', () => {
  expect(read({}).kernel).toEqual(missing('notCollected', 'it was not read this time'));
  expect(read({ kernel: { ...missing('forbidden', 'pods/exec is refused'), command: 'uname -r' } }).kernel).toEqual({
    ...missing('forbidden', 'pods/exec is refused'),
    source: 'uname -r',
  });
});

describe('a command that failed', () => {
  test.each([
    ['127: no such program', failed(127, 'bash: line 1: ss: command not found'), 'absent', 'ss: command not found'],
    [
      'any other',
      failed(1, 'Cannot open netlink socket\nmore'),
      'unparsed',
      'ended with status 1: Cannot open netlink socket',
    ],
    ['its complaint on stdout', failed(2, '', 'what is\n'), 'unparsed', 'ended with status 2: what is'],
    ['without a word', failed(3, ''), 'unparsed', 'the command ended with status 3'],
  ] as const)('%s', (_, answer, reason, detail) => {
    const { listeners } = read({ listeners: answer });
    expect(listeners).toMatchObject({ missing: reason, detail: expect.stringContaining(detail) });
  });

  test('what looks whole is not believed', () => {
    expect(read({ lbFrontends: failed(1, 'map changed', '{}') }).mapFrontends).toMatchObject({ missing: 'unparsed' });
  });

  test('but for the status, which ends so when the agent is not well, and is whole all the same', () => {
    expect(read({ status: failed(1, '', recorded('1.20.1', 'status.txt')) }).status).toMatchObject({
      value: { version: '1.20.1' },
    });
    const cut = recorded('1.20.1', 'status.json').slice(0, 400);
    expect(read({ status: failed(1, '', cut) }).status).toMatchObject({ missing: 'unparsed' });
  });

  test('an agent that does not listen is not reached', () => {
    const socket =
      'Get "http://localhost/v1/healthz": dial unix /var/run/cilium/cilium.sock: connect: connection refused\nIs the agent running?';
    expect(read({ status: failed(1, socket) }).status).toMatchObject({ missing: 'unreachable' });
    expect(read({ metrics: failed(1, socket) }).metrics).toMatchObject({ missing: 'unreachable' });
  });
});

describe('older agents', () => {
  test.each([
    ['no shell', failed(1, 'Error: unknown command "shell" for "cilium-dbg"'), 'Cilium 1.17 was the first that had it'],
    ['no such table', failed(1, 'Error: table "frontends" not found'), 'no table frontends'],
    ['no such table, said on stdout with status 0', said('table "frontends" not found\n'), 'no table frontends'],
  ])('%s: there is none, which is not a failure', (_, answer, detail) => {
    expect(read({ frontends: answer }).frontendStates).toMatchObject({
      missing: 'absent',
      detail: expect.stringContaining(detail),
    });
  });
});

test('what is not understood says which command, and what its complaint was', () => {
  expect(read({ ipsets: said('what is this\n', { stderr: 'strange' }) }).ipsets).toEqual({
    ...missing('unparsed', 'the command was not understood: no name of a set: what is this: strange'),
    source: 'the command',
  });
});

test('the agent pod has no directory of its configuration', () => {
  const answer = failed(1, 'bash: line 1: cd: /tmp/cilium/config-map: No such file or directory');
  expect(read({ startedConfig: answer }).startedConfig).toMatchObject({ missing: 'absent' });
});

test('the root of a cgroup tree is told by the command', () => {
  const text =
    'CgroupPath\nID  AttachType  AttachFlags  Name\n/mnt/cg/system.slice\n  7  cgroup_inet4_connect  multi  x\n';
  const command = 'bpftool cgroup tree /mnt/cg';
  expect(read({ cgroupPrograms: said(text, { command }) }).cgroupPrograms).toMatchObject({ value: [] });
});

describe('iptables', () => {
  const table = said('*nat\n:KUBE-SERVICES - [0:0]\nCOMMIT\n');

  test('each dump by itself', () => {
    const { iptables } = read({
      iptablesNft: table,
      ip6tablesNft: said('*nat\n'),
      iptablesLegacy: failed(127, 'iptables-legacy-save: command not found'),
      ip6tablesLegacy: missing('timeout', 'no answer within 5 s'),
    });
    expect(iptables).toMatchObject({
      value: [
        { backend: 'nft', family: 'ipv4', tables: { value: [{ name: 'nat' }] } },
        { backend: 'nft', family: 'ipv6', tables: { missing: 'unparsed' } },
        { backend: 'legacy', family: 'ipv4', tables: { missing: 'absent' } },
        { backend: 'legacy', family: 'ipv6', tables: { missing: 'timeout' } },
      ],
    });
  });

  test('a kernel without nf_tables has no rules in them', () => {
    const { iptables } = read({
      iptablesNft: failed(1, 'iptables-nft-save/1.8.8 Failed to initialize nft: Protocol not supported'),
      ip6tablesNft: failed(1, 'ip6tables-nft-save/1.8.8 Failed to initialize nft: Permission denied'),
    });
    expect(iptables).toMatchObject({
      value: [
        { tables: { value: [] } },
        { tables: { missing: 'unparsed' } },
        { tables: { missing: 'notCollected' } },
        {},
      ],
    });
  });

  test('nothing was read: the first reason that is one', () => {
    expect(read({ iptablesNft: missing('unreachable', 'gone') }).iptables).toEqual(missing('unreachable', 'gone'));
    expect(read({}).iptables).toMatchObject({ missing: 'notCollected' });
  });
});

describe('rules as the kube-proxy pod sees them', () => {
  test('no such pod; a pod that was not asked', () => {
    expect(read({}).proxyRules).toMatchObject({ missing: 'absent' });
    expect(read({}, 'kube-proxy-abcde').proxyRules).toMatchObject({ missing: 'notCollected' });
  });

  test('its backend is what its dump says; nft may be lacking', () => {
    const command = 'kubectl -n kube-system exec kube-proxy-xyz -c kube-proxy -- iptables-save -c';
    const { proxyRules } = read({
      proxyIptables: said('# Generated by iptables-save v1.8.9 on Sat\n*nat\nCOMMIT\n', { command }),
      proxyIp6tables: said(''),
      proxyNft: missing('unreachable', 'nothing was run in the pod: nft: executable file not found'),
    });
    expect(proxyRules).toMatchObject({
      value: {
        pod: 'kube-proxy-xyz',
        iptables: [
          { backend: 'legacy', family: 'ipv4', tables: { value: [{ name: 'nat' }] } },
          { family: 'ipv6', tables: { value: [] } },
        ],
        nftTables: { missing: 'unreachable' },
      },
    });
  });

  test('nothing of it came', () => {
    const why = missing('forbidden', 'pods/exec is refused');
    expect(read({ proxyIptables: why, proxyIp6tables: why, proxyNft: why }, 'p').proxyRules).toEqual(why);
  });
});

describe('sizes of the maps', () => {
  test('entries of each family beside the size', () => {
    const { mapSizes } = read({
      lbMaps: said(
        '{"type":"hash","name":"cilium_lb4_serv","max_entries":10}\n{"type":"hash","name":"cilium_lb6_serv","max_entries":20}\n{"type":"hash","name":"cilium_lb6_back","max_entries":30}\n',
      ),
      lbFrontends: said(
        '{"10.0.0.1:80/TCP (0)":["0 1[0] (6) [0x0 0x0]"],"10.0.0.1:80/TCP (1)":["1 0[0] (6) [0x0 0x0]"],"[fd00::1]:80/TCP (0)":["0 0[0] (7) [0x0 0x0]"]}',
      ),
      lbBackends: said('{"1":["TCP://fd00::5"],"2":["UDP://fd00::6[zone-a]"]}'),
      lbRevnat: said('{}'),
    });
    expect(mapSizes).toMatchObject({
      value: [
        { map: 'cilium_lb4_services_v2', entries: 2, maxEntries: 10 },
        { map: 'cilium_lb6_services_v2', entries: 1, maxEntries: 20 },
        { map: 'cilium_lb6_backends_v3', entries: 2, maxEntries: 30 },
      ],
    });
  });

  test('recorded', () => {
    const { mapSizes } = read(answers1_20);
    expect(mapSizes).toMatchObject({
      value: [
        { map: 'cilium_lb4_services_v2', entries: 54 },
        { map: 'cilium_lb4_backends_v3', entries: 10 },
        { map: 'cilium_lb4_reverse_nat', entries: 15 },
      ],
    });
  });

  test('entries without a size are not left out in silence', () => {
    const lbMaps = said('', { stderr: 'bash: bpftool: command not found' });
    expect(read({ ...answers1_20, lbMaps }).mapSizes).toEqual(
      missing('unparsed', 'the size of cilium_lb4_services_v2 did not come: bash: bpftool: command not found'),
    );
    expect(read({ ...answers1_20, lbRevnat: missing('timeout', 'late') }).mapSizes).toEqual(missing('timeout', 'late'));
  });
});
