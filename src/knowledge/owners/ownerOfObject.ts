import type { Owner } from './Owner.ts';

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

/**
 * The sets of kube-proxy's ipvs mode (kubernetes: pkg/proxy/ipvs/ipset.go); KUBE-SRC- and KUBE-DST- are kube-router's.
 * Names of sets end at 31 characters.
 */
export const kubeProxyIpsets: ReadonlySet<string> = new Set(
  ipsetNames.flatMap((name) => [`KUBE-${name}`, `KUBE-6-${name}`.slice(0, 31)]),
);

/** The dummy link on which kube-proxy's ipvs mode puts the addresses of all Services. */
export const ipvsLink = 'kube-ipvs0';

export function ownerOfIpset(name: string): Owner {
  if (kubeProxyIpsets.has(name)) return 'kubeProxy';
  if (/^cilium_node_set_v[46]$/.test(name)) return 'cilium';
  return otherSets.find(([pattern]) => pattern.test(name))?.[1] ?? 'unknown';
}

const otherSets: readonly (readonly [name: RegExp, owner: Owner])[] = [
  // kube-router: pkg/controllers/{netpol,proxy,routing}, pkg/utils/ipset.go
  [/^(inet6:)?(KUBE-(SRC|DST)-|kube-router-)/, 'kubeRouter'],
  // calico: felix/ipsets
  [/^(cali(40|4t|60|6t)|felix-)/, 'calico'],
  // antrea: pkg/agent/route
  [/^(ANTREA-|CLUSTER-NODE-IP6?$)/, 'antrea'],
  [/^weave-/, 'weave'],
  // moby: libnetwork
  [/^docker-ext-bridges-v[46]$/, 'docker'],
];

/** Tables of the nft backend of iptables hold everybody's chains: see ownerOfChain. */
export function ownerOfNftTable(family: string, name: string): Owner {
  const isIp = family === 'ip' || family === 'ip6';
  if (name === 'kube-proxy') return isIp ? 'kubeProxy' : 'unknown';
  // containernetworking/plugins: plugins/meta/portmap, pkg/ip
  if (name === 'cni_hostport') return isIp ? 'portmap' : 'unknown';
  if (name === 'cni_plugins_masquerade') return 'cniPlugins';
  if (name === 'docker-bridges') return isIp ? 'docker' : 'unknown';
  if (/^firewalld(_policy_drop|_probe)?$/.test(name)) return 'firewalld';
  return 'unknown';
}
