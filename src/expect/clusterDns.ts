import { isSystemNamespace } from '../model/clusterOwned.ts';
import type { EndpointSlice, Service } from '../model/kubernetes.ts';

/** The cluster's DNS Service with the addresses that should answer behind it. */
export interface ClusterDns {
  readonly service: Service;
  readonly clusterIPs: readonly string[];
  /** Ready endpoints, `address` and the port of the UDP (and TCP) listener. */
  readonly endpoints: readonly DnsServer[];
}

interface DnsServer {
  readonly address: string;
  readonly port: number;
  /** undefined: the slice does not say. */
  readonly node: string | undefined;
}

/**
 * Finds cluster DNS: by the label that every distribution keeps on it for the sake of old tooling (`k8s-app: kube-dns`:
 * kubeadm, k3s, RKE2, EKS, AKS, GKE, Talos), by OpenShift's own name, or, made by hand, by a usual name in kube-system.
 * Node-local caches bear other labels. Only in namespaces that no tenant writes: labels anybody may set.
 */
export function findClusterDns(services: readonly Service[], slices: readonly EndpointSlice[]): ClusterDns | undefined {
  const serving = services.filter(
    ({ metadata, spec }) =>
      isSystemNamespace(metadata.namespace) && udpPort(spec) !== undefined && spec?.clusterIP !== 'None',
  );
  const labelled = serving.filter(
    ({ metadata }) =>
      metadata.labels?.['k8s-app'] === 'kube-dns' ||
      (metadata.namespace === 'openshift-dns' && metadata.name === 'dns-default'),
  );
  const named = serving.filter(
    ({ metadata }) => metadata.namespace === 'kube-system' && /(^|-)(kube-dns|coredns)$/.test(metadata.name),
  );
  const candidates = labelled.length > 0 ? labelled : named;
  // Several: an upstream Service of a node-local cache selects the same pods; the real one is called kube-dns,
  // or comes first.
  const service = candidates.find(({ metadata }) => metadata.name === 'kube-dns') ?? candidates[0];
  if (service === undefined) return undefined;
  return { service, clusterIPs: clusterIPsOf(service), endpoints: readyEndpoints(service, slices) };
}

const udpPort = (spec: Service['spec']) =>
  (spec?.ports ?? []).find(({ port, protocol }) => port === 53 && protocol === 'UDP');

const clusterIPsOf = ({ spec }: Service): readonly string[] =>
  (spec?.clusterIPs ?? (spec?.clusterIP === undefined ? [] : [spec.clusterIP])).filter((ip) => ip !== '');

function readyEndpoints(service: Service, slices: readonly EndpointSlice[]): ClusterDns['endpoints'] {
  const found = new Map<string, DnsServer>();
  // The name ties the slice's port to the Service's: `dns`, `udp-53` (CoreDNS' own chart, RKE2), or none.
  const name = udpPort(service.spec)?.name ?? '';
  for (const slice of slices) {
    if (slice.metadata.namespace !== service.metadata.namespace) continue;
    if (slice.metadata.labels?.['kubernetes.io/service-name'] !== service.metadata.name) continue;
    const port = (slice.ports ?? []).find((one) => one.protocol === 'UDP' && (one.name ?? '') === name)?.port;
    if (port === undefined) continue;
    for (const endpoint of slice.endpoints ?? []) {
      if (endpoint.conditions?.ready === false) continue;
      for (const address of endpoint.addresses)
        found.set(`${address} ${port}`, { address, port, node: endpoint.nodeName });
    }
  }
  return [...found.values()];
}
