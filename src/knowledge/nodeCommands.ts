import type { NodeFactName } from '../model/NodeFacts.ts';
import type { AnswerName } from '../model/raw.ts';
import type { AgentProgramName } from '../programs/programs.ts';

/**
 * Commands of one lane run one after the other, lanes run side by side: few processes at a time in the agent's
 * container (its memory is limited), and a hung agent holds up its own lane only.
 */
export type Lane = 'agent' | 'maps' | 'host' | 'probes' | 'reach';

interface AnyCommand {
  readonly lane: Lane;
  /** What a person would type after `kubectl exec … --` to see the same; the program may ask for JSON. */
  readonly shown: string;
  /**
   * What shows the same when it is typed into the agent's shell (1.17 and newer): commands that have this share one
   * process, for each start of `cilium-dbg` takes 50 ms. The command itself is run where there is no shell.
   */
  readonly shell?: string;
  /** Needed only where this answer, which is asked before in the same lane, failed. */
  readonly unless?: AnswerName;
}

/**
 * One program of the agent's image and its words: `$CILIUM` is `cilium-dbg` or, where that is missing, `cilium`;
 * `$CGROUP` the cgroup root.
 */
interface WordsCommand<Name extends AgentProgramName> extends AnyCommand {
  readonly words: string;
  /** What says the same in less, asked of large clusters; one of the shell, where there are words for it. */
  readonly inLittle?: Name;
}

/** What takes more than that is a file of src/programs/agent, which has the name of the answer. */
interface ProgramCommand<Name extends AgentProgramName> extends AnyCommand {
  readonly program: Name;
}

export type NodeCommand = WordsCommand<AgentProgramName> | ProgramCommand<AgentProgramName>;
type CommandFor<Name extends AnswerName> =
  | WordsCommand<Name & AgentProgramName>
  | ProgramCommand<Name & AgentProgramName>;

/** What the agent is asked for of its metrics, of some hundred kilobytes. */
const metricsOfInterest = 'bpf_map_pressure|drift_checker|k8s_client_api_calls_total|k8s_event_lag';

/**
 * Settings of the kernel that are read (programs/agent/sysctls.sh): which ports it gives to connections and which of
 * these it keeps free, whether it forwards, and whether it drops what comes by another link than it would answer by.
 * @param name as `sysctl -a` prints it: dots, and a slash for a dot in a link's name
 */
export const isReadSysctl = (name: string): boolean => readSysctls.test(name);
const readSysctls =
  /^net\.(?:ipv4\.(?:ip_local_port_range|ip_local_reserved_ports|ip_forward|conf\.[^.]+\.(?:forwarding|rp_filter))|ipv6\.conf\.all\.forwarding)$/;
/** The file of a setting: what is a slash in its name is a dot in the file's. */
export const sysctlFile = (name: string): string =>
  `/proc/sys/${name.replaceAll(/[./]/g, (one) => (one === '.' ? '/' : '.'))}`;

/** A small version of nftTables.pl and nftFilters.pl that a person can type, as agents have no nft: all names. */
const nftNames = (message: number): string =>
  `perl -e 'socket S,16,3,12;send S,pack("LSSx12",20,${message},769),0;recv S,$b,1<<16,0;print"$_\\n"for$b=~/[\\w-]{3,}/g'`;
/** linux: include/uapi/linux/netfilter/nf_tables.h, behind the number of the subsystem. */
const getTable = 0xa01;
const getChain = 0xa04;

/** What the kube-proxy pod of a node is asked, while there is one. */
export const proxyCommands = {
  proxyIptables: ['iptables-save', '-c'],
  proxyIp6tables: ['ip6tables-save', '-c'],
  proxyNft: ['nft', '-j', 'list', 'ruleset'],
} as const satisfies { readonly [Name in AnswerName]?: readonly string[] };

/** Probes of addresses that differ by cluster: they are not asked in the same words everywhere. */
export const probeNames = ['apiProbe', 'dnsProbe', 'serversProbe'] as const satisfies readonly AnswerName[];
export type ProbeName = (typeof probeNames)[number];

/** Where it goes is known late, when the API has listed all pods: its words come by the input, behind all else. */
type LateAnswerName = 'reachProbe';

/** What only sysdumps hold. */
const ofFiles = ['agentLog'] as const satisfies readonly AnswerName[];
type OfFiles = (typeof ofFiles)[number];
export const ofFilesOnly: ReadonlySet<string> = new Set(ofFiles);

/** What is left must be asked of the agent, or nobody asks it. */
type AgentAnswerName = Exclude<AnswerName, ProbeName | LateAnswerName | keyof typeof proxyCommands | OfFiles>;

/** What a node's agent container is asked. Everything only reads; nothing is written, not even temporary files. */
export const agentCommands = {
  status: { lane: 'agent', words: '$CILIUM status -o json', shown: 'cilium-dbg status --verbose' },
  frontends: {
    lane: 'agent',
    words: '$CILIUM shell -- db/show frontends',
    shown: 'cilium-dbg shell -- db/show frontends',
    shell: 'db/show frontends',
  },
  health: {
    lane: 'agent',
    words: '$CILIUM shell -- db/show health',
    shown: 'cilium-dbg shell -- db/show health',
    shell: 'db/show health',
  },
  nodeAddresses: {
    lane: 'agent',
    words: '$CILIUM shell -- db/show node-addresses',
    shown: 'cilium-dbg shell -- db/show node-addresses',
    shell: 'db/show node-addresses',
  },
  tables: {
    lane: 'agent',
    words: '$CILIUM shell -- db',
    shown: 'cilium-dbg shell -- db',
    shell: 'db',
  },
  metrics: {
    lane: 'agent',
    words: `$CILIUM metrics list -p '${metricsOfInterest}'`,
    shown: `cilium-dbg metrics list -p '${metricsOfInterest}'`,
    shell: `metrics '${metricsOfInterest}'`,
  },
  serviceList: {
    lane: 'agent',
    words: '$CILIUM service list -o json',
    shown: 'cilium-dbg service list',
    inLittle: 'serviceList',
  },
  lbDump: { lane: 'maps', program: 'lbDump', shown: 'cilium-dbg bpf lb list' },
  lbList: {
    lane: 'maps',
    words: '$CILIUM bpf lb list -o json',
    shown: 'cilium-dbg bpf lb list',
    unless: 'lbDump',
  },
  lbFrontends: {
    lane: 'maps',
    words: '$CILIUM bpf lb list --frontends -o json',
    shown: 'cilium-dbg bpf lb list --frontends',
    unless: 'lbDump',
  },
  lbBackends: {
    lane: 'maps',
    words: '$CILIUM bpf lb list --backends -o json',
    shown: 'cilium-dbg bpf lb list --backends',
    unless: 'lbDump',
  },
  lbRevnat: {
    lane: 'maps',
    words: '$CILIUM bpf lb list --revnat -o json',
    shown: 'cilium-dbg bpf lb list --revnat',
    unless: 'lbDump',
  },
  lbSourceRanges: {
    lane: 'maps',
    words: '$CILIUM bpf lb list --source-ranges -o json',
    shown: 'cilium-dbg bpf lb list --source-ranges',
    unless: 'lbDump',
  },
  lbMaps: {
    lane: 'maps',
    program: 'lbMaps',
    shown: 'bpftool map show pinned /sys/fs/bpf/tc/globals/cilium_lb4_services_v2',
    unless: 'lbDump',
  },
  startedConfig: {
    lane: 'host',
    program: 'startedConfig',
    shown: 'sh -c "cd /tmp/cilium/config-map && grep -H \'\' *"',
  },
  cgroupPrograms: {
    lane: 'host',
    words: 'bpftool -j cgroup show "$CGROUP"',
    shown: 'bpftool cgroup show /run/cilium/cgroupv2',
  },
  // bpftool shows the tcx hooks from 7.3 on.
  devicePrograms: { lane: 'host', program: 'devicePrograms', shown: 'bpftool net show' },
  iptablesNft: { lane: 'host', words: 'iptables-nft-save -c', shown: 'iptables-nft-save -c', inLittle: 'iptablesNft' },
  ip6tablesNft: {
    lane: 'host',
    words: 'ip6tables-nft-save -c',
    shown: 'ip6tables-nft-save -c',
    inLittle: 'ip6tablesNft',
  },
  // Asking the legacy backend for a table creates it in the kernel; without -t it prints those that
  // exist, and creates none.
  iptablesLegacy: {
    lane: 'host',
    words: 'iptables-legacy-save -c',
    shown: 'iptables-legacy-save -c',
    inLittle: 'iptablesLegacy',
  },
  ip6tablesLegacy: {
    lane: 'host',
    words: 'ip6tables-legacy-save -c',
    shown: 'ip6tables-legacy-save -c',
    inLittle: 'ip6tablesLegacy',
  },
  addresses: { lane: 'host', words: 'ip -j address', shown: 'ip -br address' },
  ipsets: { lane: 'host', words: 'ipset list -n', shown: 'ipset list -n' },
  ipsetSave: {
    lane: 'host',
    program: 'ipsetSave',
    shown: 'ipset save',
  },
  ipvs: { lane: 'host', program: 'ipvs', shown: 'cat /proc/net/ip_vs' },
  // Processes as far as the container shows them: the agent’s own.
  listeners: { lane: 'host', words: 'ss -Hltnp', shown: 'ss -Hltnp' },
  kernel: { lane: 'host', words: 'uname -r', shown: 'uname -r' },
  routes4: { lane: 'host', words: 'ip -4 route', shown: 'ip -4 route', inLittle: 'routes4' },
  routes6: { lane: 'host', words: 'ip -6 route', shown: 'ip -6 route' },
  defaultRoutes4: {
    lane: 'host',
    words: 'ip -4 route show default',
    shown: 'ip -4 route show default',
    unless: 'routes4',
  },
  defaultRoutes6: {
    lane: 'host',
    words: 'ip -6 route show default',
    shown: 'ip -6 route show default',
    unless: 'routes6',
  },
  routeRules: { lane: 'host', words: 'ip rule', shown: 'ip rule' },
  sysctls: {
    lane: 'host',
    program: 'sysctls',
    shown:
      "sh -c 'cd /proc/sys/net && grep -sH ^ ipv4/ip_* ipv4/conf/*/forwarding ipv4/conf/*/rp_filter ipv6/conf/all/forwarding'",
  },
  kernelOptions: { lane: 'host', program: 'kernelOptions', shown: 'zgrep CONFIG_INET_ /proc/config.gz' },
  nftTables: { lane: 'host', program: 'nftTables', shown: nftNames(getTable) },
  nftFilters: { lane: 'host', program: 'nftFilters', shown: nftNames(getChain) },
  conntrack: { lane: 'host', program: 'conntrack', shown: "grep -wE 'udp|ESTABLISHED' /proc/net/nf_conntrack" },
  proxyHealth: {
    lane: 'probes',
    program: 'proxyHealth',
    shown: 'bash -c "exec 3<>/dev/tcp/127.0.0.1/10256; printf \'GET /healthz HTTP/1.0\\r\\n\\r\\n\' >&3; cat <&3"',
  },
} as const satisfies { readonly [Name in AgentAnswerName]: CommandFor<Name> };

/** Which answers a fact is made of. */
export const answersOf: Readonly<Record<NodeFactName, readonly [first: AnswerName, ...more: AnswerName[]]>> = {
  status: ['status'],
  frontendStates: ['frontends'],
  moduleHealth: ['health'],
  nodeAddresses: ['nodeAddresses'],
  pendingInitializers: ['tables'],
  failedCalls: ['agentLog'],
  metrics: ['metrics'],
  mapFrontends: ['lbDump', 'lbFrontends'],
  lbTable: ['lbDump', 'lbList', 'lbFrontends', 'lbBackends', 'lbRevnat', 'lbSourceRanges'],
  agentTable: ['serviceList'],
  mapSizes: ['lbDump', 'lbMaps', 'lbFrontends', 'lbBackends', 'lbRevnat'],
  startedConfig: ['startedConfig'],
  cgroupPrograms: ['cgroupPrograms'],
  devicePrograms: ['devicePrograms'],
  iptables: ['iptablesNft', 'ip6tablesNft', 'iptablesLegacy', 'ip6tablesLegacy'],
  interfaces: ['addresses'],
  ipsets: ['ipsets'],
  ipvs: ['ipvs'],
  listeners: ['listeners'],
  kernel: ['kernel'],
  defaultRoutes: ['routes4', 'routes6', 'defaultRoutes4', 'defaultRoutes6'],
  routes4: ['routes4'],
  routes6: ['routes6'],
  routeRules: ['routeRules'],
  sysctls: ['sysctls'],
  kernelOptions: ['kernelOptions'],
  nftTables: ['nftTables'],
  nftFilters: ['nftFilters'],
  conntrack: ['conntrack'],
  proxyHealth: ['proxyHealth'],
  apiProbe: ['apiProbe'],
  dnsProbe: ['dnsProbe'],
  serversProbe: ['serversProbe'],
  reachProbe: ['reachProbe'],
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

export const nodeFactNames = Object.keys(answersOf) as NodeFactName[];

const connectTo = (host: string, port: string): string => `bash -c '</dev/tcp/${host}/${port} && echo open'`;

const shownCommands: ReadonlyMap<string, string> = new Map([
  ...Object.entries(agentCommands).map(([name, { shown }]): [string, string] => [name, shown]),
  ...Object.entries(proxyCommands).map(([name, words]): [string, string] => [name, words.join(' ')]),
  // No node is asked for it: it lies in sysdumps.
  ['agentLog', 'cat logs-*-cilium-agent-*.log'],
]);

const noPlace = { address: 'POD-IP', port: 80 };
const noServer = { address: 'API-SERVER-IP', port: 6443 };

/**
 * As a person can repeat it, in the container that was asked; what a probe sends by hand-made packets, by a connection
 * to the same place.
 * @param name of an answer; another is given back
 * @param dnsServer one that was probed; so with the API server, and a place on another node
 */
export function shownCommand(
  name: string,
  dnsServer = 'CLUSTER-DNS-IP',
  apiServer = noServer,
  place = noPlace,
): string {
  if (name === 'apiProbe') return connectTo('$KUBERNETES_SERVICE_HOST', '$KUBERNETES_SERVICE_PORT');
  if (name === 'dnsProbe') return connectTo(dnsServer, '53');
  if (name === 'serversProbe') return connectTo(apiServer.address, String(apiServer.port));
  if (name === 'reachProbe') return connectTo(place.address, String(place.port));
  return shownCommands.get(name) ?? name;
}
