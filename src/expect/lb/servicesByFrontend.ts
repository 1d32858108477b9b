import type { Service } from '../../model/kubernetes.ts';
import { canonicalAddress, type Protocol, protocolOf, unspecified } from '../../model/lb/address.ts';
import { type FrontendKey, frontendKey } from '../../model/lb/keys.ts';
import { addressesOf } from './serviceAddresses.ts';

export interface ServedPort {
  readonly service: Service;
  /** Empty when the port has no name. */
  readonly portName: string;
}

/** Ports of Services by where clients reach them; a NodePort under `nodePortKey`. */
export type ServicesByFrontend = ReadonlyMap<FrontendKey, ServedPort>;

/** A NodePort, at whichever address of a node. */
export const nodePortKey = (port: number, protocol: Protocol): FrontendKey =>
  frontendKey(unspecified.ipv4, port, protocol, 'external');

/** Where two Services ask for one frontend, the later of the list counts. */
export function servicesByFrontend(services: readonly Service[]): ServicesByFrontend {
  const byFrontend = new Map<FrontendKey, ServedPort>();
  for (const service of services) {
    const addresses = addressesOf(service).flatMap((address) => canonicalAddress(address) ?? []);
    for (const { name, port, nodePort, protocol: asked } of service.spec?.ports ?? []) {
      const protocol = protocolOf(asked ?? 'TCP');
      if (protocol === undefined) continue;
      const served = { service, portName: name ?? '' };
      for (const address of addresses) byFrontend.set(frontendKey(address, port, protocol, 'external'), served);
      if (nodePort !== undefined && nodePort !== 0) byFrontend.set(nodePortKey(nodePort, protocol), served);
    }
  }
  return byFrontend;
}
