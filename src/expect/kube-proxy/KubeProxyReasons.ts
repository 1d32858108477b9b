import type { KubeProxyDifferenceName } from '../../knowledge/kubeProxyDifferences.ts';
import type { EndpointSlice, Service } from '../../model/kubernetes.ts';
import { familyOf, isUnspecified } from '../../model/lb/address.ts';
import { type BackendKey, frontendKey } from '../../model/lb/keys.ts';
import type { ProxyRow, ProxySource } from '../../model/lb/ProxyTable.ts';
import { type CiliumBehaviour, behaviourOf } from '../lb/versionGates.ts';
import type { ExpectedFrontend } from '../lb/ExpectedTable.ts';
import { ownerName } from '../lb/OwnerRef.ts';
import { nodePortKey, type ServicesByFrontend, servicesByFrontend } from '../lb/servicesByFrontend.ts';
import { isExposedOn, isForCilium } from '../lb/serviceClaims.ts';
import { type EndpointReading, kubeProxyBackends, type ProxyPort, proxyReading } from './kubeProxyBackends.ts';
import type { KubeProxyComparisonInput } from './KubeProxyComparisonInput.ts';

type Reasons = readonly KubeProxyDifferenceName[];

/** How Cilium reads a Service otherwise than kube-proxy. */
interface Deviation {
  readonly name: KubeProxyDifferenceName;
  readonly change: Partial<EndpointReading>;
}

/**
 * Finds out whether a difference is as it should be. One of backends is, when kube-proxy has what its own rules ask for
 * and those rules with the fewest known ways of Cilium's in their place ask for what Cilium has: a reason explains the
 * very difference.
 */
export class KubeProxyReasons {
  readonly #input: KubeProxyComparisonInput;
  readonly #behaviour: CiliumBehaviour;
  readonly #services: ReadonlyMap<string, Service>;
  readonly #slices: ReadonlyMap<string, readonly EndpointSlice[]>;
  readonly #byFrontend: ServicesByFrontend;

  constructor(input: KubeProxyComparisonInput) {
    this.#input = input;
    this.#behaviour = behaviourOf(input.config.version);
    const { services, endpointSlices } = input.objects;
    this.#services = new Map(services.map((service) => [nameOf(service), service]));
    const slices = new Map<string, EndpointSlice[]>();
    for (const slice of endpointSlices) {
      const key = `${slice.metadata.namespace ?? ''}/${slice.metadata.labels?.['kubernetes.io/service-name'] ?? ''}`;
      slices.set(key, [...(slices.get(key) ?? []), slice]);
    }
    this.#slices = slices;
    this.#byFrontend = servicesByFrontend(services);
  }

  /** The Service that asks kube-proxy for the row. */
  serviceAt({ kind, address, port, protocol }: ProxyRow): Service | undefined {
    const key = kind === 'NodePort' ? nodePortKey(port, protocol) : frontendKey(address, port, protocol, 'external');
    return this.#byFrontend.get(key)?.service;
  }

  /** Why backends differ, or nothing. */
  ofBackends(ours: ExpectedFrontend, found: ProxyRow, source: ProxySource, theirs: readonly BackendKey[]): Reasons {
    if (ours.type === 'LocalRedirect') return ['localRedirects'];
    if (ours.remote !== 'none') return ['otherClusters'];
    const service = this.#services.get(ownerName(ours.owner));
    if (service === undefined) return [];
    const slices = this.#slices.get(nameOf(service)) ?? [];
    const { node } = this.#input;
    const port: ProxyPort = {
      name: ours.portName,
      protocol: found.protocol,
      family: familyOf(ours.address),
      node: node.name,
      zone: node.labels['topology.kubernetes.io/zone'],
    };
    const choose = (reading: EndpointReading): string => kubeProxyBackends(slices, port, reading).join();
    const wanted = ours.selectable.toSorted().join();
    const its = theirs.toSorted().join();
    for (const base of this.#proxyReadings(service, found, source, slices)) {
      if (choose(base.reading) !== its) continue;
      for (const deviations of subsets(this.#deviations(ours, service, source, slices))) {
        const reading = Object.assign({}, base.reading, ...deviations.map(({ change }) => change)) as EndpointReading;
        const names = [...new Set([...base.names, ...deviations.map(({ name }) => name)])];
        if (names.length > 0 && choose(reading) === wanted) return names;
      }
    }
    return this.#ofDuplicates(ours, theirs);
  }

  /** Ways in which kube-proxies of several versions and settings may look for the endpoints of a row. */
  #proxyReadings(
    { spec }: Service,
    { kind }: ProxyRow,
    source: ProxySource,
    slices: readonly EndpointSlice[],
  ): readonly { readonly reading: EndpointReading; readonly names: Reasons }[] {
    const isExternal = kind !== 'ClusterIP';
    const policy = isExternal ? spec?.externalTrafficPolicy : spec?.internalTrafficPolicy;
    const local = policy === 'Local' && (!isExternal || source === 'outside');
    const hints = slices.some(hasHints) ? (['nodesAndZones', 'zones', 'none'] as const) : (['nodesAndZones'] as const);
    const readings = hints.map((one) => ({ reading: { ...proxyReading, hints: one, localOnly: local }, names: [] }));
    const strangers = isExternal && policy === 'Local' && source === 'pod';
    if (!strangers) return readings;
    // The same row in Cilium's eyes is one for pods.
    return [
      ...readings,
      ...readings.map(({ reading }) => ({
        reading: { ...reading, localOnly: true },
        names: ['noPodDetection'] as const,
      })),
    ];
  }

  #deviations(
    ours: ExpectedFrontend,
    { spec }: Service,
    source: ProxySource,
    slices: readonly EndpointSlice[],
  ): readonly Deviation[] {
    const behaviour = this.#behaviour;
    const deviations: Deviation[] = [];
    const isInside = source !== 'outside' && ours.type !== 'ClusterIP';
    if (isInside && ours.type === 'ExternalIPs') {
      if (spec?.externalTrafficPolicy === 'Local')
        deviations.push({ name: 'externalIPsHaveOneScope', change: { localOnly: true } });
    } else if (isInside && spec?.internalTrafficPolicy === 'Local') {
      deviations.push({ name: 'internalPolicyOnExternalAddresses', change: { localOnly: true } });
    }
    // Undoes what a kube-proxy without pod detection does.
    if (isInside && spec?.externalTrafficPolicy === 'Local')
      deviations.push({ name: 'noPodDetection', change: { localOnly: false } });
    if (slices.some(hasHints)) {
      for (const hints of ['none', 'zones', 'nodesAndZones'] as const)
        deviations.push({ name: 'topologyHints', change: { hints } });
    }
    const endpoints = slices.flatMap((slice) => slice.endpoints ?? []);
    if (endpoints.some(({ addresses }) => addresses.length > 1))
      deviations.push({ name: 'firstAddressOnly', change: { allAddresses: true } });
    if (behaviour.unnamedPortsMatch) deviations.push({ name: 'portNames', change: { looseNames: true } });
    if (endpoints.some(({ nodeName }) => (nodeName ?? '') === ''))
      deviations.push({ name: 'endpointsWithoutNode', change: { namelessIsLocal: true } });
    if (!behaviour.maintenanceState) deviations.push({ name: 'servingNotReady', change: { servingIsReady: true } });
    if (behaviour.ignoresIngressDummy && endpoints.some(({ addresses }) => addresses.includes(ingressDummy)))
      deviations.push({
        name: 'ingressPlaceholder',
        change: { passesOver: (_slice, address) => address === ingressDummy },
      });
    if (behaviour.sliceWeight && slices.some(hasNoWeight))
      deviations.push({ name: 'weightZero', change: { passesOver: (slice) => hasNoWeight(slice) } });
    if (slices.some(isMirrored))
      deviations.push({ name: 'otherClusters', change: { passesOver: (slice) => isMirrored(slice) } });
    return deviations;
  }

  #ofDuplicates(ours: ExpectedFrontend, theirs: readonly BackendKey[]): Reasons {
    const ambiguous = new Set(ours.backends.filter((backend) => backend.ambiguous).map(({ key }) => key));
    const sure = (keys: readonly BackendKey[]): string =>
      keys
        .filter((key) => !ambiguous.has(key))
        .toSorted()
        .join();
    return ambiguous.size > 0 && sure(ours.selectable) === sure(theirs) ? ['duplicateEndpoints'] : [];
  }

  /** Both refuse, and kube-proxy drops: as it should where the Service has endpoints on other nodes. */
  ofDrop(row: ExpectedFrontend, { kind }: ProxyRow, source: ProxySource): Reasons {
    const service = this.#services.get(ownerName(row.owner));
    const isExternal = kind !== 'ClusterIP';
    const policy = isExternal ? service?.spec?.externalTrafficPolicy : service?.spec?.internalTrafficPolicy;
    // The node itself is let through to every endpoint.
    if (policy !== 'Local' || (isExternal && source === 'node')) return [];
    return isExternal && source === 'pod' ? ['dropWithoutLocalBackend', 'noPodDetection'] : ['dropWithoutLocalBackend'];
  }

  /** Why kube-proxy has no row for what Cilium is asked to hold. */
  ofMissing(row: ExpectedFrontend, nodePorts: ReadonlyMap<string, ProxyRow>): Reasons {
    const { config } = this.#input;
    if (row.type === 'HostPort') return ['hostPorts'];
    if (row.type === 'LocalRedirect' || row.owner.kind === 'CiliumLocalRedirectPolicy') return ['localRedirects'];
    const service = this.#services.get(ownerName(row.owner));
    if (config.healthCheckLoadBalancerIP && service?.spec?.healthCheckNodePort === row.port)
      return ['healthCheckAddress'];
    if (row.type === 'NodePort' && !isUnspecified(row.address) && nodePorts.has(row.agentKey))
      return ['nodePortAddresses'];
    if (service?.metadata.labels?.['service.kubernetes.io/service-proxy-name'] !== undefined)
      return ['serviceProxyName'];
    return row.optional === undefined ? [] : ['contestedAddresses'];
  }

  /** Why kube-proxy has a row that Cilium is not asked for. */
  ofSurplus(row: ProxyRow): Reasons {
    const { config, node } = this.#input;
    const service = this.serviceAt(row);
    if (service === undefined) return [];
    if (!isForCilium(service, config)) return ['serviceProxyName'];
    if (!isExposedOn(service, node.labels)) return ['annotatedNodes'];
    const only = service.metadata.annotations?.['service.cilium.io/type'];
    if (isLimited(row.kind, only)) return ['annotatedType'];
    if (row.kind !== 'ClusterIP' && !config.kubeProxyReplacement) return ['replacementOff'];
    const inRange = row.port >= config.nodePortMin && row.port <= config.nodePortMax;
    if (this.#behaviour.nodePortConflicts && inRange && node.nodePortAddresses?.includes(row.address) === true)
      return row.kind === 'NodePort' ? [] : ['nodeAddressAsFrontend'];
    return [];
  }

  ofRanges(row: ExpectedFrontend, { sourceRanges }: ProxyRow, ours: readonly string[]): Reasons {
    if (row.flags.has('deny')) return ['sourceRangesDeny'];
    if (ours.length > 0 && sourceRanges.length === 0 && row.type !== 'LoadBalancer')
      return ['sourceRangesOnOtherTypes'];
    return ours.length === 0 && !this.#input.config.sourceRangeCheck ? ['sourceRangesOff'] : [];
  }
}

const ingressDummy = '192.192.192.192';
const nameOf = ({ metadata }: Service): string => `${metadata.namespace ?? ''}/${metadata.name}`;
const hasNoWeight = ({ metadata }: EndpointSlice): boolean =>
  /^0+$/.test(metadata.annotations?.['service.cilium.io/weight'] ?? '');
const isMirrored = ({ metadata }: EndpointSlice): boolean =>
  metadata.labels?.['endpointslice.kubernetes.io/managed-by'] === 'endpointslice-mesh-controller.cilium.io';
const hasHints = ({ endpoints }: EndpointSlice): boolean =>
  (endpoints ?? []).some(({ hints }) => (hints?.forZones ?? []).length + (hints?.forNodes ?? []).length > 0);

/** The annotation names one kind of address, and this is another. */
function isLimited(kind: ProxyRow['kind'], only: string | undefined): boolean {
  if (only !== 'ClusterIP' && only !== 'NodePort' && only !== 'LoadBalancer') return false;
  // A plain external address may be of a load balancer.
  return kind === 'External' ? only !== 'LoadBalancer' : kind !== only;
}

/** All choices of some of the deviations, the smallest first; they are few. */
function subsets(deviations: readonly Deviation[]): readonly (readonly Deviation[])[] {
  const all: (readonly Deviation[])[] = [[]];
  for (const deviation of deviations) all.push(...all.map((some) => [...some, deviation]));
  return all.toSorted((a, b) => a.length - b.length);
}
