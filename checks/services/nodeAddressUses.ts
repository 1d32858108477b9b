import type { NodeView } from '../../src/core/View.ts';
import { serviceKey } from '../../src/expect/lb/readyBackends.ts';
import { valueOf } from '../../src/model/Fact.ts';
import type { EndpointSlice, Node, Service } from '../../src/model/kubernetes.ts';
import { bracketed, canonicalAddress, isUnspecified } from '../../src/model/lb/address.ts';
import type { Listener } from '../../src/model/NodeFacts.ts';

/** An address of a node with what that node does at its ports. */
interface OwnAddress {
  readonly node: string;
  readonly range: { readonly min: number; readonly max: number };
  readonly listeners: readonly Listener[];
}

/** A Service asks for an address of a node at a port that is in use there. */
export interface NodeAddressUse {
  readonly service: Service;
  /** `172.30.0.11:10250` */
  readonly frontend: string;
  readonly node: string;
  readonly use:
    | { readonly kind: 'nodePortRange'; readonly range: string }
    | { readonly kind: 'hidesListener'; readonly what: string };
}

/** What every node needs for itself; whoever takes one of these away cuts the node off. */
const vital: ReadonlyMap<number, string> = new Map([
  [22, 'the way in by ssh'],
  [2379, 'etcd'],
  [2380, 'etcd'],
  [4240, 'the health check of Cilium'],
  [6443, 'the API server'],
  [10_250, 'the kubelet'],
]);

type View = NodeView<never, 'nodeAddresses' | 'listeners' | 'status'>;

/** By address, of all nodes that the API names or that say it themselves. */
export function addressesOfNodes(nodes: readonly Node[], views: readonly View[]): ReadonlyMap<string, OwnAddress> {
  const byName = new Map(views.map((view) => [view.name, view]));
  return new Map(
    nodes.flatMap(({ metadata: { name }, status }) => {
      const facts = byName.get(name)?.facts;
      const nodePort = facts && valueOf(facts.status)?.kpr?.nodePort;
      const own: OwnAddress = {
        node: name,
        range: { min: nodePort?.portMin ?? 30_000, max: nodePort?.portMax ?? 32_767 },
        listeners: (facts && valueOf(facts.listeners)) ?? [],
      };
      const known = (status?.addresses ?? []).filter(({ type }) => type === 'InternalIP' || type === 'ExternalIP');
      const served = ((facts && valueOf(facts.nodeAddresses)) ?? []).filter((one) => one.nodePort);
      return [...known, ...served]
        .flatMap(({ address }) => canonicalAddress(address) ?? [])
        .map((address) => [address, own] as const);
    }),
  );
}

/** Ports at which a Service itself has its endpoint on that node are its own. */
export function nodeAddressUses(
  services: readonly Service[],
  slices: ReadonlyMap<string, readonly EndpointSlice[]>,
  own: ReadonlyMap<string, OwnAddress>,
): readonly NodeAddressUse[] {
  return services.flatMap((service) =>
    externalAddresses(service).flatMap((address) => {
      const at = own.get(address);
      if (at === undefined) return [];
      return (service.spec?.ports ?? []).flatMap(({ port, protocol }): readonly NodeAddressUse[] => {
        const use = useOf(port, protocol ?? 'TCP', address, at);
        if (use === undefined || isEndpoint(slices.get(serviceKey(service)) ?? [], address, port)) return [];
        return [{ service, frontend: `${bracketed(address)}:${port}`, node: at.node, use }];
      });
    }),
  );
}

function useOf(
  port: number,
  protocol: string,
  address: string,
  { range: { min, max }, listeners }: OwnAddress,
): NodeAddressUse['use'] | undefined {
  if (port >= min && port <= max) return { kind: 'nodePortRange', range: `${min}–${max}` };
  if (protocol !== 'TCP') return undefined;
  const what = vital.get(port);
  if (what !== undefined) return { kind: 'hidesListener', what };
  const listens = listeners.some((one) => one.port === port && isAt(one.address, address));
  return listens ? { kind: 'hidesListener', what: `what listens on port ${port} of the node` } : undefined;
}

function isAt(listening: string, address: string): boolean {
  const own = canonicalAddress(listening);
  return listening === '*' || own === address || (own !== undefined && isUnspecified(own));
}

export const externalAddresses = ({ spec, status }: Service): readonly string[] => [
  ...new Set(
    [
      ...(spec?.externalIPs ?? []),
      ...(status?.loadBalancer?.ingress ?? []).flatMap(({ ip, ipMode }) =>
        ip === undefined || (ipMode ?? 'VIP') !== 'VIP' ? [] : [ip],
      ),
    ].flatMap((text) => canonicalAddress(text) ?? []),
  ),
];

const isEndpoint = (slices: readonly EndpointSlice[], address: string, port: number): boolean =>
  slices.some(
    ({ endpoints, ports }) =>
      (ports ?? []).some((one) => one.port === port) &&
      (endpoints ?? []).some(({ addresses }) => addresses.some((one) => canonicalAddress(one) === address)),
  );
