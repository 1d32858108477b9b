/**
 * Whose chains these are. `shared` are those that kube-proxy and kubelets up to 1.26 write both and that CNI plugins jump
 * into: by themselves they only set and act on a mark, so they are no sign of anything.
 */
export type ChainOwner =
  | 'kubeProxy'
  | 'shared'
  | 'kubelet'
  | 'cilium'
  | 'networkPolicy'
  | 'hostPorts'
  | 'docker'
  | 'firewalld'
  | 'builtIn'
  | 'unknown';

/** kube-proxy's chains by table, in the modes iptables and ipvs (kubernetes: pkg/proxy/{iptables,ipvs}/proxier.go, 1.13 to 1.36). */
const kubeProxyChains: Readonly<Record<string, readonly string[]>> = {
  nat: ['KUBE-SERVICES', 'KUBE-NODEPORTS', 'KUBE-PROXY-CANARY', 'KUBE-NODE-PORT', 'KUBE-LOAD-BALANCER'],
  filter: [
    'KUBE-SERVICES',
    'KUBE-EXTERNAL-SERVICES',
    'KUBE-FORWARD',
    'KUBE-NODEPORTS',
    'KUBE-PROXY-FIREWALL',
    'KUBE-PROXY-CANARY',
    'KUBE-NODE-PORT',
    'KUBE-SOURCE-RANGES-FIREWALL',
    'KUBE-IPVS-FILTER',
    'KUBE-IPVS-OUT-FILTER',
  ],
  mangle: ['KUBE-PROXY-CANARY'],
};

/** Chains of one Service port or endpoint. Others use the same kind of hash, so the prefix decides, too. */
const perService = /^KUBE-(SVC|SVL|SEP|EXT|FW|XLB)-[A-Z2-7]{16}$/;

const shared: ReadonlySet<string> = new Set(['KUBE-MARK-MASQ', 'KUBE-POSTROUTING']);

const builtIn: ReadonlySet<string> = new Set(['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING']);

/** By name alone, whatever the table. */
const others: readonly (readonly [RegExp, ChainOwner])[] = [
  // kubernetes: pkg/kubelet/kubelet_network_linux.go
  [/^KUBE-(FIREWALL|IPTABLES-HINT|KUBELET-CANARY|MARK-DROP)$/, 'kubelet'],
  [/^(OLD_)?CILIUM_/, 'cilium'],
  // kube-router, and the network policy controllers of k3s and RKE2.
  [/^KUBE-(ROUTER-|POD-FW-|NWPLCY-)/, 'networkPolicy'],
  // CRI-O, and the CNI plugin portmap.
  [/^(KUBE-HOSTPORTS$|KUBE-HP-|CRIO-|CNI-)/, 'hostPorts'],
  [/^DOCKER/, 'docker'],
  [
    /^(INPUT|FORWARD|OUTPUT|PREROUTING|POSTROUTING)_(direct|ZONES|POLICIES)|^(FWDI|FWDO|FWD|IN|OUT|PRE|POST)_[a-z]/,
    'firewalld',
  ],
];

export function chainOwner(table: string, chain: string): ChainOwner {
  if (builtIn.has(chain)) return 'builtIn';
  if (shared.has(chain)) return 'shared';
  if (kubeProxyChains[table]?.includes(chain) || (table === 'nat' && perService.test(chain))) return 'kubeProxy';
  return others.find(([pattern]) => pattern.test(chain))?.[1] ?? 'unknown';
}

/** An empty chain by which kube-proxy notices that its rules were flushed; nothing happens in it. */
export const canaryChain = 'KUBE-PROXY-CANARY';

const ipsetNames = [
  'LOOP-BACK',
  'CLUSTER-IP',
  'EXTERNAL-IP',
  'EXTERNAL-IP-LOCAL',
  'LOAD-BALANCER',
  'LOAD-BALANCER-FW',
  'LOAD-BALANCER-LOCAL',
  'LOAD-BALANCER-SOURCE-IP',
  'LOAD-BALANCER-SOURCE-CIDR',
  'NODE-PORT-TCP',
  'NODE-PORT-LOCAL-TCP',
  'NODE-PORT-UDP',
  'NODE-PORT-LOCAL-UDP',
  'NODE-PORT-SCTP-HASH',
  'NODE-PORT-LOCAL-SCTP-HASH',
  'HEALTH-CHECK-NODE-PORT',
  'IPVS-IPS',
];

/** The sets of kube-proxy's ipvs mode; KUBE-SRC- and KUBE-DST- are kube-router's. Names of sets end at 31 characters. */
export const kubeProxyIpsets: ReadonlySet<string> = new Set(
  ipsetNames.flatMap((name) => [`KUBE-${name}`, `KUBE-6-${name}`.slice(0, 31)]),
);

/** The dummy link on which kube-proxy's ipvs mode puts the addresses of all Services. */
export const ipvsLink = 'kube-ipvs0';
