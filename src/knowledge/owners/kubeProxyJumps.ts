/** By which rule of a built-in chain packets come to a chain of kube-proxy. */
interface KubeProxyJump {
  readonly table: 'nat' | 'filter';
  readonly from: readonly string[];
  readonly to: string;
  readonly comment: string;
  /** The matches that it may have beside the comment; each version writes one of them. */
  readonly matches: readonly string[];
}

const always = '';
const newOnly = '-m conntrack --ctstate NEW';
const local = '-m addrtype --dst-type LOCAL';

/**
 * kubernetes: iptablesJumpChains of pkg/proxy/{iptables,ipvs}/proxier.go, iptablesInit of
 * pkg/proxy/userspace/proxier.go.
 */
const jumps: readonly KubeProxyJump[] = [
  {
    table: 'nat',
    from: ['PREROUTING', 'OUTPUT'],
    to: 'KUBE-SERVICES',
    comment: 'kubernetes service portals',
    matches: [always],
  },
  {
    table: 'nat',
    from: ['POSTROUTING'],
    to: 'KUBE-POSTROUTING',
    comment: 'kubernetes postrouting rules',
    matches: [always],
  },
  // INPUT: up to 1.19.
  {
    table: 'filter',
    from: ['INPUT', 'FORWARD', 'OUTPUT'],
    to: 'KUBE-SERVICES',
    comment: 'kubernetes service portals',
    matches: [newOnly, always],
  },
  {
    table: 'filter',
    from: ['INPUT', 'FORWARD'],
    to: 'KUBE-EXTERNAL-SERVICES',
    comment: 'kubernetes externally-visible service portals',
    matches: [newOnly],
  },
  {
    table: 'filter',
    from: ['INPUT', 'FORWARD', 'OUTPUT'],
    to: 'KUBE-PROXY-FIREWALL',
    comment: 'kubernetes load balancer firewall',
    matches: [newOnly],
  },
  {
    table: 'filter',
    from: ['INPUT'],
    to: 'KUBE-NODEPORTS',
    comment: 'kubernetes health check service ports',
    matches: [always],
  },
  { table: 'filter', from: ['FORWARD'], to: 'KUBE-FORWARD', comment: 'kubernetes forwarding rules', matches: [always] },
  {
    table: 'filter',
    from: ['INPUT'],
    to: 'KUBE-NODE-PORT',
    comment: 'kubernetes health check rules',
    matches: [always],
  },
  {
    table: 'filter',
    from: ['INPUT', 'FORWARD'],
    to: 'KUBE-PROXY-FIREWALL',
    comment: 'kube-proxy firewall rules',
    matches: [always],
  },
  {
    table: 'filter',
    from: ['INPUT'],
    to: 'KUBE-IPVS-FILTER',
    comment: 'kubernetes ipvs access filter',
    matches: [always],
  },
  {
    table: 'filter',
    from: ['OUTPUT'],
    to: 'KUBE-IPVS-OUT-FILTER',
    comment: 'kubernetes ipvs access filter',
    matches: [always],
  },
  {
    table: 'nat',
    from: ['PREROUTING'],
    to: 'KUBE-PORTALS-CONTAINER',
    comment: 'handle ClusterIPs; NOTE: this must be before the NodePort rules',
    matches: [always],
  },
  {
    table: 'nat',
    from: ['OUTPUT'],
    to: 'KUBE-PORTALS-HOST',
    comment: 'handle ClusterIPs; NOTE: this must be before the NodePort rules',
    matches: [always],
  },
  {
    table: 'nat',
    from: ['PREROUTING'],
    to: 'KUBE-NODEPORT-CONTAINER',
    comment: 'handle service NodePorts; NOTE: this must be the last rule in the chain',
    matches: [local],
  },
  {
    table: 'nat',
    from: ['OUTPUT'],
    to: 'KUBE-NODEPORT-HOST',
    comment: 'handle service NodePorts; NOTE: this must be the last rule in the chain',
    matches: [local],
  },
  {
    table: 'filter',
    from: ['INPUT'],
    to: 'KUBE-NODEPORT-NON-LOCAL',
    comment: 'Ensure that non-local NodePort traffic can flow',
    matches: [always],
  },
];

/** As iptables-save prints them, whichever of the matches comes first. */
const lines: ReadonlySet<string> = new Set(
  jumps.flatMap(({ table, from, to, comment, matches }) =>
    from.flatMap((chain) =>
      matches.flatMap((match) => {
        const parts = [`-m comment --comment "${comment}"`, ...(match === always ? [] : [match])];
        return [parts, parts.toReversed()].map((all) => `${table} -A ${chain} ${all.join(' ')} -j ${to}`);
      }),
    ),
  ),
);

/**
 * Whether kube-proxy wrote this very rule of a built-in chain. Any other match, comment or order of its own is
 * somebody else's.
 */
export const isKubeProxyJump = (table: string, line: string): boolean => lines.has(`${table} ${line}`);
