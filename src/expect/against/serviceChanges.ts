import type { Service } from '../../model/kubernetes.ts';

/** What decides where the connections to a Service go, by the name under which people know it. */
const traits: Readonly<Record<string, (service: Service) => unknown>> = {
  recreated: ({ metadata }) => metadata.uid,
  type: ({ spec }) => spec?.type,
  ports: ({ spec }) => spec?.ports,
  clusterIP: ({ spec }) => spec?.clusterIPs ?? [spec?.clusterIP],
  externalIPs: ({ spec }) => spec?.externalIPs,
  'load balancer address': ({ status }) => (status?.loadBalancer?.ingress ?? []).map(({ ip, ipMode }) => [ip, ipMode]),
  externalTrafficPolicy: ({ spec }) => spec?.externalTrafficPolicy,
  internalTrafficPolicy: ({ spec }) => spec?.internalTrafficPolicy,
  sessionAffinity: ({ spec }) => [spec?.sessionAffinity, spec?.sessionAffinityConfig?.clientIP?.timeoutSeconds],
  loadBalancerSourceRanges: ({ spec }) => spec?.loadBalancerSourceRanges,
  loadBalancerClass: ({ spec }) => spec?.loadBalancerClass,
  healthCheckNodePort: ({ spec }) => spec?.healthCheckNodePort,
  trafficDistribution: ({ spec }) => spec?.trafficDistribution,
  publishNotReadyAddresses: ({ spec }) => spec?.publishNotReadyAddresses,
  selector: ({ spec }) => sorted(spec?.selector ?? {}),
  'service-proxy-name': ({ metadata }) => metadata.labels?.['service.kubernetes.io/service-proxy-name'],
  annotations: ({ metadata }) =>
    sorted(metadata.annotations ?? {}).filter(([name]) => /^(?:service|lbipam|network)\.cilium\.io\//.test(name)),
};

/** What the user changed in a Service between two readings; empty: nothing that matters. */
export const serviceChanges = (then: Service, now: Service): readonly string[] =>
  Object.entries(traits).flatMap(([name, of]) =>
    JSON.stringify(of(then) ?? null) === JSON.stringify(of(now) ?? null) ? [] : [name],
  );

const sorted = (words: Readonly<Record<string, string>>): readonly (readonly [string, string])[] =>
  Object.entries(words).toSorted(([a], [b]) => (a < b ? -1 : 1));
