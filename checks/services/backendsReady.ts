import { defineCheck } from '../../src/core/Check.ts';
import { finding, type ObjectRef } from '../../src/core/Finding.ts';
import { pass } from '../../src/core/Outcome.ts';
import { findClusterDns } from '../../src/expect/clusterDns.ts';
import { isGlobal } from '../../src/expect/lb/globalService.ts';
import { backendsOf, serviceKey, slicesByService } from '../../src/expect/lb/readyBackends.ts';
import type { EndpointSlice, Service } from '../../src/model/kubernetes.ts';
import { listFirst } from '../../src/text/names.ts';
import { kpr5011 } from './problems/KPR5011.ts';

/** Names in the message; all of them are in the finding's objects. */
const shownNames = 5;

export const backendsReady = defineCheck({
  id: 'backends-ready',
  title: 'Every Service has a ready backend',
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr5011],
  requires: { cluster: ['services', 'endpointSlices'] },
  run({ cluster, evidence }) {
    const slices = slicesByService(cluster.endpointSlices);
    const dns = findClusterDns(cluster.services, cluster.endpointSlices)?.service;
    const empty = cluster.services.filter(
      // Cluster DNS without a server is more than information: cluster-dns-ready says so.
      (service) => service !== dns && hasNoBackend(service, slices.get(serviceKey(service)) ?? []),
    );
    if (empty.length === 0) return pass;
    const objects = empty.map(({ metadata }): ObjectRef => ({
      kind: 'Service',
      namespace: metadata.namespace ?? '',
      name: metadata.name,
    }));
    const names = empty.map((one) => serviceKey(one)).sort();
    const services = listFirst(names, shownNames);
    const seen = [evidence('endpointSlices', `no ready endpoint: ${services}`)];
    return finding(kpr5011, 'noBackend', { services }, { objects, evidence: seen });
  },
});

function hasNoBackend({ metadata, spec }: Service, slices: readonly EndpointSlice[]): boolean {
  if (spec?.type === 'ExternalName' || spec?.clusterIP === 'None' || (spec?.ports ?? []).length === 0) return false;
  // Another proxy's Service, or one whose endpoints somebody writes whom the API does not name.
  if (metadata.labels?.['service.kubernetes.io/service-proxy-name'] !== undefined) return false;
  // Other clusters may have backends for it, which the API here does not show.
  if (isGlobal(metadata.annotations ?? {})) return false;
  if (Object.keys(spec?.selector ?? {}).length === 0 && slices.length === 0) return false;
  return backendsOf(slices).length === 0;
}
