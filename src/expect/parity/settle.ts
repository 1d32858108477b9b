import type { EndpointSlice, ObjectMeta, Service } from '../../model/kubernetes.ts';
import { canonicalAddress } from '../../model/lb/address.ts';
import { partsOf } from '../../model/lb/keys.ts';
import { type Difference, type FirmDifference, settling } from './Difference.ts';
import type { ApiObjects } from '../lb/expectTable.ts';
import { ownerName } from '../lb/OwnerRef.ts';

/** What changed in the API while nodes were read. */
export interface ApiChanges {
  /** `namespace/name` of Services, pods and redirect policies, of Services also by their EndpointSlices. */
  readonly owners: ReadonlySet<string>;
  /** Addresses and NodePorts of changed Services, old and new: rows of these may still stand, or not yet. */
  readonly addresses: ReadonlySet<string>;
  readonly nodePorts: ReadonlySet<number>;
}

/** @param before listed before the nodes were read, @param after listed afterwards */
export function changesBetween(before: ApiObjects, after: ApiObjects): ApiChanges {
  const owners = new Set<string>();
  const add = ({ metadata }: { readonly metadata: ObjectMeta }): unknown => owners.add(nameOf(metadata));
  changed(before.services, after.services).forEach(add);
  changed(before.pods ?? [], after.pods ?? []).forEach(add);
  changed(before.localRedirectPolicies ?? [], after.localRedirectPolicies ?? []).forEach(add);
  for (const slice of changed(before.endpointSlices, after.endpointSlices)) {
    const service = serviceOf(slice);
    if (service !== undefined) owners.add(service);
  }
  const touched = [...before.services, ...after.services].filter(({ metadata }) => owners.has(nameOf(metadata)));
  return {
    owners,
    addresses: new Set(touched.flatMap((service) => addressesOf(service))),
    nodePorts: new Set(
      touched.flatMap(({ spec }) =>
        (spec?.ports ?? []).map(({ nodePort }) => nodePort ?? 0).filter((port) => port !== 0),
      ),
    ),
  };
}

const nameOf = ({ namespace, name }: ObjectMeta): string => `${namespace ?? ''}/${name}`;

function serviceOf({ metadata }: EndpointSlice): string | undefined {
  const name = metadata.labels?.['kubernetes.io/service-name'];
  return name === undefined ? undefined : `${metadata.namespace ?? ''}/${name}`;
}

const addressesOf = ({ spec, status }: Service): readonly string[] =>
  [
    spec?.clusterIP,
    ...(spec?.clusterIPs ?? []),
    ...(spec?.externalIPs ?? []),
    ...(status?.loadBalancer?.ingress ?? []).map(({ ip }) => ip),
  ]
    .map((text) => canonicalAddress(text ?? ''))
    .filter((address) => address !== undefined);

/** Objects that were added, removed or changed, in their old and new form. */
function changed<T extends { readonly metadata: ObjectMeta }>(before: readonly T[], after: readonly T[]): readonly T[] {
  const old = new Map(before.map((object) => [nameOf(object.metadata), object]));
  const out: T[] = [];
  for (const object of after) {
    const name = nameOf(object.metadata);
    const previous = old.get(name);
    if (previous === undefined || !isSame(previous, object))
      out.push(object, ...(previous === undefined ? [] : [previous]));
    old.delete(name);
  }
  return [...out, ...old.values()];
}

function isSame(a: { readonly metadata: ObjectMeta }, b: { readonly metadata: ObjectMeta }): boolean {
  if (a === b) return true;
  const { uid, resourceVersion } = a.metadata;
  if (typeof uid === 'string' && typeof resourceVersion === 'string')
    return uid === b.metadata.uid && resourceVersion === b.metadata.resourceVersion;
  return JSON.stringify(a) === JSON.stringify(b);
}

export interface Moment {
  readonly changes: ApiChanges;
  /** How long the agent ran when its maps were read; undefined: not known. */
  readonly agentAgeSeconds: number | undefined;
}

/** An agent reconciles what it found in the maps for up to a minute after its start, and prunes afterwards. */
export const settlingAgeSeconds = 120;

/** Turns differences into settling ones where the API moved meanwhile, or the agent started just now. */
export function settle(
  differences: readonly Difference[],
  { changes, agentAgeSeconds }: Moment,
): readonly Difference[] {
  const young = agentAgeSeconds !== undefined && agentAgeSeconds < settlingAgeSeconds;
  return differences.map((difference) => {
    if (difference.kind === 'settling') return difference;
    if (isTouched(difference, changes))
      return settling(difference, 'its Service or endpoints changed while the nodes were read');
    return young ? settling(difference, `the agent started ${Math.round(agentAgeSeconds)} s before`) : difference;
  });
}

function isTouched({ owner, frontend, type }: FirmDifference, { owners, addresses, nodePorts }: ApiChanges): boolean {
  if (owner !== undefined) return owners.has(ownerName(owner));
  const { address, port } = partsOf(frontend);
  return addresses.has(address) || (type === 'NodePort' && nodePorts.has(port));
}

/**
 * Two readings of one node, some seconds apart: firm is what both show. What only the second shows is settling, what
 * only the first showed is gone.
 */
export function confirm(first: readonly Difference[], second: readonly Difference[]): readonly Difference[] {
  const before = new Map(first.map((difference) => [idOf(difference), difference]));
  return second.map((difference) => {
    if (difference.kind === 'settling') return difference;
    const earlier = before.get(idOf(difference));
    const both =
      earlier === undefined
        ? undefined
        : inBoth(earlier.kind === 'settling' ? earlier.underlying : earlier, difference);
    return both ?? settling(difference, 'it was not there, or was another one, when the node was read before');
  });
}

const idOf = (difference: Difference): string =>
  `${difference.kind === 'settling' ? difference.underlying.kind : difference.kind} ${difference.frontend}`;

/** undefined: the two are about different backends or properties. */
function inBoth(first: FirmDifference, second: FirmDifference): FirmDifference | undefined {
  if (second.kind === 'backendsStale' && first.kind === 'backendsStale') {
    const stale = second.stale.filter((key) => first.stale.includes(key));
    return stale.length === 0
      ? undefined
      : { ...second, stale, missing: second.missing.filter((key) => first.missing.includes(key)) };
  }
  if (second.kind === 'backendsMissing' && first.kind === 'backendsMissing') {
    const missing = second.missing.filter((key) => first.missing.includes(key));
    return missing.length === 0 ? undefined : { ...second, missing };
  }
  if (second.kind === 'wrongProperties' && first.kind === 'wrongProperties') {
    const properties = second.properties.filter(({ property }) =>
      first.properties.some((one) => one.property === property),
    );
    return properties.length === 0 ? undefined : { ...second, properties };
  }
  return second;
}
