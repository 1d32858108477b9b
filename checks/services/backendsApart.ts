import { defineCheck } from '../../src/core/Check.ts';
import { finding } from '../../src/core/Finding.ts';
import { notApplicable, passUnless } from '../../src/core/Outcome.ts';
import { serviceKey, takesConnections } from '../../src/expect/lb/readyBackends.ts';
import { serviceSlices } from '../../src/expect/lb/serviceSlices.ts';
import type { EndpointSlice, Service } from '../../src/model/kubernetes.ts';
import { canonicalAddress, familyOf } from '../../src/model/lb/address.ts';
import { listFirst } from '../../src/text/names.ts';
import { kpr5010 } from './problems/KPR5010.ts';
import { serviceRef } from '../../src/expect/lb/OwnerRef.ts';

/**
 * Two connections of one client, from one port to two addresses with one backend, are one connection behind the
 * translation (cilium/cilium#11810). Rare, and many clusters are made that way: a note. Only LoadBalancer addresses
 * count, which the same clients use from outside.
 */
export const backendsApart = defineCheck({
  id: 'backends-apart',
  title: 'No backend stands behind several LoadBalancer addresses',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr5010],
  requires: { cluster: ['services', 'endpointSlices'] },
  uses: [serviceSlices],
  run({ cluster, derived, evidence }) {
    const balancers = cluster.services.filter((service) => addressesOf(service).length > 0);
    if (balancers.length === 0) return notApplicable('no Service has a LoadBalancer address');
    const slices = derived(serviceSlices);
    const byBackend = new Map<string, Service[]>();
    for (const service of balancers) {
      for (const key of backendsOf(slices.get(serviceKey(service)) ?? [])) {
        const known = byBackend.get(key);
        if (known === undefined) byBackend.set(key, [service]);
        else known.push(service);
      }
    }
    const shared = [...byBackend].filter(([key, owners]) => owners.flatMap((one) => inFamily(one, key)).length > 1);
    const [first] = shared;
    if (first === undefined) return passUnless([]);
    const owners = [...new Set(shared.flatMap(([, services]) => services))];
    const objects = owners.map(serviceRef);
    const params = { services: listFirst(owners.map(serviceKey), 5), backend: first[0] };
    return finding(kpr5010, 'shared', params, { objects, evidence: [evidence('endpointSlices', first[0])] });
  },
});

const addressesOf = ({ spec, status }: Service): readonly string[] =>
  spec?.type === 'LoadBalancer'
    ? (status?.loadBalancer?.ingress ?? []).flatMap(({ ip, ipMode }) =>
        (ipMode ?? 'VIP') === 'VIP' ? (canonicalAddress(ip ?? '') ?? []) : [],
      )
    : [];

const inFamily = (service: Service, backend: string): readonly string[] =>
  addressesOf(service).filter((address) => (familyOf(address) === 'ipv6') === backend.startsWith('['));

/** `10.244.1.5:8080/TCP`, those that take connections, each once. */
const backendsOf = (slices: readonly EndpointSlice[]): ReadonlySet<string> =>
  new Set(
    slices.flatMap(({ endpoints, ports, addressType }) =>
      (endpoints ?? [])
        .filter((one) => takesConnections(one))
        .flatMap(({ addresses }) =>
          addresses.flatMap((address) =>
            (ports ?? []).flatMap(({ port, protocol }) =>
              port === undefined
                ? []
                : [`${addressType === 'IPv6' ? `[${address}]` : address}:${port}/${protocol ?? 'TCP'}`],
            ),
          ),
        ),
    ),
  );
