import { isKnown, type Missing, valueOf } from '../../model/Fact.ts';
import type { ClusterFacts } from '../../model/Snapshot.ts';
import type { ApiObjects } from './expectTable.ts';

/** What rows are computed from; missing where one of those that every row depends on is. */
export function apiObjects({
  services,
  endpointSlices,
  pods,
  localRedirectPolicies,
}: Pick<ClusterFacts, 'services' | 'endpointSlices' | 'pods' | 'localRedirectPolicies'>): ApiObjects | Missing {
  if (!isKnown(services)) return services;
  if (!isKnown(endpointSlices)) return endpointSlices;
  return {
    services: services.value,
    endpointSlices: endpointSlices.value,
    pods: valueOf(pods),
    localRedirectPolicies: valueOf(localRedirectPolicies),
  };
}
