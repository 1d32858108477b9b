import type { EndpointSlice } from '../../model/kubernetes.ts';
import type { ApiObjects } from '../lb/expectTable.ts';

/** How long before a reading a change of endpoints may still have been on its way to kube-proxy. */
const recentSeconds = 30;

/** Services whose endpoints the controller wrote just before; it notes the time of what made it do so. */
export function unsettledServices(slices: readonly EndpointSlice[], takenAt: string): ReadonlySet<string> {
  return new Set(
    slices
      .filter(({ metadata }) => {
        const time =
          metadata.annotations?.['endpoints.kubernetes.io/last-change-trigger-time'] ?? metadata.creationTimestamp;
        return typeof time === 'string' && (Date.parse(takenAt) - Date.parse(time)) / 1000 < recentSeconds;
      })
      .map(serviceOf),
  );
}

const serviceOf = ({ metadata }: EndpointSlice): string =>
  `${metadata.namespace ?? ''}/${metadata.labels?.['kubernetes.io/service-name'] ?? ''}`;

const indexes = new WeakMap<readonly EndpointSlice[], ReadonlyMap<string, readonly string[]>>();

/** Addresses of a Service's endpoints that are ready, sorted. */
export function readyAddresses({ endpointSlices }: ApiObjects, service: string): readonly string[] {
  let index = indexes.get(endpointSlices);
  if (index === undefined) {
    const found = new Map<string, Set<string>>();
    for (const slice of endpointSlices) {
      const addresses = found.get(serviceOf(slice)) ?? new Set<string>();
      found.set(serviceOf(slice), addresses);
      for (const { addresses: own, conditions } of slice.endpoints ?? [])
        if (conditions?.ready !== false) for (const address of own) addresses.add(address);
    }
    index = new Map([...found].map(([name, addresses]) => [name, [...addresses].toSorted()]));
    indexes.set(endpointSlices, index);
  }
  return index.get(service) ?? [];
}
