import type { EndpointSlice, Service } from '../../model/kubernetes.ts';
import { canonicalAddress } from '../../model/lb/address.ts';

/** Where the Service default/kubernetes leads: its ClusterIPs, and the servers behind it. */
export interface ApiServerPlace {
  readonly via: 'clusterIP' | 'server';
  readonly address: string;
  readonly port: number;
}

/** ClusterIPs first; each once. */
export function apiServerAddresses(
  services: readonly Service[],
  slices: readonly EndpointSlice[],
): readonly ApiServerPlace[] {
  const servers = serversIn(slices);
  const spec = services.find(isKubernetes)?.spec;
  const port = spec?.ports?.[0]?.port ?? 443;
  const ips = (spec?.clusterIPs ?? [spec?.clusterIP ?? '']).filter((ip) => ip !== '');
  if (servers.length === 0) return [];
  return [...ips.map((address): ApiServerPlace => ({ via: 'clusterIP', address, port })), ...servers];
}

const isKubernetes = ({ metadata }: Service): boolean =>
  metadata.namespace === 'default' && metadata.name === 'kubernetes';

export function serversIn(slices: readonly EndpointSlice[]): readonly ApiServerPlace[] {
  const servers = slices
    .filter(
      ({ metadata }) =>
        metadata.namespace === 'default' && metadata.labels?.['kubernetes.io/service-name'] === 'kubernetes',
    )
    .flatMap(({ endpoints = [], ports = [] }) =>
      ports.flatMap(({ port }) =>
        endpoints.flatMap(({ addresses }) =>
          port === undefined ? [] : addresses.map((address): ApiServerPlace => ({ via: 'server', address, port })),
        ),
      ),
    );
  return [...new Map(servers.map((one) => [`${one.address} ${one.port}`, one])).values()];
}

/** Whether an endpoint is one of these hosts: a load balancer of API servers leads there, and others lead to pods. */
export const leadToHosts = (slices: readonly EndpointSlice[], hosts: ReadonlySet<string>): boolean =>
  slices.some(({ endpoints = [] }) =>
    endpoints.some(({ addresses }) => addresses.some((one) => hosts.has(canonicalAddress(one) ?? one))),
  );
