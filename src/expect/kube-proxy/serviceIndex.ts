import type { EndpointSlice, Service } from '../../model/kubernetes.ts';
import { slicesByService } from '../lb/readyBackends.ts';
import { addressesOf } from '../lb/serviceAddresses.ts';

export interface ServedPort {
  readonly service: Service;
  /** Empty when the port has no name. */
  readonly portName: string;
}

/** Services by where clients reach them: `address:port/PROTOCOL`, and `:nodePort/PROTOCOL`. */
export interface ServiceIndex {
  readonly byFrontend: ReadonlyMap<string, ServedPort>;
  readonly slices: ReadonlyMap<string, readonly EndpointSlice[]>;
}

export function serviceIndex(services: readonly Service[], slices: readonly EndpointSlice[]): ServiceIndex {
  const byFrontend = new Map<string, ServedPort>();
  for (const service of services) {
    const addresses = addressesOf(service);
    for (const { name, port, nodePort, protocol } of service.spec?.ports ?? []) {
      const served = { service, portName: name ?? '' };
      for (const address of addresses) byFrontend.set(`${address}:${port}/${protocol ?? 'TCP'}`, served);
      if (nodePort !== undefined) byFrontend.set(`:${nodePort}/${protocol ?? 'TCP'}`, served);
    }
  }
  return { byFrontend, slices: slicesByService(slices) };
}
