import { defineNodeDerived } from '../../core/Derived.ts';
import { isKnown, type Missing, valueOf } from '../../model/Fact.ts';
import type { EndpointSlice, Service } from '../../model/kubernetes.ts';
import { canonicalAddress } from '../../model/lb/address.ts';
import { frontendKey } from '../../model/lb/keys.ts';
import type { NodeFacts } from '../../model/NodeFacts.ts';
import type { ClusterFacts } from '../../model/Snapshot.ts';
import type { UdpEnd, UdpTranslation, UdpTranslations } from '../../model/UdpTranslation.ts';
import { serviceKey } from '../lb/readyBackends.ts';
import { nodePortKey } from '../lb/servicesByFrontend.ts';
import { type ServiceIndex, serviceIndex } from './serviceIndex.ts';

/** A client of a Service whose packets go to an address that is no endpoint of it, as long as it goes on to send. */
export interface StaleTranslation {
  readonly entry: UdpTranslation;
  readonly service: Service;
}

/**
 * Entries for frontends of today's Services whose translation leads to none of their endpoints, whatever state these
 * are in. Cilium translates before netfilter sees a packet, so an entry for a frontend is always one of kube-proxy's.
 */
export function staleTranslations(
  { entries }: UdpTranslations,
  addressesOfNode: ReadonlySet<string>,
  { byFrontend, slices }: ServiceIndex,
): readonly StaleTranslation[] {
  return entries.flatMap((entry) => {
    const { address, port } = entry.destination;
    const served =
      byFrontend.get(frontendKey(canonicalAddress(address) ?? address, port, 'UDP', 'external')) ??
      (addressesOfNode.has(address) ? byFrontend.get(nodePortKey(port, 'UDP')) : undefined);
    if (served === undefined) return [];
    const endpoints = slices.get(serviceKey(served.service)) ?? [];
    return isEndpoint(entry.backend, endpoints) ? [] : [{ entry, service: served.service }];
  });
}

const isEndpoint = ({ address, port }: UdpEnd, slices: readonly EndpointSlice[]): boolean =>
  slices.some(
    ({ endpoints, ports }) =>
      (ports ?? []).some((one) => one.port === port) &&
      (endpoints ?? []).some(({ addresses }) => addresses.includes(address)),
  );

/** Clients of a node's UDP translations that are held to what is no endpoint; missing where these could not be read. */
export const staleClients = defineNodeDerived({
  name: 'staleClients',
  optional: {
    cluster: ['nodes', 'services', 'endpointSlices'],
    node: ['conntrack', 'nodeAddresses', 'interfaces'],
  },
  compute({ cluster }) {
    const index = serviceIndex(valueOf(cluster.services) ?? [], valueOf(cluster.endpointSlices) ?? []);
    return ({ name, facts }): readonly StaleTranslation[] | Missing => {
      const { conntrack } = facts;
      if (!isKnown(conntrack)) return conntrack;
      return conntrack.value.entries.length === 0
        ? []
        : staleTranslations(conntrack.value, addressesOfNode(name, cluster.nodes, facts), index);
    };
  },
});

/** All addresses of a node that are known: clients of a node port send to one of them. */
const addressesOfNode = (
  name: string,
  nodes: ClusterFacts['nodes'],
  { nodeAddresses, interfaces }: Pick<NodeFacts, 'nodeAddresses' | 'interfaces'>,
): ReadonlySet<string> =>
  new Set([
    ...(valueOf(nodes)
      ?.find(({ metadata }) => metadata.name === name)
      ?.status?.addresses?.map(({ address }) => address) ?? []),
    ...(valueOf(nodeAddresses)?.map(({ address }) => address) ?? []),
    ...(valueOf(interfaces)?.flatMap(({ addresses }) => addresses) ?? []),
  ]);
