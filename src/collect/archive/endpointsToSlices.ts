import { isIPv6 } from 'node:net';
import * as v from 'valibot';
import type { Endpoint, EndpointSlice } from '../../model/kubernetes.ts';
import { withoutNulls } from '../../parse/withoutNulls.ts';

const text = v.exactOptional(v.string());
const textMap = v.exactOptional(v.record(v.string(), v.string()));
const address = v.object({ ip: v.string(), nodeName: text });
type Address = v.InferOutput<typeof address>;

/** Endpoints of the core API, as far as they are read. */
const endpoints = v.object({
  metadata: v.object({ name: v.string(), namespace: text, labels: textMap, annotations: textMap }),
  subsets: v.exactOptional(
    v.array(
      v.object({
        addresses: v.exactOptional(v.array(address)),
        notReadyAddresses: v.exactOptional(v.array(address)),
        ports: v.exactOptional(v.array(v.object({ name: text, port: v.number(), protocol: text }))),
      }),
    ),
  ),
});
export type Endpoints = v.InferOutput<typeof endpoints>;

/** Throws a ValiError where the object is none of the core API's. */
export const readEndpoints = (object: unknown): Endpoints => v.parse(endpoints, withoutNulls(object));

/**
 * Where Kubernetes has cut off addresses beyond a thousand:
 * https://kubernetes.io/docs/concepts/services-networking/service/#over-capacity-endpoints
 */
export const isTruncated = ({ metadata }: Endpoints): boolean =>
  metadata.annotations?.['endpoints.kubernetes.io/over-capacity'] === 'truncated';

/**
 * The slices that would say the same: one for each subset and family. Terminating endpoints are not in
 * Endpoints at all.
 */
export function endpointsToSlices({ metadata, subsets = [] }: Endpoints): EndpointSlice[] {
  const { name, namespace, labels } = metadata;
  return subsets.flatMap(({ addresses = [], notReadyAddresses = [], ports = [] }, i) => {
    const all = [
      ...addresses.map((one) => toEndpoint(one, true)),
      ...notReadyAddresses.map((one) => toEndpoint(one, false)),
    ];
    return (['IPv4', 'IPv6'] as const).flatMap((addressType): EndpointSlice[] => {
      const own = all.filter(({ addresses: [ip] }) => isIPv6(ip ?? '') === (addressType === 'IPv6'));
      if (own.length === 0) return [];
      return [
        {
          metadata: {
            name: `${name}-endpoints-${i}-${addressType.toLowerCase()}`,
            ...(namespace !== undefined && { namespace }),
            labels: { ...labels, 'kubernetes.io/service-name': name },
          },
          addressType,
          endpoints: own,
          ports: ports.map((port) => ({ name: port.name ?? '', port: port.port, protocol: port.protocol ?? 'TCP' })),
        },
      ];
    });
  });
}

const toEndpoint = ({ ip, nodeName }: Address, ready: boolean): Endpoint => ({
  addresses: [ip],
  conditions: { ready },
  ...(nodeName !== undefined && { nodeName }),
});
