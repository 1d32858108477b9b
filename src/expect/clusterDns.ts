import { load } from 'js-yaml';
import { isSystemNamespace } from '../model/clusterOwned.ts';
import { type Fact, valueOf } from '../model/Fact.ts';
import { canonicalAddress, isWithin } from '../model/lb/address.ts';
import type { ConfigMap, EndpointSlice, Service } from '../model/kubernetes.ts';
import { isRecord } from '../text/isRecord.ts';
import { clusterConfigurationOf, serviceSubnetsOf } from './api-server/clusterConfiguration.ts';

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
 * Finds cluster DNS: the Service at an address to which kubelets send the queries of pods, wherever it is, where their
 * configuration says so: nobody but kube-system writes that, and no two Services have one address. Otherwise by the
 * label that every distribution keeps on it for the sake of old tooling (`k8s-app: kube-dns`: kubeadm, k3s, RKE2, EKS,
 * AKS, GKE, Talos), by OpenShift's own name, or, made by hand, by a usual name in kube-system. Node-local caches bear
 * other labels. Without the configuration only in namespaces that no tenant writes: labels anybody may set.
 */
export function findClusterDns(
  services: readonly Service[],
  slices: readonly EndpointSlice[],
  kubeletConfig: Fact<ConfigMap | undefined>,
): ClusterDns | undefined {
  const service = namedByKubelets(services, kubeletConfig) ?? knownByLabel(services);
  if (service === undefined) return undefined;
  return { service, clusterIPs: clusterIPsOf(service), endpoints: readyEndpoints(service, slices) };
}

function namedByKubelets(
  services: readonly Service[],
  kubeletConfig: Fact<ConfigMap | undefined>,
): Service | undefined {
  const addresses = kubeletDns(valueOf(kubeletConfig));
  return services.find((service) => isAt(service, addresses));
}

/**
 * Where kubelets send the queries of pods although no Service is there: addresses of the range that kubeadm gave to
 * Services, which can be nobody else's. Empty also where an address of theirs is served, or the range is not known.
 */
export function unservedDns(
  services: readonly Service[],
  kubeletConfig: Fact<ConfigMap | undefined>,
  kubeadmConfig: Fact<ConfigMap | undefined>,
): readonly string[] {
  const addresses = [...kubeletDns(valueOf(kubeletConfig))];
  if (services.some((service) => isAt(service, new Set(addresses)))) return [];
  const ranges = serviceSubnetsOf(clusterConfigurationOf(valueOf(kubeadmConfig)));
  return addresses.filter((address) => ranges.some((range) => isWithin(address, range)));
}

/** True also where kubelets do not say where they send the queries of pods. */
export function isWhereKubeletsSend(service: Service, kubeletConfig: Fact<ConfigMap | undefined>): boolean {
  const addresses = kubeletDns(valueOf(kubeletConfig));
  return addresses.size === 0 || isAt(service, addresses);
}

const isAt = (service: Service, addresses: ReadonlySet<string>): boolean =>
  clusterIPsOf(service).some((ip) => addresses.has(canonicalAddress(ip) ?? ip));

const knownByLabel = (services: readonly Service[]): Service | undefined =>
  amongLabelled(services.filter(({ spec }) => udpPort(spec) !== undefined));

/** What would be cluster DNS, had it a port for UDP, over which names are asked for first. */
export const dnsWithoutUdp = (services: readonly Service[]): Service | undefined =>
  amongLabelled(services.filter(({ spec }) => udpPort(spec) === undefined));

function amongLabelled(services: readonly Service[]): Service | undefined {
  const serving = services.filter(
    ({ metadata, spec }) => isSystemNamespace(metadata.namespace) && spec?.clusterIP !== 'None',
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
  return candidates.find(({ metadata }) => metadata.name === 'kube-dns') ?? candidates[0];
}

/**
 * Where kubelets send the queries of pods (KubeletConfiguration, clusterDNS), as far as it may be a Service: caches on
 * nodes listen at link-local addresses. Empty: they do not say.
 */
function kubeletDns(kubeletConfig: ConfigMap | undefined): ReadonlySet<string> {
  const named = clusterDnsIn(kubeletConfig?.data?.['kubelet'] ?? '');
  const addresses = (Array.isArray(named) ? named : []).map((one) => canonicalAddress(String(one)) ?? '');
  return new Set(addresses.filter((one) => one !== '' && !/^(?:169\.254\.|fe80:)/.test(one)));
}

function clusterDnsIn(text: string): unknown {
  try {
    const configuration = load(text);
    return isRecord(configuration) ? configuration['clusterDNS'] : undefined;
  } catch {
    // People write it, too.
    return undefined;
  }
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
