import { slicesByService } from '../expect/lb/readyBackends.ts';
import { isKnown } from '../model/Fact.ts';
import type { EndpointSlice, Service } from '../model/kubernetes.ts';
import type { Snapshot } from '../model/Snapshot.ts';

/**
 * Says of a Service (`namespace/name`) whether what the API asks for it is something else than before: then it is no
 * wonder that its clients reach something else. undefined: one of the two readings does not have it.
 */
export function apiChanges(before: Snapshot, after: Snapshot): (service: string) => boolean | undefined {
  const [earlier, later] = [asked(before), asked(after)];
  return (service) =>
    earlier === undefined || later === undefined ? undefined : earlier.get(service) !== later.get(service);
}

function asked({ facts: { services, endpointSlices } }: Snapshot): ReadonlyMap<string, string> | undefined {
  if (!isKnown(services) || !isKnown(endpointSlices)) return undefined;
  const slices = slicesByService(endpointSlices.value);
  return new Map(
    services.value.map((service) => {
      const key = `${service.metadata.namespace ?? ''}/${service.metadata.name}`;
      return [key, textOf(service, slices.get(key) ?? [])];
    }),
  );
}

/** Of the object only what decides about its frontends and their backends. */
function textOf({ spec, status, metadata: { annotations } }: Service, slices: readonly EndpointSlice[]): string {
  const endpoints = slices.flatMap(({ endpoints: list, ports }) =>
    (list ?? []).map(({ addresses, conditions, nodeName, hints }) =>
      JSON.stringify([
        addresses[0],
        conditions?.ready,
        conditions?.serving,
        conditions?.terminating,
        nodeName,
        hints,
        ports,
      ]),
    ),
  );
  const { selector: _selector, ...rest } = spec ?? {};
  return JSON.stringify([rest, status?.loadBalancer, annotations, endpoints.sort()]);
}
