import type {
  CiliumLocalRedirectPolicy,
  ContainerPort,
  EndpointSlice,
  Node,
  Pod,
  Service,
} from '../../model/kubernetes.ts';
import { canonicalAddress } from '../../model/lb/address.ts';
import { asksForNodePorts, asksForSocketLb } from '../agent/combinedSettings.ts';
import type { FirmDifference } from '../parity/Difference.ts';
import { isGlobal } from '../lb/globalService.ts';
import { matchesSelector } from '../lb/labelSelectors.ts';
import { ownerId, ownerName, type OwnerRef, serviceRef } from '../lb/OwnerRef.ts';
import { slicesByService } from '../lb/readyBackends.ts';
import { addressesOf } from '../lb/serviceAddresses.ts';
import type { Encounter } from './Defect.ts';
import type { Scene } from './Scene.ts';

/** What is asked of one list for every node is computed once. */
export function ofList<Item, Found extends object>(find: (list: readonly Item[]) => Found): typeof find {
  const known = new WeakMap<readonly Item[], Found>();
  return (list) => {
    const found = known.get(list) ?? find(list);
    known.set(list, found);
    return found;
  };
}

/** EndpointSlices by the `namespace/name` of their Service. */
export const slicesOf: (slices: readonly EndpointSlice[]) => ReadonlyMap<string, readonly EndpointSlice[]> =
  ofList(slicesByService);

/** Services by the addresses that this finds of them. */
export const servicesAt = (
  addressesOfOne: (service: Service) => readonly string[],
): ((services: readonly Service[]) => ReadonlyMap<string, readonly Service[]>) =>
  ofList((services) => {
    const byAddress = new Map<string, Service[]>();
    for (const service of services)
      for (const address of addressesOfOne(service)) {
        const known = byAddress.get(address);
        if (known === undefined) byAddress.set(address, [service]);
        else known.push(service);
      }
    return byAddress;
  });

const podsByNode: (pods: readonly Pod[]) => ReadonlyMap<string, readonly Pod[]> = ofList((pods: readonly Pod[]) =>
  Map.groupBy(pods, ({ spec }) => spec?.nodeName ?? ''),
);

export const servicesThat = (
  fits: (service: Service) => boolean,
): ((services: readonly Service[]) => readonly Service[]) => ofList((services) => services.filter(fits));

/** The objects, if there are any. @param what as in `shop/cart: a global Service` */
export function about(owners: readonly OwnerRef[], what: string): Encounter | undefined {
  const all = [...new Map(owners.map((owner) => [ownerId(owner), owner])).values()];
  if (all.length === 0) return undefined;
  return { what, names: all.map(ownerName), objects: all };
}

/** Something of the node or its agent as a whole. */
export const aboutNode = (what: string): Encounter => ({ what, names: [], objects: [] });

export const aboutServices = (services: readonly Service[], what: string): Encounter | undefined =>
  about(services.map(serviceRef), what);

/** Differences that are here already. */
export function aboutDifferences(differences: readonly FirmDifference[], what: string): Encounter | undefined {
  if (differences.length === 0) return undefined;
  const rows = differences.map(({ frontend }) => frontend);
  const owners = differences.flatMap(({ owner }) => owner ?? []);
  return { what, names: rows, objects: owners, rows };
}

// ---- Settings ------------------------------------------------------------------------------------------------------

type Settings = Scene['settings'];

export const replacesKubeProxy = (settings: Settings): boolean => settings.replacement.value === 'on';
export const servesNodePorts = (settings: Settings): boolean => asksForNodePorts(settings);
export const usesDsr = ({ mode }: Settings): boolean => mode.value !== 'snat';

/** Pods have no socket load balancing: their packets are balanced at their interface. */
export const leavesPodsSocketsAlone = (settings: Settings): boolean =>
  settings.socketLbHostNamespaceOnly.value || !asksForSocketLb(settings);

// ---- Services ------------------------------------------------------------------------------------------------------

const annotationsOf = ({ metadata }: Service): Readonly<Record<string, string>> => metadata.annotations ?? {};

export const isGlobalService = (service: Service): boolean => isGlobal(annotationsOf(service));

export const annotation = (service: Service, ...keys: readonly string[]): string | undefined =>
  keys.map((key) => annotationsOf(service)[key]).find((value) => value !== undefined);

/** Addresses of load balancers that are to be served as they are (ipMode VIP). */
export const virtualAddresses = ({ status }: Service): readonly string[] =>
  (status?.loadBalancer?.ingress ?? [])
    .filter(({ ipMode }) => (ipMode ?? 'VIP') === 'VIP')
    .flatMap(({ ip }) => canonicalAddress(ip ?? '') ?? []);

export const isBalanced = (service: Service): boolean =>
  service.spec?.type === 'LoadBalancer' && virtualAddresses(service).length > 0;

export const serviceAddresses = (service: Service): readonly string[] =>
  addressesOf(service).flatMap((address) => canonicalAddress(address) ?? []);

export const isExternalLocal = ({ spec }: Service): boolean => spec?.externalTrafficPolicy === 'Local';

export const hasNodePort = ({ spec }: Service): boolean =>
  (spec?.ports ?? []).some(({ nodePort }) => (nodePort ?? 0) !== 0);

/** Whether a Service asks for endpoints of its client's zone or node. */
export const wantsTopology = (service: Service): boolean =>
  (service.spec?.trafficDistribution ?? '') !== '' ||
  ['auto', 'Auto'].includes(
    annotation(service, 'service.kubernetes.io/topology-mode', 'service.kubernetes.io/topology-aware-hints') ?? '',
  );

/** Made by Cilium's ingress or gateway controller, which hands its traffic to Envoy. */
export const leadsToProxy = ({ metadata: { labels, ownerReferences } }: Service): boolean =>
  labels?.['io.cilium.gateway/owning-gateway'] !== undefined ||
  labels?.['cilium.io/ingress'] !== undefined ||
  (ownerReferences ?? []).some(({ kind }) => kind === 'Gateway');

// ---- Pods ----------------------------------------------------------------------------------------------------------

export const runsOn = ({ spec, status }: Pod, node: Node): boolean =>
  spec?.nodeName === node.metadata.name && status?.phase === 'Running';

export const portsOf = ({ spec }: Pod): readonly ContainerPort[] =>
  [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])].flatMap(({ ports }) => ports ?? []);

export const hostPortNumbers = (pod: Pod): readonly number[] =>
  portsOf(pod).flatMap(({ hostPort }) => (hostPort === undefined || hostPort === 0 ? [] : [hostPort]));

export const isOnHostNetwork = ({ spec }: Pod): boolean => spec?.hostNetwork === true;

export const withHostPorts: (pods: readonly Pod[]) => readonly Pod[] = ofList((pods) =>
  pods.filter((pod) => hostPortNumbers(pod).length > 0),
);

/** Pods of this node with host ports and an address of their own. */
export const hostPortPods = (pods: readonly Pod[], node: Node): readonly Pod[] =>
  withHostPorts(pods).filter((pod) => runsOn(pod, node) && !isOnHostNetwork(pod));

export const isReadyPod = ({ status }: Pod): boolean =>
  (status?.conditions ?? []).some(({ type, status: value }) => type === 'Ready' && value === 'True');

// ---- Redirect policies ---------------------------------------------------------------------------------------------

/** Pods of this node to which a policy redirects, ready or not. */
export const redirectPods = (
  { metadata, spec }: CiliumLocalRedirectPolicy,
  { pods, node }: Pick<Scene, 'pods' | 'node'>,
): readonly Pod[] =>
  (podsByNode(pods).get(node.metadata.name) ?? []).filter(
    (pod) =>
      runsOn(pod, node) &&
      pod.metadata.namespace === metadata.namespace &&
      matchesSelector(spec?.redirectBackend?.localEndpointSelector, pod.metadata.labels ?? {}),
  );

/** The Service whose traffic a policy redirects by name. */
export function redirectedService(
  { spec }: CiliumLocalRedirectPolicy,
  services: readonly Service[],
): Service | undefined {
  const matcher = spec?.redirectFrontend?.serviceMatcher;
  return (
    matcher &&
    services.find(
      ({ metadata }) => metadata.name === matcher.serviceName && metadata.namespace === (matcher.namespace ?? ''),
    )
  );
}

/** The Service whose address and port a policy redirects by address. */
export function overriddenService(
  { spec }: CiliumLocalRedirectPolicy,
  services: readonly Service[],
): Service | undefined {
  const matcher = spec?.redirectFrontend?.addressMatcher;
  if (matcher === undefined) return undefined;
  const address = canonicalAddress(matcher.ip);
  const ports = new Set((matcher.toPorts ?? []).map(({ port }) => Number(port)));
  return services.find(
    (service) =>
      address !== undefined &&
      serviceAddresses(service).includes(address) &&
      (service.spec?.ports ?? []).some(({ port }) => ports.has(port)),
  );
}

export const askedPorts = ({
  spec,
}: CiliumLocalRedirectPolicy): readonly { readonly name?: string; readonly port: string }[] =>
  spec?.redirectFrontend?.addressMatcher?.toPorts ?? spec?.redirectFrontend?.serviceMatcher?.toPorts ?? [];
