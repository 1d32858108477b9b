import { isKubeProxyPod } from '../expect/kube-proxy/kubeProxyPresence.ts';
import { valueOf } from '../model/Fact.ts';
import type { Service } from '../model/kubernetes.ts';
import type { ClusterFacts } from '../model/Snapshot.ts';

/** Below it nobody has to think of it before. */
const worthSayingBytes = 50_000_000;

/** What a node's answers take in a capture, compressed, whatever is served. */
const bytesOfNode = 20_000;
/**
 * And for each entry of its load-balancing table, which is in the answers three times (the maps, the agent's own table,
 * its list of frontends); seen on simulated clusters of 100 to 1,000 Services, and a third more.
 */
const bytesOfEntry = 25;
/**
 * And where kube-proxy runs, for each port of a Service and each backend behind it, which have some rules each, read in
 * its pod and in the agent's; seen on simulated clusters of 500 and 2,500 Services, and a third more.
 */
const bytesOfChains = 2 * 80;

/**
 * How large a capture of so many nodes will be, in bytes, as far as the API tells; undefined: not worth saying. An
 * estimate: what packet filters hold is not known before, but for the rules of a kube-proxy that runs.
 */
export function captureSize(
  { services, endpointSlices, systemPods }: Pick<ClusterFacts, 'services' | 'endpointSlices' | 'systemPods'>,
  nodes: number,
): number | undefined {
  const listed = valueOf(services) ?? [];
  const rows = listed.reduce((sum, service) => sum + rowsOf(service), 0);
  const ports = (valueOf(endpointSlices) ?? []).map(
    ({ endpoints, ports: some }) => (endpoints?.length ?? 0) * (some?.length ?? 0),
  );
  const backends = ports.reduce((sum, one) => sum + one, 0);
  // Each backend has an entry of its own, and a slot in every row of its Service, of which there are mostly one or two.
  const tables = nodes * (bytesOfNode + bytesOfEntry * (rows + 2 * backends));
  const proxies = Math.min(nodes, (valueOf(systemPods) ?? []).filter(isKubeProxyPod).length);
  const servicePorts = listed.reduce((sum, { spec }) => sum + (spec?.ports?.length ?? 0), 0);
  const bytes = tables + proxies * bytesOfChains * (servicePorts + backends);
  return bytes < worthSayingBytes ? undefined : bytes;
}

function rowsOf({ spec }: Service): number {
  const addresses = (spec?.clusterIPs?.length ?? 1) + (spec?.externalIPs?.length ?? 0);
  const nodePorts = spec?.type === 'NodePort' || spec?.type === 'LoadBalancer' ? 3 : 0;
  return (spec?.ports?.length ?? 0) * (addresses + nodePorts);
}
