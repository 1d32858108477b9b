import type { NodeFactName } from '../model/NodeFacts.ts';
import type { AnswerName } from '../model/raw.ts';
import { conntrackScript, conntrackShown } from './conntrackScript.ts';
import { nftTablesScript, nftTablesShown } from './nftTablesScript.ts';

/**
 * Commands of one lane run one after the other, lanes run side by side: few processes at a time in the agent's
 * container (its memory is limited), and a hung agent holds up its own lane only.
 */
export type Lane = 'agent' | 'maps' | 'host' | 'probes';

export interface NodeCommand {
  readonly lane: Lane;
  /** bash, in the agent's container. `$CILIUM` is `cilium-dbg` or, where that is missing, `cilium`; `$CGROUP` the cgroup root. */
  readonly script: string;
  /** The same as a person would type it after `kubectl exec … --`. */
  readonly shown: string;
}

const lbMaps = ['services_v2', 'backends_v3', 'reverse_nat', 'affinity', 'source_range'].flatMap((map) => [
  `cilium_lb4_${map}`,
  `cilium_lb6_${map}`,
]);

/** What a node's agent container is asked. Everything only reads; nothing is written, not even temporary files. */
export const agentCommands = {
  status: { lane: 'agent', script: '$CILIUM status -o json', shown: 'cilium-dbg status -o json' },
  frontends: {
    lane: 'agent',
    script: '$CILIUM shell -- db/show frontends',
    shown: 'cilium-dbg shell -- db/show frontends',
  },
  health: { lane: 'agent', script: '$CILIUM shell -- db/show health', shown: 'cilium-dbg shell -- db/show health' },
  nodeAddresses: {
    lane: 'agent',
    script: '$CILIUM shell -- db/show node-addresses',
    shown: 'cilium-dbg shell -- db/show node-addresses',
  },
  metrics: {
    lane: 'agent',
    script: "$CILIUM metrics list -p 'bpf_map_pressure|drift_checker'",
    shown: "cilium-dbg metrics list -p 'bpf_map_pressure|drift_checker'",
  },
  serviceList: { lane: 'agent', script: '$CILIUM service list -o json', shown: 'cilium-dbg service list -o json' },
  lbList: { lane: 'maps', script: '$CILIUM bpf lb list -o json', shown: 'cilium-dbg bpf lb list -o json' },
  lbFrontends: {
    lane: 'maps',
    script: '$CILIUM bpf lb list --frontends -o json',
    shown: 'cilium-dbg bpf lb list --frontends -o json',
  },
  lbBackends: {
    lane: 'maps',
    script: '$CILIUM bpf lb list --backends -o json',
    shown: 'cilium-dbg bpf lb list --backends -o json',
  },
  lbRevnat: {
    lane: 'maps',
    script: '$CILIUM bpf lb list --revnat -o json',
    shown: 'cilium-dbg bpf lb list --revnat -o json',
  },
  lbSourceRanges: {
    lane: 'maps',
    script: '$CILIUM bpf lb list --source-ranges -o json',
    shown: 'cilium-dbg bpf lb list --source-ranges -o json',
  },
  lbMaps: {
    lane: 'maps',
    // One JSON object a line; a family that is off has no map, which is no error.
    script: `for m in ${lbMaps.join(' ')}; do p=/sys/fs/bpf/tc/globals/$m; [ -e $p ] && bpftool -j map show pinned $p && echo; done; true`,
    shown: 'bpftool -j map show pinned /sys/fs/bpf/tc/globals/cilium_lb4_services_v2',
  },
  startedConfig: {
    lane: 'host',
    script: "cd /tmp/cilium/config-map && grep -H '' *",
    shown: 'sh -c "cd /tmp/cilium/config-map && grep -H \'\' *"',
  },
  cgroupPrograms: {
    lane: 'host',
    script: 'bpftool -j cgroup show "$CGROUP"',
    shown: 'bpftool -j cgroup show /run/cilium/cgroupv2',
  },
  iptablesNft: { lane: 'host', script: 'iptables-nft-save -c', shown: 'iptables-nft-save -c' },
  ip6tablesNft: { lane: 'host', script: 'ip6tables-nft-save -c', shown: 'ip6tables-nft-save -c' },
  // Asking the legacy backend for a table creates it in the kernel; without -t it prints those that exist, and creates none.
  iptablesLegacy: { lane: 'host', script: 'iptables-legacy-save -c', shown: 'iptables-legacy-save -c' },
  ip6tablesLegacy: { lane: 'host', script: 'ip6tables-legacy-save -c', shown: 'ip6tables-legacy-save -c' },
  addresses: { lane: 'host', script: 'ip -j address', shown: 'ip -j address' },
  ipsets: { lane: 'host', script: 'ipset list -n', shown: 'ipset list -n' },
  // No such file: the kernel has no IPVS, so there is no virtual server.
  ipvs: { lane: 'host', script: '[ ! -e /proc/net/ip_vs ] || cat /proc/net/ip_vs', shown: 'cat /proc/net/ip_vs' },
  listeners: { lane: 'host', script: 'ss -Hltn', shown: 'ss -Hltn' },
  kernel: { lane: 'host', script: 'uname -r', shown: 'uname -r' },
  nftTables: { lane: 'host', script: nftTablesScript, shown: nftTablesShown },
  conntrack: { lane: 'host', script: conntrackScript, shown: conntrackShown },
  proxyHealth: {
    lane: 'probes',
    script:
      "exec 3<>/dev/tcp/127.0.0.1/10256 || { echo nobody; exit 0; }; printf 'GET /healthz HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n' >&3; head -c 2000 <&3",
    shown: 'bash -c "exec 3<>/dev/tcp/127.0.0.1/10256; printf \'GET /healthz HTTP/1.0\\r\\n\\r\\n\' >&3; cat <&3"',
  },
} as const satisfies Partial<Record<AnswerName, NodeCommand>>;
export type AgentCommandName = keyof typeof agentCommands;

/** Which answers a fact is made of. */
export const answersOf: Readonly<Record<NodeFactName, readonly AnswerName[]>> = {
  status: ['status'],
  frontendStates: ['frontends'],
  moduleHealth: ['health'],
  nodeAddresses: ['nodeAddresses'],
  metrics: ['metrics'],
  mapFrontends: ['lbFrontends'],
  lbTable: ['lbList', 'lbFrontends', 'lbBackends', 'lbRevnat', 'lbSourceRanges'],
  agentTable: ['serviceList'],
  mapSizes: ['lbMaps', 'lbFrontends', 'lbBackends', 'lbRevnat'],
  startedConfig: ['startedConfig'],
  cgroupPrograms: ['cgroupPrograms'],
  iptables: ['iptablesNft', 'ip6tablesNft', 'iptablesLegacy', 'ip6tablesLegacy'],
  interfaces: ['addresses'],
  ipsets: ['ipsets'],
  ipvs: ['ipvs'],
  listeners: ['listeners'],
  kernel: ['kernel'],
  nftTables: ['nftTables'],
  conntrack: ['conntrack'],
  proxyHealth: ['proxyHealth'],
  apiProbe: ['apiProbe'],
  dnsProbe: ['dnsProbe'],
  proxyRules: ['proxyIptables', 'proxyIp6tables', 'proxyNft'],
  proxyTable: [
    'proxyIptables',
    'proxyIp6tables',
    'proxyNft',
    'iptablesNft',
    'ip6tablesNft',
    'iptablesLegacy',
    'ip6tablesLegacy',
    'nftTables',
  ],
};
