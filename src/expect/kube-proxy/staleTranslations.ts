import { valueOf } from '../../model/Fact.ts';
import type { EndpointSlice, Service } from '../../model/kubernetes.ts';
import { canonicalAddress } from '../../model/lb/address.ts';
import { frontendKey } from '../../model/lb/keys.ts';
import type { NodeSnapshot, Snapshot } from '../../model/Snapshot.ts';
import type { UdpEnd, UdpTranslation, UdpTranslations } from '../../model/UdpTranslation.ts';
import { serviceKey } from '../lb/readyBackends.ts';
import { nodePortKey, type ServiceIndex } from './serviceIndex.ts';

/** A client of a Service whose packets go to an address that is no endpoint of it, as long as it goes on to send. */
export interface StaleTranslation {
  readonly entry: UdpTranslation;
  readonly service: Service;
}

/**
 * Entries for frontends of today's Services whose translation leads to none of their endpoints, whatever state
 * these are in. Cilium translates before netfilter sees a packet, so an entry for a frontend is by its nature
 * one of kube-proxy.
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

/** All addresses of a node that are known: clients of a node port send to one of them. */
export const addressesOfNode = ({ name, facts }: NodeSnapshot, cluster: Snapshot['facts']): ReadonlySet<string> =>
  new Set([
    ...(valueOf(cluster.nodes)
      ?.find(({ metadata }) => metadata.name === name)
      ?.status?.addresses?.map(({ address }) => address) ?? []),
    ...(valueOf(facts.nodeAddresses)?.map(({ address }) => address) ?? []),
    ...(valueOf(facts.interfaces)?.flatMap(({ addresses }) => addresses) ?? []),
  ]);
