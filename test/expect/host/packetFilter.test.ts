import { describe, expect, test } from 'vitest';
import { IptablesFilters } from '../../../src/expect/host/filter/iptablesFilter.ts';
import { type Packet, whatDrops } from '../../../src/expect/host/filter/passes.ts';
import { known } from '../../../src/model/Fact.ts';
import type { FilterHook } from '../../../src/model/PacketFilter.ts';
import { parseIptablesSave } from '../../../src/parse/parseIptablesSave.ts';
import { valueOf } from '../../parse/recorded.ts';

/** Cilium's chains in a tunnel, behind what a test puts before them, and before what it puts behind. */
const table = ({ policies = '', before = '', after = '' }): string => `*filter
:INPUT ${policies.includes('INPUT') ? 'DROP' : 'ACCEPT'} [3:180]
:FORWARD ${policies.includes('FORWARD') ? 'DROP' : 'ACCEPT'} [3:180]
:OUTPUT ${policies.includes('OUTPUT') ? 'DROP' : 'ACCEPT'} [3:180]
:CILIUM_FORWARD - [0:0]
:CILIUM_INPUT - [0:0]
:CILIUM_OUTPUT - [0:0]
:THEIRS - [0:0]
:OTHERS - [0:0]
${before}-A INPUT -m comment --comment "cilium-feeder: CILIUM_INPUT" -j CILIUM_INPUT
-A FORWARD -m comment --comment "cilium-feeder: CILIUM_FORWARD" -j CILIUM_FORWARD
-A OUTPUT -m comment --comment "cilium-feeder: CILIUM_OUTPUT" -j CILIUM_OUTPUT
-A CILIUM_FORWARD -o cilium_host -m comment --comment "cilium: any->cluster on cilium_host forward accept" -j ACCEPT
-A CILIUM_FORWARD -i lxc+ -m comment --comment "cilium: cluster->any on lxc+ forward accept" -j ACCEPT
-A CILIUM_INPUT -m mark --mark 0x200/0xf00 -m comment --comment "cilium: ACCEPT for proxy traffic" -j ACCEPT
-A CILIUM_OUTPUT -p udp -m udp --dport 8472 -m comment --comment "cilium: ACCEPT for tunnel traffic" -j ACCEPT
-A CILIUM_OUTPUT -m mark --mark 0xa00/0xe00 -m comment --comment "cilium: ACCEPT for proxy traffic" -j ACCEPT
-A CILIUM_OUTPUT -m mark ! --mark 0xd00/0xf00 -m comment --comment "cilium: host->any mark as from host" -j MARK --set-xmark 0xc00/0xf00
${after}COMMIT
`;

const common = {
  family: 'ipv4',
  protocol: 'tcp',
  port: undefined,
  source: undefined,
  destination: undefined,
  states: new Set(['NEW']),
  mark: 0,
} as const;
const ways = {
  tunnelIn: [
    {
      ...common,
      protocol: 'udp',
      port: 8472,
      source: '172.30.0.12',
      inLink: 'eth0',
      states: new Set(['NEW', 'UNTRACKED']),
    },
    ['INPUT'],
  ],
  tunnelOut: [
    {
      ...common,
      protocol: 'udp',
      port: 8472,
      destination: '172.30.0.12',
      outLink: 'eth0',
      states: new Set(['NEW', 'UNTRACKED']),
    },
    ['OUTPUT'],
  ],
  toPods: [{ ...common, source: '10.244.1.1', destination: '10.244.2.9', outLink: 'cilium_host' }, ['OUTPUT']],
  fromOutside: [
    { ...common, mark: undefined, destination: '10.244.1.9', inLink: 'eth0', outLink: 'cilium_host' },
    ['FORWARD'],
  ],
  toOutside: [{ ...common, mark: undefined, source: '10.244.1.9', inLink: 'lxc1', outLink: 'eth0' }, ['FORWARD']],
} as const satisfies Readonly<Record<string, readonly [Packet, readonly FilterHook[]]>>;

/** By way what drops it for certain. */
function dropped(parts: Parameters<typeof table>[0]): readonly string[] {
  const { tables } = valueOf(parseIptablesSave(table(parts)));
  const filters = new IptablesFilters().in([{ backend: 'nft', family: 'ipv4', tables: known(tables, '') }]);
  return Object.entries(ways).flatMap(([name, [packet, hooks]]) => {
    const dropping = whatDrops(filters, packet, hooks);
    return dropping === undefined ? [] : [`${name}: ${dropping.rule?.line ?? `${dropping.chain.name} DROP`}`];
  });
}

describe('what drops packets for certain', () => {
  test.each<[string, Parameters<typeof table>[0], string[]]>([
    ['nothing', {}, []],
    [
      'to pods, by their range',
      { before: '-A OUTPUT -d 10.244.0.0/16 -j DROP\n' },
      ['toPods: -A OUTPUT -d 10.244.0.0/16 -j DROP'],
    ],
    [
      'all that is forwarded',
      { before: '-A FORWARD -j DROP\n' },
      ['fromOutside: -A FORWARD -j DROP', 'toOutside: -A FORWARD -j DROP'],
    ],
    ['behind Cilium’s, nothing that it lets pass', { after: '-A FORWARD -j DROP\n' }, []],
    ['a policy, where Cilium lets pass all that there is of pods', { policies: 'FORWARD' }, []],
    ['a policy of INPUT: the tunnel', { policies: 'INPUT' }, ['tunnelIn: INPUT DROP']],
    [
      'unless somebody lets it pass',
      { policies: 'INPUT', after: '-A INPUT -p udp -m udp --dport 8472 -j ACCEPT\n' },
      [],
    ],
    ['or may', { policies: 'INPUT', after: '-A INPUT -m set --match-set nodes src -j ACCEPT\n' }, []],
    [
      'other ports and states are no help',
      {
        policies: 'INPUT',
        after:
          '-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\n-A INPUT -i lo -j ACCEPT\n-A INPUT -s 192.0.2.0/24 -j ACCEPT\n',
      },
      ['tunnelIn: INPUT DROP'],
    ],
    ['nodes that are known are', { policies: 'INPUT', after: '-A INPUT -s 172.30.0.0/24 -j ACCEPT\n' }, []],
    ['a policy of OUTPUT', { policies: 'OUTPUT' }, ['toPods: OUTPUT DROP']],
    ['what is not tracked is not new', { before: '-A INPUT -m conntrack --ctstate NEW -j DROP\n' }, []],
    [
      'in a chain of theirs',
      { before: '-A INPUT -j THEIRS\n-A THEIRS -i eth0 -j OTHERS\n-A OTHERS -j DROP\n' },
      ['tunnelIn: -A OTHERS -j DROP'],
    ],
    ['which sends others back', { before: '-A INPUT -j THEIRS\n-A THEIRS -p udp -j RETURN\n-A THEIRS -j DROP\n' }, []],
    [
      'gone to, it comes back to the one before',
      { before: '-A INPUT -j THEIRS\n-A THEIRS -g OTHERS\n-A THEIRS -j DROP\n-A OTHERS -p tcp -j ACCEPT\n' },
      [],
    ],
    ['in a circle nobody knows', { before: '-A INPUT -j THEIRS\n-A THEIRS -j OTHERS\n-A OTHERS -j THEIRS\n' }, []],
    ['an extension that may do anything', { before: '-A INPUT -j NFQUEUE --queue-num 1\n', policies: 'INPUT' }, []],
    ['what is limited', { before: '-A INPUT -m limit --limit 3/min -j DROP\n' }, []],
    ['of one client', { before: '-A FORWARD -s 192.0.2.7/32 -j DROP\n' }, []],
    ['to one port', { before: '-A FORWARD -p tcp -m tcp --dport 25 -j DROP\n' }, []],
    [
      'all but one link',
      { before: '-A INPUT ! -i lo -j REJECT --reject-with icmp-port-unreachable\n' },
      ['tunnelIn: -A INPUT ! -i lo -j REJECT --reject-with icmp-port-unreachable'],
    ],
    [
      'a comment that reads like an option',
      { before: '-A INPUT -s 192.0.2.0/24 -m comment --comment "a -i eth0 -j DROP" -j DROP\n' },
      [],
    ],
    ['marks of connections', { before: '-A INPUT -m connmark --mark 0x0/0xff -j DROP\n' }, []],
  ])('%s', (_, parts, expected) => {
    expect(dropped(parts)).toEqual(expected);
  });

  test('of Docker, ufw and firewalld nothing, as they write it', () => {
    const docker =
      '-A FORWARD -j THEIRS\n-A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n-A THEIRS -i docker0 ! -o docker0 -j OTHERS\n-A OTHERS -o docker0 -j DROP\n-A OTHERS -j RETURN\n-A THEIRS -j RETURN\n';
    expect(dropped({ policies: 'FORWARD', after: docker })).toEqual([]);
    expect(dropped({ policies: 'FORWARD', before: docker })).toEqual([]);
    const firewalld =
      '-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED,DNAT -j ACCEPT\n-A INPUT -i lo -j ACCEPT\n-A INPUT -j THEIRS\n-A INPUT -m conntrack --ctstate INVALID -j DROP\n-A THEIRS -m set --match-set trusted src -j ACCEPT\n-A INPUT -j REJECT --reject-with icmp-host-prohibited\n';
    expect(dropped({ after: firewalld })).toEqual([]);
  });
});
