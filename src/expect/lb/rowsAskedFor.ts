import type { EndpointSlice, Service } from '../../model/kubernetes.ts';
import { addressesOf } from './serviceAddresses.ts';
import { backendsOf, serviceKey, slicesByService } from './readyBackends.ts';

/** Rows of the maps of the larger family. */
export interface RowCounts {
  /** Frontends with a number of their own for the way back. */
  readonly frontends: number;
  /** Frontends, and each of their backends. */
  readonly services: number;
  /** Backends, each once. */
  readonly backends: number;
}

/** How many rows Services ask for, whoever serves them now; a function of a node's addresses that serve NodePorts. */
export function rowsAskedFor(
  services: readonly Service[],
  slices: readonly EndpointSlice[],
): (nodeAddresses: readonly string[]) => RowCounts {
  const byService = slicesByService(slices);
  const families = (['IPv4', 'IPv6'] as const).map((family) => ({
    family,
    backends: new Set(slices.filter(({ addressType }) => addressType === family).flatMap(endsOf)).size,
    ports: services.flatMap((service) => portsOf(service, byService.get(serviceKey(service)) ?? [], family)),
  }));
  return (nodeAddresses) => {
    const counts = families.map(({ family, backends, ports }): RowCounts => {
      const ofNode = Math.max(nodeAddresses.filter((address) => isOf(family, address)).length, 1);
      const rows = ports.map(({ addresses, nodePort, scopes, ends }) => {
        // A NodePort has a row for each address of the node, and one for all of them.
        const frontends = (addresses + (nodePort ? ofNode + 1 : 0)) * scopes;
        return { frontends, services: frontends * (1 + ends) };
      });
      const sum = (of: 'frontends' | 'services'): number => rows.reduce((total, one) => total + one[of], 0);
      return { backends, frontends: sum('frontends'), services: sum('services') };
    });
    return counts.reduce((most, one) => (one.services > most.services ? one : most));
  };
}

type Family = 'IPv4' | 'IPv6';

const isOf = (family: Family, address: string): boolean => address.includes(':') === (family === 'IPv6');

interface PortRows {
  readonly addresses: number;
  readonly nodePort: boolean;
  /** Two where clients inside and outside of the cluster get different backends. */
  readonly scopes: number;
  readonly ends: number;
}

function portsOf(service: Service, slices: readonly EndpointSlice[], family: Family): readonly PortRows[] {
  const { spec } = service;
  if (spec?.type === 'ExternalName') return [];
  const addresses = addressesOf(service).filter((one) => isOf(family, one)).length;
  const own = slices.filter(({ addressType }) => addressType === family);
  const scopes = (spec?.externalTrafficPolicy === 'Local') === (spec?.internalTrafficPolicy === 'Local') ? 1 : 2;
  return (spec?.ports ?? []).map(({ name = '', nodePort = 0 }) => ({
    addresses,
    nodePort: nodePort > 0 && (spec?.ipFamilies ?? ['IPv4']).includes(family),
    scopes,
    ends: backendsOf(own, name).length,
  }));
}

const endsOf = ({ endpoints = [], ports = [] }: EndpointSlice): readonly string[] =>
  endpoints.flatMap(({ addresses }) =>
    addresses.flatMap((address) => ports.map(({ port = 0, protocol = '' }) => `${address} ${port} ${protocol}`)),
  );
