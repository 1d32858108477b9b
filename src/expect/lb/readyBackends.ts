import type { Endpoint, EndpointSlice, Service } from '../../model/kubernetes.ts';

/** The label by which an EndpointSlice names its Service. */
export const serviceNameLabel = 'kubernetes.io/service-name';

/** EndpointSlices by the `namespace/name` of their Service. */
export function slicesByService(slices: readonly EndpointSlice[]): ReadonlyMap<string, readonly EndpointSlice[]> {
  const byService = new Map<string, EndpointSlice[]>();
  for (const slice of slices) {
    const service = slice.metadata.labels?.[serviceNameLabel];
    if (service === undefined) continue;
    const key = `${slice.metadata.namespace ?? ''}/${service}`;
    const known = byService.get(key);
    if (known === undefined) byService.set(key, [slice]);
    else known.push(slice);
  }
  return byService;
}

export const serviceKey = ({ metadata }: Service): string => `${metadata.namespace ?? ''}/${metadata.name}`;

/**
 * Whether an endpoint gets connections of its Service. Those that terminate while they still serve get them when there
 * is no ready one (kubernetes: pkg/proxy/topology.go).
 */
export const takesConnections = ({ conditions }: Endpoint): boolean =>
  conditions?.ready !== false || (conditions.serving === true && conditions.terminating === true);

/** The endpoints of these slices that get connections; of one port of the Service only, when it is given. */
export const backendsOf = (slices: readonly EndpointSlice[], portName?: string): readonly Endpoint[] =>
  slices
    .filter(({ ports }) => portName === undefined || (ports ?? []).some(({ name }) => (name ?? '') === portName))
    .flatMap(({ endpoints }) => (endpoints ?? []).filter((endpoint) => takesConnections(endpoint)));
