import { type FirstReleases, hasCome } from '../../knowledge/releases.ts';
import type { Version } from '../../knowledge/version.ts';

/**
 * What Cilium does differently from a release on, as far as it shows in the load-balancing maps or decides how they are
 * looked up; each entry read in the sources of the releases before and after (pkg/loadbalancer, before 1.18 pkg/k8s and
 * pkg/service; bpf/).
 */
export const versionGates = {
  /** Frontends and backends of one port differ by protocol; before, TCP and UDP shared a row. */
  protocolsApart: ['1.17.0'],
  /** Source ranges, forwarding mode and DSR follow the rules that are computed here; before, they are not compared. */
  propertiesKnown: ['1.18.0'],
  /** Every frontend of a Service has `Local` from its externalTrafficPolicy; before, a ClusterIP had not. */
  localOnEveryType: ['1.18.0'],
  /** A frontend without a port name takes every backend of its protocol; before, names had to be equal. */
  unnamedPortsMatch: ['1.18.0'],
  /** … and every frontend takes backends without one. */
  unnamedBackendsMatch: ['1.18.2'],
  /** The endpoint that Cilium's ingress and gateway controllers make up is passed over; before, it was a backend. */
  ignoresIngressDummy: ['1.18.0'],
  /** hostPort, externalIPs and the others have no switches of their own any more: kubeProxyReplacement decides. */
  noFeatureSwitches: ['1.19.0'],
  /** LoadBalancer and externalIP frontends exist with kubeProxyReplacement off, too. */
  externalFrontendsWithoutKpr: ['1.19.0'],
  /** Without kubeProxyReplacement the maps hold ClusterIP, externalIP and redirected frontends only. */
  loadBalancerNeedsKpr: ['1.19.7', '1.20.0'],
  /** Endpoints that are neither ready nor terminating are kept, out of rotation; before, they were dropped. */
  maintenanceState: ['1.18.5', '1.19.0'],
  /** Hints of an endpoint count only with its zone. */
  hintsNeedZone: ['1.19.0'],
  /** `check source-range` is set on LoadBalancer frontends only; before, on every frontend of the Service. */
  sourceRangesOnLoadBalancer: ['1.18.6', '1.19.0'],
  /** … and on externalIP frontends. */
  sourceRangesOnExternalIPs: ['1.20.0'],
  /** Mode hybrid marks TCP frontends with `dsr`; before, none. */
  hybridMarksTcp: ['1.18.5', '1.19.0'],
  /** A row for port 0 of every ClusterIP and LoadBalancer address drops what is not served there. */
  wildcards: ['1.19.0'],
  /** … but of addresses that are the node's own. */
  wildcardsSpareLocal: ['1.19.5', '1.20.0'],
  /** Only ready pods take part in a local redirect. */
  redirectNeedsReadiness: ['1.18.7', '1.19.0'],
  /**
   * Redirects ask the pods: a policy for one port takes the first backend port, which pods need not declare; of several
   * ports those are redirected that a pod declares. Before, names and numbers in the policy decided alone.
   */
  redirectByPods: ['1.20.2'],
  /** A Service whose families must be guessed from its ClusterIPs gets IPv6; before, IPv4 by mistake. */
  guessesIPv6: ['1.18.11', '1.19.5', '1.20.0'],
  /**
   * trafficDistribution PreferSameZone and PreferSameNode are honoured; hints of terminating or unfit
   * endpoints do not count.
   */
  preferSameNode: ['1.20.0'],
  /** … nor those of endpoints that are not ready. */
  hintsNeedReadiness: ['1.20.2'],
  /** EndpointSlices with weight 0 are in maintenance. */
  sliceWeight: ['1.20.0'],
  /** With a service-proxy-name of its own, an agent sees EndpointSlices that bear it only. */
  slicesNeedProxyName: ['1.19.4', '1.20.0'],
  /**
   * LoadBalancer and external IPs that are a node address are refused for ports of the NodePort range; otherwise they
   * win over hostPorts.
   */
  nodePortConflicts: ['1.19.7', '1.20.0'],
  /** Socket LB leaves Services with proxy delegation to the network (bpf/bpf_sock.c). */
  socketLbLeavesDelegated: ['1.19.0'],
  /**
   * At the interface of a pod, NodePorts of other nodes are balanced where the Service uses DSR; before, never
   * (bpf/bpf_lxc.c).
   */
  podInterfaceDsrNodePorts: ['1.19.3', '1.20.0'],
  /** … and in every mode. */
  podInterfaceNodePorts: ['1.20.0'],
} as const satisfies Readonly<Record<string, FirstReleases>>;

export type VersionGate = keyof typeof versionGates;

/** What applies to one version. */
export type CiliumBehaviour = Readonly<Record<VersionGate, boolean>>;

const known = new Map<string, CiliumBehaviour>();

export function behaviourOf(version: Version): CiliumBehaviour {
  const key = version.version;
  let behaviour = known.get(key);
  if (behaviour === undefined) {
    const entries = Object.entries(versionGates).map(([name, since]) => [name, hasCome(version, since)]);
    behaviour = Object.fromEntries(entries) as CiliumBehaviour;
    known.set(key, behaviour);
  }
  return behaviour;
}
