import type { EndpointSlice, Service } from '../../model/kubernetes.ts';
import { canonicalAddress, type Protocol, protocolOf, unspecified } from '../../model/lb/address.ts';
import { type FrontendKey, frontendKey } from '../../model/lb/keys.ts';
import { slicesByService } from '../lb/readyBackends.ts';
import { addressesOf } from '../lb/serviceAddresses.ts';

export interface ServedPort {
  readonly service: Service;
  /** Empty when the port has no name. */
  readonly portName: string;
}

/** Services by where clients reach them; node ports under `nodePortKey`. */
export interface ServiceIndex {
  readonly byFrontend: ReadonlyMap<FrontendKey, ServedPort>;
  readonly slices: ReadonlyMap<string, readonly EndpointSlice[]>;
}

/** A NodePort at whichever address of a node, of either family. */
export const nodePortKey = (port: number, protocol: Protocol): FrontendKey =>
  frontendKey(unspecified.ipv4, port, protocol, 'external');

export function serviceIndex(services: readonly Service[], slices: readonly EndpointSlice[]): ServiceIndex {
  const byFrontend = new Map<FrontendKey, ServedPort>();
  for (const service of services) {
    const addresses = addressesOf(service).map((address) => canonicalAddress(address) ?? address);
    for (const { name, port, nodePort, protocol: text } of service.spec?.ports ?? []) {
      const protocol = protocolOf(text ?? 'TCP');
      if (protocol === undefined) continue;
      const served = { service, portName: name ?? '' };
      for (const address of addresses) byFrontend.set(frontendKey(address, port, protocol, 'external'), served);
      if (nodePort !== undefined) byFrontend.set(nodePortKey(nodePort, protocol), served);
    }
  }
  return { byFrontend, slices: slicesByService(slices) };
}
