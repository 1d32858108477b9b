import type { Version } from '../../knowledge/version.ts';
import { canonicalCidr } from '../../model/lb/address.ts';
import { type ReplacementMode, replacementMode } from './replacementMode.ts';
import type { Lookup, Setting } from './Setting.ts';
import { type OptionTraits, SettingReader } from './SettingReader.ts';

export interface PortRange {
  readonly min: number;
  readonly max: number;
}

/** What an agent is told by its options, as far as anybody here wants to know it; each as its version reads it. */
export interface AgentSettings {
  /** What kube-proxy replacement was asked for; what is in effect, an agent's status says. */
  readonly replacement: Setting<ReplacementMode>;
  /** NodePorts without the rest of the replacement, up to 1.18. */
  readonly nodePort: Setting<boolean>;
  readonly hostPort: Setting<boolean>;
  readonly ipv4: Setting<boolean>;
  readonly ipv6: Setting<boolean>;
  /** Devices, or patterns of them, that somebody named; empty: the agent chooses. */
  readonly devices: Setting<readonly string[]>;
  readonly nodePortRange: Setting<PortRange>;
  /** Ports that are NodePorts may not be bound on the host. */
  readonly bindProtection: Setting<boolean>;
  /** The CIDRs of the addresses that serve NodePorts; empty: one address of each device. */
  readonly nodePortAddresses: Setting<readonly string[]>;
  readonly externalClusterIP: Setting<boolean>;
  readonly mode: Setting<'snat' | 'dsr' | 'hybrid'>;
  readonly modeAnnotation: Setting<boolean>;
  readonly algorithm: Setting<'random' | 'maglev'>;
  readonly algorithmAnnotation: Setting<boolean>;
  readonly maglevTableSize: Setting<number>;
  /** `opt`, `ipip`, `geneve`. */
  readonly dsrDispatch: Setting<string>;
  /** Of NodePorts, by XDP: `disabled`, `native`, `best-effort`, … */
  readonly acceleration: Setting<string>;
  /** `tunnel` or `native`. */
  readonly routingMode: Setting<string>;
  /** Without a tunnel: agents make routes to the pods of nodes on the same network. */
  readonly autoDirectNodeRoutes: Setting<boolean>;
  /** `none`, or the mode in which another CNI makes links and routes of pods. */
  readonly chaining: Setting<string>;
  /** Who gives pods their addresses: `cluster-pool`, `kubernetes`, `eni`, … */
  readonly ipam: Setting<string>;
  /** `vxlan` or `geneve`. */
  readonly tunnelProtocol: Setting<string>;
  /** 0: that of the protocol. */
  readonly tunnelPort: Setting<number>;
  /** Policies that select nodes hold for what comes to the node itself, tunnels included. */
  readonly hostFirewall: Setting<boolean>;
  /** What goes between nodes is encrypted. */
  readonly wireguard: Setting<boolean>;
  readonly ipsec: Setting<boolean>;
  readonly sourceRangeCheck: Setting<boolean>;
  readonly sourceRangeAllTypes: Setting<boolean>;
  readonly serviceTopology: Setting<boolean>;
  /**
   * Services with this value of the label `service.kubernetes.io/service-proxy-name`; empty: those without the label.
   */
  readonly serviceProxyName: Setting<string>;
  readonly wildcards: Setting<boolean>;
  /** Who gives Services without loadBalancerClass their addresses: `lbipam`, `nodeipam`, `none`. */
  readonly loadBalancerIpam: Setting<string>;
  /** Empty: off. Read by the operator, too. */
  readonly loadBalancerL7: Setting<string>;
  readonly internalTrafficPolicy: Setting<boolean>;
  readonly localRedirects: Setting<boolean>;
  /** The only CIDRs that redirects by address may use; empty: any. */
  readonly redirectCidrs: Setting<readonly string[]>;
  /** The agent answers at healthCheckNodePort of Services with externalTrafficPolicy Local. */
  readonly healthCheckNodePort: Setting<boolean>;
  /** Health checks of Services with externalTrafficPolicy Local answer on their LoadBalancer addresses, too. */
  readonly healthCheckLoadBalancerIP: Setting<boolean>;
  /** Socket load balancing without the rest of the replacement. */
  readonly socketLb: Setting<boolean>;
  readonly socketLbHostNamespaceOnly: Setting<boolean>;
  /** Sockets of pods to backends that are gone are closed. */
  readonly socketTermination: Setting<boolean>;
  readonly envoyConfig: Setting<boolean>;
  /** Packets of pods go through the host’s routing and netfilter instead of past them. */
  readonly hostLegacyRouting: Setting<boolean>;
  readonly sctp: Setting<boolean>;
  readonly bpfMasquerade: Setting<boolean>;
  /** External IPs are no longer left alone inside the cluster. */
  readonly externalIpMitigationOff: Setting<boolean>;
  /** What comes back when there is no backend. */
  readonly noBackendResponse: Setting<'reject' | 'drop'>;
  /** Where the agent answers kube-proxy's health checks; empty: nowhere. */
  readonly healthzBindAddress: Setting<string>;
  /** Ways to the API server that make KUBERNETES_SERVICE_HOST unimportant; empty: not used. */
  readonly apiServerUrls: Setting<string>;
  readonly apiServer: Setting<string>;
  readonly kubeconfigPath: Setting<string>;
  /** LoadBalancer addresses are announced by ARP and NDP. */
  readonly l2Announcements: Setting<boolean>;
  /** LoadBalancer addresses are announced by BGP. */
  readonly bgpControlPlane: Setting<boolean>;
  /** Addresses of nodes are given to Services of the class io.cilium/node; read by the operator alone. */
  readonly nodeIpam: Setting<boolean>;
  /** By which consistent hashing begins: the same on all nodes, or they choose other backends. */
  readonly maglevSeed: Setting<string>;
  /** Agents make no CiliumEndpoints. */
  readonly endpointCrdOff: Setting<boolean>;
  readonly pathMtuDiscovery: Setting<boolean>;
}
export type SettingName = keyof AgentSettings;

/** Some settings without their origins. */
export type SettingValues<N extends SettingName> = { readonly [K in N]: AgentSettings[K]['value'] };

/**
 * Keys, defaults and lifetimes, each read in the sources of 1.16 to 1.20 (cilium: pkg/option/config.go, pkg/defaults,
 * daemon/cmd/daemon_main.go, pkg/kpr, pkg/loadbalancer/config.go). These versions differ in which options they have; an
 * option that two of them have has the same default in both. Without an option, an agent does what its default says.
 */
export function agentSettings(lookup: Lookup, version: Version): AgentSettings {
  const read = new SettingReader(lookup, version);
  return {
    replacement: read.parsed('kube-proxy-replacement', replacementMode, 'off'),
    nodePort: read.flag('enable-node-port', false, { until: '1.19.0' }),
    hostPort: read.flag('enable-host-port', false, { until: '1.19.0' }),
    ipv4: read.flag('enable-ipv4', true),
    ipv6: read.flag('enable-ipv6', true),
    devices: read.parsed('devices', listed, []),
    nodePortRange: read.parsed('node-port-range', portRange, { min: 30_000, max: 32_767 }),
    bindProtection: read.flag('node-port-bind-protection', true),
    nodePortAddresses: read.parsed('nodeport-addresses', listed, []),
    externalClusterIP: read.flag('bpf-lb-external-clusterip', false),
    mode: read.choice('bpf-lb-mode', ['snat', 'dsr', 'hybrid'], 'snat', formerly('node-port-mode')),
    modeAnnotation: read.flag('bpf-lb-mode-annotation', false, { since: '1.17.0' }),
    algorithm: read.choice('bpf-lb-algorithm', ['random', 'maglev'], 'random', formerly('node-port-algorithm')),
    algorithmAnnotation: read.flag('bpf-lb-algorithm-annotation', false, { since: '1.17.0' }),
    maglevTableSize: read.parsed('bpf-lb-maglev-table-size', count, 16_381),
    dsrDispatch: read.text('bpf-lb-dsr-dispatch', 'opt'),
    acceleration: read.text('bpf-lb-acceleration', 'disabled', { former: { key: 'node-port-acceleration' } }),
    routingMode: read.text('routing-mode', 'tunnel'),
    autoDirectNodeRoutes: read.flag('auto-direct-node-routes', false),
    chaining: read.text('cni-chaining-mode', 'none'),
    ipam: read.text('ipam', 'cluster-pool'),
    tunnelProtocol: read.text('tunnel-protocol', 'vxlan'),
    tunnelPort: read.parsed('tunnel-port', count, 0),
    hostFirewall: read.flag('enable-host-firewall', false),
    wireguard: read.flag('enable-wireguard', false),
    ipsec: read.flag('enable-ipsec', false),
    sourceRangeCheck: read.flag('enable-svc-source-range-check', true, { until: '1.19.0' }),
    sourceRangeAllTypes: read.flag('bpf-lb-source-range-all-types', false, { since: '1.17.0' }),
    serviceTopology: read.flag('enable-service-topology', false),
    serviceProxyName: read.text('k8s-service-proxy-name', ''),
    wildcards: read.flag('bpf-lb-enable-wildcard-entries', true, { since: '1.20.0' }),
    loadBalancerIpam: read.text('default-lb-service-ipam', 'lbipam'),
    loadBalancerL7: read.text('loadbalancer-l7', ''),
    internalTrafficPolicy: read.flag('enable-internal-traffic-policy', true, { since: '1.17.0', until: '1.19.0' }),
    localRedirects: read.flag('enable-local-redirect-policy', false),
    redirectCidrs: read.parsed('lrp-address-matcher-cidrs', cidrs, [], { since: '1.18.0' }),
    healthCheckNodePort: read.flag('enable-health-check-nodeport', true),
    healthCheckLoadBalancerIP: read.flag('enable-health-check-loadbalancer-ip', false),
    socketLb: read.flag('bpf-lb-sock', false),
    socketLbHostNamespaceOnly: read.flag('bpf-lb-sock-hostns-only', false),
    socketTermination: read.flag('bpf-lb-sock-terminate-pod-connections', true),
    envoyConfig: read.flag('enable-envoy-config', false),
    hostLegacyRouting: read.flag('enable-host-legacy-routing', false),
    sctp: read.flag('enable-sctp', false),
    bpfMasquerade: read.flag('enable-bpf-masquerade', false),
    externalIpMitigationOff: read.flag('disable-external-ip-mitigation', false),
    noBackendResponse: read.choice('service-no-backend-response', ['reject', 'drop'], 'reject'),
    healthzBindAddress: read.text('kube-proxy-replacement-healthz-bind-address', ''),
    apiServerUrls: read.text('k8s-api-server-urls', '', { since: '1.18.0' }),
    apiServer: read.text('k8s-api-server', '', { until: '1.20.0' }),
    kubeconfigPath: read.text('k8s-kubeconfig-path', ''),
    l2Announcements: read.flag('enable-l2-announcements', false),
    bgpControlPlane: read.flag('enable-bgp-control-plane', false),
    nodeIpam: read.flag('enable-node-ipam', false),
    maglevSeed: read.text('bpf-lb-maglev-hash-seed', 'JLfvgnHc2kaSUFaI'),
    endpointCrdOff: read.flag('disable-endpoint-crd', false),
    pathMtuDiscovery: read.flag('enable-pmtu-discovery', false),
  };
}

const formerly = (key: string): OptionTraits => ({ former: { key, until: '1.20.0' } });

const listed = (text: string): readonly string[] => text.split(/[\s,]+/).filter((part) => part !== '');

const cidrs = (text: string): readonly string[] => listed(text).flatMap((part) => canonicalCidr(part) ?? []);

function count(text: string): number | undefined {
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

function portRange(text: string): PortRange | undefined {
  const [min, max, ...others] = listed(text).map((part) => count(part));
  return min === undefined || max === undefined || others.length > 0 ? undefined : { min, max };
}
