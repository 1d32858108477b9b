import type { EndpointSlice } from '../../model/kubernetes.ts';
import type { ApiObjects } from '../lb/expectTable.ts';
import { lastChangeOf, secondsSince } from '../settling/apiChanges.ts';

/** How long before a reading a change of endpoints may still have been on its way to kube-proxy. */
const recentSeconds = 30;

/** Services whose endpoints were written just before. */
export function unsettledServices(slices: readonly EndpointSlice[], takenAt: string): ReadonlySet<string> {
  return new Set(
    slices
      .filter(({ metadata }) => {
        const age = secondsSince(lastChangeOf(metadata), takenAt);
        return age !== undefined && age < recentSeconds;
      })
      .map(serviceOf),
  );
}

const serviceOf = ({ metadata }: EndpointSlice): string =>
  `${metadata.namespace ?? ''}/${metadata.labels?.['kubernetes.io/service-name'] ?? ''}`;

/** Addresses of endpoints that are ready, sorted, by `namespace/name` of their Service. */
export function readyAddresses({ endpointSlices }: ApiObjects): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, Set<string>>();
  for (const slice of endpointSlices) {
    const addresses = found.get(serviceOf(slice)) ?? new Set<string>();
    found.set(serviceOf(slice), addresses);
    for (const { addresses: own, conditions } of slice.endpoints ?? [])
      if (conditions?.ready !== false) for (const address of own) addresses.add(address);
  }
  return new Map([...found].map(([name, addresses]) => [name, [...addresses].toSorted()]));
}
