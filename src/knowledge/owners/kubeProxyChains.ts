export type KubeProxyMode = 'iptables' | 'ipvs' | 'userspace';

/**
 * A chain of kube-proxy's, or (with `hashed`) one for each Service port or endpoint, whose name ends with 16
 * characters of a hash.
 */
export interface KubeProxyChain {
  readonly table: 'nat' | 'filter' | 'mangle';
  readonly name: string;
  readonly hashed?: true;
  readonly modes: readonly KubeProxyMode[];
  /** The minor version that brought it, where that is known to be later than 1.23: `1.24`. */
  readonly since?: string;
  /** The last one that writes it; undefined: 1.36 does. */
  readonly until?: string;
  /** What else is to be known of it. */
  readonly note?: string;
}

const iptables: readonly KubeProxyMode[] = ['iptables'];
const ipvs: readonly KubeProxyMode[] = ['ipvs'];
const both: readonly KubeProxyMode[] = ['iptables', 'ipvs'];
const userspace: readonly KubeProxyMode[] = ['userspace'];

/**
 * kubernetes: pkg/proxy/iptables/{proxier,cleanup}.go, pkg/proxy/ipvs/proxier.go, pkg/proxy/userspace/proxier.go of
 * 1.23 to 1.36. The chains that others write, too (KUBE-MARK-MASQ, KUBE-POSTROUTING), stand in ownerOfChain.ts.
 */
export const kubeProxyChains: readonly KubeProxyChain[] = [
  { table: 'nat', name: 'KUBE-SERVICES', modes: both },
  { table: 'nat', name: 'KUBE-NODEPORTS', modes: iptables },
  { table: 'nat', name: 'KUBE-PROXY-CANARY', modes: iptables },
  { table: 'nat', name: 'KUBE-SVC-', hashed: true, modes: iptables },
  { table: 'nat', name: 'KUBE-SVL-', hashed: true, modes: iptables, since: '1.24' },
  { table: 'nat', name: 'KUBE-EXT-', hashed: true, modes: iptables, since: '1.24' },
  { table: 'nat', name: 'KUBE-FW-', hashed: true, modes: iptables },
  { table: 'nat', name: 'KUBE-SEP-', hashed: true, modes: iptables },
  {
    table: 'nat',
    name: 'KUBE-XLB-',
    hashed: true,
    modes: iptables,
    until: '1.23',
    note: 'kube-proxy 1.28 and later neither collects nor cleans them up',
  },
  { table: 'nat', name: 'KUBE-NODE-PORT', modes: ipvs },
  { table: 'nat', name: 'KUBE-LOAD-BALANCER', modes: ipvs },
  {
    table: 'nat',
    name: 'KUBE-FIREWALL',
    modes: ipvs,
    until: '1.25',
    note: 'the chain of the same name in the table filter is kubelet’s',
  },
  { table: 'nat', name: 'KUBE-PORTALS-CONTAINER', modes: userspace, until: '1.25' },
  { table: 'nat', name: 'KUBE-PORTALS-HOST', modes: userspace, until: '1.25' },
  { table: 'nat', name: 'KUBE-NODEPORT-CONTAINER', modes: userspace, until: '1.25' },
  { table: 'nat', name: 'KUBE-NODEPORT-HOST', modes: userspace, until: '1.25' },
  { table: 'filter', name: 'KUBE-SERVICES', modes: iptables },
  { table: 'filter', name: 'KUBE-EXTERNAL-SERVICES', modes: iptables },
  { table: 'filter', name: 'KUBE-FORWARD', modes: both },
  { table: 'filter', name: 'KUBE-NODEPORTS', modes: iptables },
  {
    table: 'filter',
    name: 'KUBE-PROXY-FIREWALL',
    modes: both,
    since: '1.25',
    note: 'kube-proxy up to 1.33 leaves it behind when it cleans up',
  },
  {
    table: 'filter',
    name: 'KUBE-PROXY-CANARY',
    modes: iptables,
    note: 'kube-proxy up to 1.33 leaves its canaries behind when it cleans up',
  },
  { table: 'filter', name: 'KUBE-NODE-PORT', modes: ipvs },
  { table: 'filter', name: 'KUBE-SOURCE-RANGES-FIREWALL', modes: ipvs },
  { table: 'filter', name: 'KUBE-IPVS-FILTER', modes: ipvs },
  { table: 'filter', name: 'KUBE-IPVS-OUT-FILTER', modes: ipvs },
  { table: 'filter', name: 'KUBE-NODEPORT-NON-LOCAL', modes: userspace, until: '1.25' },
  { table: 'mangle', name: 'KUBE-PROXY-CANARY', modes: iptables },
];

/**
 * By table, then by name or prefix: nodes have tens of thousands of chains, and looking two strings up is
 * faster than joining them.
 */
function byTable(isHashed: boolean): ReadonlyMap<string, ReadonlyMap<string, KubeProxyChain>> {
  const tables = Map.groupBy(
    kubeProxyChains.filter(({ hashed = false }) => hashed === isHashed),
    ({ table }) => table,
  );
  return new Map([...tables].map(([table, chains]) => [table, new Map(chains.map((chain) => [chain.name, chain]))]));
}
const fixed = byTable(false);
const hashed = byTable(true);
const hash = /^[A-Z2-7]{16}$/;

/** What is known of a chain by that name in that table; undefined: it is not kube-proxy's. */
export function kubeProxyChain(table: string, name: string): KubeProxyChain | undefined {
  const own = fixed.get(table)?.get(name);
  if (own !== undefined) return own;
  // Others use the same kind of hash, so the prefix decides, too.
  const chain = hashed.get(table)?.get(name.slice(0, -16));
  return chain !== undefined && hash.test(name.slice(-16)) ? chain : undefined;
}
