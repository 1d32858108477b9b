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
  /**
   * What shows the same when it is typed into the agent's shell (1.17 and newer): commands that have this share one process, for each
   * start of `cilium-dbg` takes 50 ms. `script` is run where there is no shell.
   */
  readonly shell?: string;
  /** Needed only where this answer, which is asked before in the same lane, failed. */
  readonly unless?: AnswerName;
}

/**
 * The maps themselves, in a tenth of the time of `cilium-dbg bpf lb list`, which takes five processes and shows less. A family that is
 * off has no map. Without any, or with the backends in another map (before 1.12), it fails, and `bpf lb list` is asked. Sizes are
 * asked of those of which they are reported.
 */
const dumpMaps = `set -eo pipefail; cd /sys/fs/bpf/tc/globals; ls cilium_lb[46]_backends_v3 >/dev/null
for m in cilium_lb[46]_{services_v2,backends_v3,reverse_nat,source_range} cilium_lb_affinity_match; do
[ -e $m ] || continue; echo $m; p="map show pinned $PWD/$m"
case $m in *range|*match);; *) bpftool -j $p; echo;; esac
bpftool -j \${p/show/dump} | tr -d '"x[], \\n'; echo; done`;

/** What a node's agent container is asked. Everything only reads; nothing is written, not even temporary files. */
export const agentCommands = {
  status: { lane: 'agent', script: '$CILIUM status -o json', shown: 'cilium-dbg status -o json' },
  frontends: {
    lane: 'agent',
    script: '$CILIUM shell -- db/show frontends',
    shown: 'cilium-dbg shell -- db/show frontends',
    shell: 'db/show frontends',
  },
  health: {
    lane: 'agent',
    script: '$CILIUM shell -- db/show health',
    shown: 'cilium-dbg shell -- db/show health',
    shell: 'db/show health',
  },
  nodeAddresses: {
    lane: 'agent',
    script: '$CILIUM shell -- db/show node-addresses',
    shown: 'cilium-dbg shell -- db/show node-addresses',
    shell: 'db/show node-addresses',
  },
  metrics: {
    lane: 'agent',
    script: "$CILIUM metrics list -p 'bpf_map_pressure|drift_checker'",
    shown: "cilium-dbg metrics list -p 'bpf_map_pressure|drift_checker'",
    shell: "metrics 'bpf_map_pressure|drift_checker'",
  },
  serviceList: { lane: 'agent', script: '$CILIUM service list -o json', shown: 'cilium-dbg service list -o json' },
  lbDump: { lane: 'maps', script: dumpMaps, shown: 'cilium-dbg bpf lb list' },
  lbList: {
    lane: 'maps',
    script: '$CILIUM bpf lb list -o json',
    shown: 'cilium-dbg bpf lb list -o json',
    unless: 'lbDump',
  },
  lbFrontends: {
    lane: 'maps',
    script: '$CILIUM bpf lb list --frontends -o json',
    shown: 'cilium-dbg bpf lb list --frontends -o json',
    unless: 'lbDump',
  },
  lbBackends: {
    lane: 'maps',
    script: '$CILIUM bpf lb list --backends -o json',
    shown: 'cilium-dbg bpf lb list --backends -o json',
    unless: 'lbDump',
  },
  lbRevnat: {
    lane: 'maps',
    script: '$CILIUM bpf lb list --revnat -o json',
    shown: 'cilium-dbg bpf lb list --revnat -o json',
    unless: 'lbDump',
  },
  lbSourceRanges: {
    lane: 'maps',
    script: '$CILIUM bpf lb list --source-ranges -o json',
    shown: 'cilium-dbg bpf lb list --source-ranges -o json',
    unless: 'lbDump',
  },
  lbMaps: {
    lane: 'maps',
    // One JSON object a line; a family that is off has no map, which is no error.
    script:
      'cd /sys/fs/bpf/tc/globals; for m in cilium_lb[46]_{services_v2,backends_v3,reverse_nat,affinity,source_range}; do [ -e $m ] && bpftool -j map show pinned $PWD/$m && echo; done; true',
    shown: 'bpftool -j map show pinned /sys/fs/bpf/tc/globals/cilium_lb4_services_v2',
    unless: 'lbDump',
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
  // Of kube-proxy's sets and kube-router's alone: a firewall may have millions of members.
  ipsetSave: {
    lane: 'host',
    script: "ipset save | sed -n '/^[a-z]* KUBE-/p'; exit $PIPESTATUS",
    shown: 'ipset save',
  },
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
  mapFrontends: ['lbDump', 'lbFrontends'],
  lbTable: ['lbDump', 'lbList', 'lbFrontends', 'lbBackends', 'lbRevnat', 'lbSourceRanges'],
  agentTable: ['serviceList'],
  mapSizes: ['lbDump', 'lbMaps', 'lbFrontends', 'lbBackends', 'lbRevnat'],
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
    'ipvs',
    'ipsetSave',
    'addresses',
  ],
};
