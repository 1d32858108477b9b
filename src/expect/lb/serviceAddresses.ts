import type { Service } from '../../model/kubernetes.ts';

/** The addresses under which a Service is reached: ClusterIPs, external IPs and those of load balancers. */
export const addressesOf = ({ spec, status }: Service): readonly string[] =>
  [
    ...(spec?.clusterIPs ?? [spec?.clusterIP ?? '']),
    ...(spec?.externalIPs ?? []),
    ...(status?.loadBalancer?.ingress ?? []).map(({ ip }) => ip ?? ''),
  ].filter((address) => address !== '' && address !== 'None');
