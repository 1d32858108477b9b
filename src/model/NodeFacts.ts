import type { Fact } from './Fact.ts';
import type { TransportProtocol } from './lb/address.ts';
import type { FrontendKey } from './lb/keys.ts';
import type { LbTable } from './lb/LbTable.ts';
import type { ProxyTable } from './lb/ProxyTable.ts';
import type { FilterTable } from './PacketFilter.ts';
import type { RawSettings } from './RawSettings.ts';
import type { UdpTranslations } from './UdpTranslation.ts';

/** What was seen on one node. Sources: knowledge/nodeCommands.ts. */
export interface NodeFacts {
  readonly status: Fact<AgentStatus>;
  readonly frontendStates: Fact<readonly FrontendState[]>;
  readonly moduleHealth: Fact<readonly ModuleHealth[]>;
  readonly nodeAddresses: Fact<readonly NodeAddress[]>;
  /** Calls of the API server that failed, as far as the agent's log tells; of sysdumps only. */
  readonly failedCalls: Fact<FailedCalls>;
  /** What the agent's own tables of load balancing still wait for since its start; empty: it has listed everything. */
  readonly pendingInitializers: Fact<readonly string[]>;
  /** Agent metrics of interest: map pressure, configuration drift. */
  readonly metrics: Fact<AgentMetrics>;
  /**
   * Frontends of the maps and how many backends take new connections, by `address:port/PROTO`; with `/i` for
   * the scope of in-cluster clients where a Service has two; `/ANY` where the row has no protocol (before
   * 1.17). Without wildcard rows.
   */
  readonly mapFrontends: Fact<ReadonlyMap<FrontendKey, MapFrontend>>;
  /** The pinned load-balancing maps, read without the agent. */
  readonly lbTable: Fact<LbTable>;
  /** What the agent itself believes of its frontends; read only to tell which step lost something. */
  readonly agentTable: Fact<LbTable>;
  readonly mapSizes: Fact<readonly MapSize[]>;
  /** The configuration as the agent's init container wrote it when the pod started. */
  readonly startedConfig: Fact<RawSettings>;
  readonly cgroupPrograms: Fact<readonly CgroupProgram[]>;
  /** The first 256 network devices, those of pods left out, and the eBPF programs on each. */
  readonly devicePrograms: Fact<readonly DevicePrograms[]>;
  /** Four dumps, each backend and family; known when any of them could be read. */
  readonly iptables: Fact<readonly IptablesDump[]>;
  readonly interfaces: Fact<readonly NetworkInterface[]>;
  readonly ipsets: Fact<readonly string[]>;
  readonly ipvs: Fact<readonly VirtualServer[]>;
  readonly listeners: Fact<readonly Listener[]>;
  readonly kernel: Fact<string>;
  /** By which ways packets leave for where no other route leads, of both families. */
  readonly defaultRoutes: Fact<readonly DefaultRoute[]>;
  /** Where the main table of routes leads, of each family. */
  readonly routes4: Fact<RouteMap>;
  readonly routes6: Fact<RouteMap>;
  /** Rules of IPv4 by which another table of routes may be asked, as printed. */
  readonly routeRules: Fact<readonly string[]>;
  /**
   * Settings of the kernel of interest, by their names (`net.ipv4.ip_local_port_range`); those that it has. Of links of
   * pods only what differs from what Cilium sets there.
   */
  readonly sysctls: Fact<ReadonlyMap<string, string>>;
  /**
   * Options of interest that the kernel was built with, by name (`CONFIG_INET_DIAG_DESTROY`): `y` or `m`; what is not
   * among them is not set.
   */
  readonly kernelOptions: Fact<ReadonlyMap<string, string>>;
  /** Tables named `kube-proxy`. */
  readonly nftTables: Fact<readonly NftTable[]>;
  /** What filters packets beside iptables, by nftables. */
  readonly nftFilters: Fact<readonly FilterTable[]>;
  readonly conntrack: Fact<UdpTranslations>;
  readonly proxyHealth: Fact<ProxyHealth>;
  readonly apiProbe: Fact<ApiProbe>;
  readonly dnsProbe: Fact<readonly DnsProbe[]>;
  /** The API servers as the Service default/kubernetes knows them, dialled from the node. */
  readonly serversProbe: Fact<readonly ServerProbe[]>;
  /** Which places of this and of other nodes the node reaches. */
  readonly reachProbe: Fact<ReachProbe>;
  /** Rules as the kube-proxy pod of the node sees them; `absent` where there is no such pod. */
  readonly proxyRules: Fact<ProxyRules>;
  /**
   * What kube-proxy does on this node: as its pod says or, where there is none, as far as the agent sees its rules.
   */
  readonly proxyTable: Fact<ProxyTable>;
}
export type NodeFactName = keyof NodeFacts;

/** `cilium-dbg status -o json`, reduced. Off is an absent key there; here it is `false` or `undefined`. */
export interface AgentStatus {
  /** The node that it is on, as it says itself; undefined: it does not (before it met others, and in text). */
  readonly node: string | undefined;
  /** e.g. `1.19.6`; undefined when the message has none. */
  readonly version: string | undefined;
  /** `Ok`, `Warning`, `Failure`, `Disabled`. */
  readonly state: string;
  readonly message: string;
  readonly kubernetes: { readonly state: string; readonly message: string };
  /** undefined when the agent does not report on it. */
  readonly kpr: KprStatus | undefined;
  readonly masquerading: { readonly enabled: boolean; readonly mode: string };
  readonly routing: { readonly interHost: string; readonly intraHost: string; readonly tunnelProtocol: string };
  /** Addresses that it gave to pods and to itself, of all its pools; undefined: it does not say. */
  readonly allocated: ReadonlySet<string> | undefined;
  readonly failingControllers: readonly FailingController[];
  /** When the API server last answered its regular question (controller k8s-heartbeat); undefined: it does not say. */
  readonly heartbeat: Past | undefined;
  /** Probe names whose data is stale, with the time since when. */
  readonly stale: ReadonlyMap<string, string>;
}

export interface KprStatus {
  /** Since 1.16 `True` or `False`; before also `Strict`, `Partial`, `Probe`, `Disabled`. */
  readonly mode: string;
  readonly devices: readonly { readonly name: string; readonly addresses: readonly string[] }[];
  readonly directRoutingDevice: string | undefined;
  /** undefined: the text of its status says nothing of it (before 1.12). */
  readonly socketLb: boolean | undefined;
  readonly socketLbHostNamespaceOnly: boolean;
  readonly nodePort: NodePortStatus | undefined;
  readonly externalIPs: boolean;
  readonly hostPort: boolean;
  readonly sessionAffinity: boolean;
  /** The Service annotations that this agent honours; undefined when it does not say (before 1.17, or null). */
  readonly annotations: readonly string[] | undefined;
}

export interface NodePortStatus {
  /** `SNAT`, `DSR`, `Hybrid`. */
  readonly mode: string;
  /** `Random`, `Maglev`. */
  readonly algorithm: string;
  readonly maglevTableSize: number | undefined;
  readonly acceleration: string;
  /** Meaningful only where mode is DSR or Hybrid. */
  readonly dsrDispatch: string | undefined;
  readonly portMin: number;
  readonly portMax: number;
}

export interface FailingController {
  readonly name: string;
  readonly consecutiveFailures: number;
  readonly lastFailure: string;
  /** undefined: never. */
  readonly lastSuccess: Past | undefined;
}

/** A time as the agent tells it: RFC 3339 in JSON, how long ago in text. */
export type Past = { readonly at: string } | { readonly secondsAgo: number };

/** A row of the agent's own frontends table, as far as its reconciliation goes. */
export interface FrontendState {
  readonly frontend: FrontendKey;
  readonly type: string;
  /** `namespace/name` */
  readonly service: string;
  /** `Done`, `Pending`, `Error`. */
  readonly status: string;
  /** How long it is so, in seconds; undefined: not printed. */
  readonly forSeconds: number | undefined;
  readonly error: string;
}

export interface FailedCalls {
  /** How many the last half minute of the log tells of. */
  readonly count: number;
  /** Why the last of them failed, in the log's words; empty: there is none. */
  readonly last: string;
}

export interface ModuleHealth {
  /** e.g. `agent.controlplane.loadbalancer-reconciler` */
  readonly module: string;
  readonly component: string;
  readonly level: 'OK' | 'Degraded' | 'Stopped' | 'Unknown';
  readonly message: string;
  readonly error: string;
  /** When it last said OK, RFC 3339; undefined: it does, never did, or it is not printed. */
  readonly lastOk: string | undefined;
}

export interface NodeAddress {
  readonly address: string;
  readonly nodePort: boolean;
  readonly primary: boolean;
  /** `*` for an address that is not tied to a device. */
  readonly device: string;
}

export interface AgentMetrics {
  /** Map name without the prefix `cilium_` → entries divided by capacity, 0 to 1. */
  readonly mapPressure: ReadonlyMap<string, number>;
  /** Keys of cilium-config that differ from what the agent started with; undefined while the drift checker is off. */
  readonly configDrift: number | undefined;
  /** How many answers of the API server the agent had, by return code: `200`, `403`; `<error>` where none came. */
  readonly apiCalls: ReadonlyMap<string, number>;
  /** Seconds by which the API’s events are late; undefined while the agent does not measure it. */
  readonly eventLag: number | undefined;
}

export interface MapFrontend {
  /** Slots that take new connections; undefined: the row is there, and what is behind it is not known. */
  readonly selectable: number | undefined;
}

export interface MapSize {
  readonly map: string;
  readonly entries: number;
  readonly maxEntries: number;
}

export interface CgroupProgram {
  /** e.g. `cil_sock4_connect`; bpftool cuts names to 15 characters where the kernel has no BTF. */
  readonly name: string;
  /** e.g. `cgroup_inet4_connect`; older bpftool: `connect4`. */
  readonly attachType: string;
}

export interface DevicePrograms {
  readonly device: string;
  /** In the order in which packets meet them; the kernel cuts names to 15 characters, `id=12` is one without. */
  readonly programs: readonly { readonly hook: 'ingress' | 'egress' | 'xdp'; readonly name: string }[];
}

export interface IptablesDump {
  readonly backend: 'nft' | 'legacy';
  readonly family: 'ipv4' | 'ipv6';
  /**
   * Missing where this backend and family could not be read although another could: what it holds is
   * unknown, not nothing.
   */
  readonly tables: Fact<readonly IptablesTable[]>;
}

export interface IptablesTable {
  readonly name: string;
  /** As printed. Where nodes have most of them in common, they are put together when somebody asks. */
  readonly chains: readonly IptablesChain[];
  /** undefined: of nothing in it is it known that others have it, too. */
  readonly parts?: TableParts;
}

/** The same table as what many nodes have in common, and the rest. */
export interface TableParts {
  readonly common: CommonRules;
  /** All other chains, in their order; of some of them some rules are common. */
  readonly own: readonly IptablesChain[];
  /** How many of the common chains stand before each of these. */
  readonly before: readonly number[];
}

/**
 * Rules of kube-proxy as they are while no packet has met them. Nodes that have the same ones hold the same object:
 * whoever judges them does so once for all of these.
 */
export interface CommonRules {
  /** Of single Services and endpoints, in the order of their names: none of them has a policy. */
  readonly chains: readonly IptablesChain[];
  /** Of a chain that holds them in an order that is a node's own; empty: there are none. */
  rulesOf(chain: string): readonly IptablesRule[];
  /** The place of a chain among `chains`; -1: it is none of them. */
  find(chain: string): number;
}

export interface IptablesChain {
  readonly name: string;
  /** Built-in chains only. */
  readonly policy: string | undefined;
  /** Packets and bytes that met the policy, as printed: `12:345`. */
  readonly counters?: string;
  readonly rules: readonly IptablesRule[];
  /** undefined: of none of its rules is it known that others have it, too. */
  readonly parts?: ChainParts;
}

/** The rules of a chain as what many nodes have in common, and the rest. */
export interface ChainParts {
  readonly common: CommonRules;
  readonly own: readonly IptablesRule[];
}

export interface IptablesRule {
  /** The line as printed, without counters, e.g. `-A KUBE-SERVICES -d 10.96.0.1/32 … -j KUBE-SVC-NPX46M4PTMTKRN6Y`. */
  readonly line: string;
  readonly packets: number | undefined;
  readonly bytes: number | undefined;
  /** As printed (`12:345`), only where the two numbers above can't hold them exactly. */
  readonly counters?: string;
  /** What stands after `-j` or `-g`. */
  readonly target: string | undefined;
  readonly comment: string | undefined;
}

export interface DefaultRoute {
  readonly family: 'ipv4' | 'ipv6';
  /** undefined: the link itself leads there. */
  readonly gateway: string | undefined;
  readonly device: string;
  /** The lowest one is taken. */
  readonly metric: number;
}

/**
 * All addresses of a family, divided by where the most special route leads: each span reaches to the next one. What a
 * thousand nodes have for each other is one span, where they all lead to one link.
 */
export type RouteMap = readonly RouteSpan[];

export interface RouteSpan {
  /** Its first address, as a number. */
  readonly from: bigint;
  /** undefined: there is no route, or one that leads nowhere (`blackhole`). */
  readonly device: string | undefined;
  /** Only the default route leads there. */
  readonly isDefault: boolean;
  /** The route by which the kernel refuses to send there: `blackhole`, `10.244.2.0/26`. */
  readonly refusedBy?: { readonly kind: string; readonly network: string };
}

export interface NetworkInterface {
  readonly name: string;
  readonly up: boolean;
  readonly addresses: readonly string[];
  /** undefined: not printed. */
  readonly mtu?: number | undefined;
}

export interface VirtualServer {
  readonly protocol: TransportProtocol;
  readonly address: string;
  readonly port: number;
  readonly destinations: number;
}

export interface Listener {
  readonly address: string;
  readonly port: number;
  /** The agent itself, as its container tells; of processes elsewhere on the node it tells nothing. */
  readonly isAgent?: true;
}

/**
 * Who answers on the health port of a service proxy (10256). kube-proxy's body has `nodeEligible`, Cilium's has not.
 */
export type ProxyHealth =
  | { readonly kind: 'nobody' }
  | { readonly kind: 'cilium' | 'kubeProxy'; readonly httpStatus: number }
  | { readonly kind: 'other'; readonly excerpt: string };

/** A TCP connect and a TLS request from the agent's own environment to the API server that it was given. */
export interface ApiProbe {
  /** KUBERNETES_SERVICE_HOST of the agent container, as set there. */
  readonly host: string;
  readonly port: string;
  /** Empty when the name did not resolve. */
  readonly resolved: readonly string[];
  readonly connect: 'open' | 'refused' | 'timeout' | 'unresolved' | 'failed';
  readonly detail: string;
}

export interface DnsProbe {
  /** The ClusterIP, or an endpoint's address for comparison. */
  readonly server: string;
  readonly port: number;
  readonly via: 'clusterIP' | 'endpoint';
  readonly protocol: 'UDP' | 'TCP';
  readonly outcome: 'answered' | 'timeout' | 'refused' | 'badAnswer';
  /** With which error a server answered, e.g. `SERVFAIL`: it was reached, and knows no answer. */
  readonly rcode?: string;
  readonly detail: string;
}

export interface ServerProbe {
  /** The ClusterIP of default/kubernetes, or a server behind it. */
  readonly via: 'clusterIP' | 'server';
  readonly address: string;
  readonly port: number;
  readonly connect: 'open' | 'refused' | 'timeout' | 'failed';
  readonly detail: string;
}

/** Connections that a node opened, all at once. */
export interface ReachProbe {
  /** The node, as whoever sent the program there called it. */
  readonly from: string;
  readonly tries: readonly ReachTry[];
  /** What Cilium dropped on the node while some of them did not answer. */
  readonly drops: readonly Drop[];
  /** For how long the program was not let run at once: a node without processors to spare answers late, too. */
  readonly lagMs: number;
}

/**
 * A place on a node: the endpoint by which agents see whether nodes reach each other (no policy is about that one), a
 * pod, or the node itself.
 */
export interface ReachPlace {
  readonly node: string;
  readonly kind: 'health' | 'pod' | 'node';
  readonly address: string;
  readonly port: number;
}

export interface ReachTry extends ReachPlace {
  /** Who refuses is there, too. */
  readonly outcome: 'open' | 'refused' | 'timeout' | 'failed';
  readonly ms: number;
  /** What the kernel said; empty where the connection was made. */
  readonly detail: string;
}

export interface Drop {
  readonly direction: 'ingress' | 'egress';
  /** In Cilium's words, e.g. `Policy denied`. */
  readonly reason: string;
  readonly packets: number;
}

export interface ProxyRules {
  readonly pod: string;
  readonly iptables: readonly IptablesDump[];
  /** Tables named `kube-proxy` in `nft -j list ruleset`; missing where nft could not be run. */
  readonly nftTables: Fact<readonly NftTable[]>;
  /** The rules by which packets go, of whichever mode. Those who want kube-proxy's rows want NodeFacts.proxyTable. */
  readonly table: Fact<ProxyTable>;
}

export interface NftTable {
  /** `ip`, `ip6`, `inet`. */
  readonly family: string;
  /** undefined: not counted. */
  readonly chains: number | undefined;
}
