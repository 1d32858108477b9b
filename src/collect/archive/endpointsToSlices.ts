import { isIPv6 } from 'node:net';
import type { EndpointSlice } from '../../model/kubernetes.ts';

/** Endpoints of the core API, as far as they are read. */
interface Endpoints {
  readonly metadata?: {
    readonly name?: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly subsets?: readonly Subset[] | null;
}
interface Subset {
  readonly addresses?: readonly Address[] | null;
  readonly notReadyAddresses?: readonly Address[] | null;
  readonly ports?: readonly { readonly name?: string; readonly port: number; readonly protocol?: string }[] | null;
}
interface Address {
  readonly ip: string;
  readonly hostname?: string;
  readonly nodeName?: string;
  readonly targetRef?: {
    readonly kind?: string;
    readonly namespace?: string;
    readonly name?: string;
    readonly uid?: string;
  };
}

/**
 * Where Kubernetes has cut off addresses beyond a thousand:
 * https://kubernetes.io/docs/concepts/services-networking/service/#over-capacity-endpoints
 */
export const isTruncated = (endpoints: unknown): boolean =>
  (endpoints as Endpoints | null)?.metadata?.annotations?.['endpoints.kubernetes.io/over-capacity'] === 'truncated';

/**
 * The slices that would say the same: one for each subset and family. Terminating endpoints are not in
 * Endpoints at all.
 */
export function endpointsToSlices(object: unknown): EndpointSlice[] {
  const { metadata, subsets } = (object ?? {}) as Endpoints;
  const name = metadata?.name;
  if (name === undefined) return [];
  return (subsets ?? []).flatMap((subset, i) => {
    const endpoints = [
      ...(subset.addresses ?? []).map((address) => toEndpoint(address, true)),
      ...(subset.notReadyAddresses ?? []).map((address) => toEndpoint(address, false)),
    ];
    return (['IPv4', 'IPv6'] as const).flatMap((addressType): EndpointSlice[] => {
      const own = endpoints.filter(({ addresses: [ip] }) => isIPv6(ip ?? '') === (addressType === 'IPv6'));
      if (own.length === 0) return [];
      return [
        {
          metadata: {
            name: `${name}-endpoints-${i}-${addressType.toLowerCase()}`,
            ...(metadata?.namespace !== undefined && { namespace: metadata.namespace }),
            labels: { ...metadata?.labels, 'kubernetes.io/service-name': name },
          },
          addressType,
          endpoints: own,
          ports: (subset.ports ?? []).map((port) => ({
            name: port.name ?? '',
            port: port.port,
            protocol: port.protocol ?? 'TCP',
          })),
        },
      ];
    });
  });
}

const toEndpoint = (address: Address, ready: boolean): NonNullable<EndpointSlice['endpoints']>[number] => ({
  addresses: [address.ip],
  conditions: { ready },
  ...(address.hostname !== undefined && { hostname: address.hostname }),
  ...(address.nodeName !== undefined && { nodeName: address.nodeName }),
  ...(address.targetRef !== undefined && { targetRef: address.targetRef }),
});
