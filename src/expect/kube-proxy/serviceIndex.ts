import type { EndpointSlice, Service } from '../../model/kubernetes.ts';
import { slicesByService } from '../lb/readyBackends.ts';
import { type ServicesByFrontend, servicesByFrontend } from '../lb/servicesByFrontend.ts';

export interface ServiceIndex {
  readonly byFrontend: ServicesByFrontend;
  readonly slices: ReadonlyMap<string, readonly EndpointSlice[]>;
}

export const serviceIndex = (services: readonly Service[], slices: readonly EndpointSlice[]): ServiceIndex => ({
  byFrontend: servicesByFrontend(services),
  slices: slicesByService(slices),
});
