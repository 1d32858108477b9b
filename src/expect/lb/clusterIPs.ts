import { defineDerived } from '../../core/Derived.ts';
import { valueOf } from '../../model/Fact.ts';
import type { Service } from '../../model/kubernetes.ts';
import { canonicalAddress } from '../../model/lb/address.ts';

/** Services by their ClusterIPs: as an endpoint these lead nowhere, since nobody translates a connection twice. */
export const clusterIPs = defineDerived({
  name: 'clusterIPs',
  optional: { cluster: ['services'] },
  compute: ({ cluster }): ReadonlyMap<string, Service> =>
    new Map(
      (valueOf(cluster.services) ?? []).flatMap((service) =>
        (service.spec?.clusterIPs ?? []).flatMap((ip) => {
          const address = canonicalAddress(ip);
          return address === undefined ? [] : [[address, service] as const];
        }),
      ),
    ),
});
