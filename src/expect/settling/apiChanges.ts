import type { EndpointSlice, ObjectMeta, Service } from '../../model/kubernetes.ts';
import { canonicalAddress } from '../../model/lb/address.ts';
import { partsOf } from '../../model/lb/keys.ts';
import type { FirmDifference } from '../parity/Difference.ts';
import type { ApiObjects } from '../lb/expectTable.ts';
import { ownerName } from '../lb/OwnerRef.ts';

/** What changed in the API while nodes were read, or just before. */
export interface ApiChanges {
  /** `namespace/name` of Services, pods and redirect policies, of Services also by their EndpointSlices. */
  readonly owners: ReadonlySet<string>;
  /** Addresses and NodePorts of changed Services, old and new: rows of these may still stand, or not yet. */
  readonly addresses: ReadonlySet<string>;
  readonly nodePorts: ReadonlySet<number>;
}

export const noChanges: ApiChanges = { owners: new Set(), addresses: new Set(), nodePorts: new Set() };

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

/** What was made or changed less than so long before, by the objects' own words. @param takenAt RFC 3339 */
export function recentChanges(objects: ApiObjects, takenAt: string, seconds: number): ApiChanges {
  const isOld = ({ metadata }: { readonly metadata: ObjectMeta }): boolean => {
    const age = secondsSince(lastChangeOf(metadata), takenAt);
    return age === undefined || age >= seconds;
  };
  const services = objects.services.filter(isOld);
  const endpointSlices = objects.endpointSlices.filter(isOld);
  const isSame = services.length === objects.services.length && endpointSlices.length === objects.endpointSlices.length;
  return isSame ? noChanges : changesBetween({ ...objects, services, endpointSlices }, objects);
}

/** undefined: nobody says when. */
export function secondsSince(time: string | undefined, takenAt: string): number | undefined {
  const seconds = (Date.parse(takenAt) - Date.parse(time ?? '')) / 1000;
  return Number.isNaN(seconds) ? undefined : seconds;
}

/**
 * When an object was last written. The API server notes who wrote which fields, and when; of a slice its controller
 * notes which change of a pod or Service made it write (endpointslice/trigger_time_tracker.go). That one may be long
 * ago: a kubelet that comes back tells that its pods are ready since they became so before the node was lost.
 */
export function lastChangeOf({ annotations, managedFields = [], creationTimestamp }: ObjectMeta): string | undefined {
  const trigger = annotations?.['endpoints.kubernetes.io/last-change-trigger-time'];
  const times = [trigger, creationTimestamp, ...managedFields.map(({ time }) => time)];
  return times
    .filter((time) => !Number.isNaN(Date.parse(time ?? '')))
    .toSorted(byTime)
    .at(-1);
}

/** By what they say: one of them may have parts of a second. */
const byTime = (a = '', b = ''): number => Date.parse(a) - Date.parse(b);

/** Whether a change may be why it differs. */
export function isTouched(
  { owner, frontend, type }: FirmDifference,
  { owners, addresses, nodePorts }: ApiChanges,
): boolean {
  if (owner !== undefined) return owners.has(ownerName(owner));
  const { address, port } = partsOf(frontend);
  return addresses.has(address) || (type === 'NodePort' && nodePorts.has(port));
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
  // Nothing changed in a list, or it was not read again.
  if (before === after) return [];
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
