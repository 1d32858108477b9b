import { defineDerived } from '../../core/Derived.ts';
import { lazily } from '../../core/lazily.ts';
import { type Fact, isKnown, type Missing } from '../../model/Fact.ts';
import type { Endpoint, EndpointSlice, Node, ObjectMeta, Pod, Service } from '../../model/kubernetes.ts';
import { canonicalAddress, type Family, familyOf } from '../../model/lb/address.ts';
import type { ClusterFacts } from '../../model/Snapshot.ts';
import { serviceKey, slicesByService } from '../lb/readyBackends.ts';
import { lastChangeOf, secondsSince } from '../settling/apiChanges.ts';
import { lastingSeconds } from '../settling/standingOf.ts';

export type DriftKind =
  /** A pod is ready, and no EndpointSlice names it. */
  | 'unlisted'
  /** A pod is ready, and its EndpointSlice says that it is not. */
  | 'heldBack'
  /** An EndpointSlice calls a pod ready that is not. */
  | 'notReady'
  /** An EndpointSlice calls a pod ready that has ended. */
  | 'ended'
  /** An EndpointSlice calls an address ready that no pod of the Service has. */
  | 'gone'
  /** What was copied of an Endpoints object stays beside what a controller writes for the Service’s selector. */
  | 'mirrored';

/** Where an EndpointSlice says otherwise than a pod. */
export interface Drift {
  readonly kind: DriftKind;
  readonly service: Service;
  readonly address: string;
  /** undefined: none has the address. */
  readonly pod: string | undefined;
  /** undefined: none has the address. */
  readonly slice: string | undefined;
  /** Whether the controller of Kubernetes wrote it, or was to. */
  readonly byController: boolean;
  /** It has been so for longer than any controller needs, by the objects’ own words. */
  readonly isOld: boolean;
}

export interface SliceDrift {
  readonly firm: readonly Drift[];
  /** They may be right in a moment, or were so when something else was listed. */
  readonly open: readonly Drift[];
}

/** The controller writes within a second; where it has thousands of changes before it, within some more. */
const patienceSeconds = 60;

const managedBy = 'endpointslice.kubernetes.io/managed-by';
const controller = 'endpointslice-controller.k8s.io';
const mirroring = 'endpointslicemirroring-controller.k8s.io';

const objects = ['services', 'endpointSlices', 'pods', 'nodes'] as const;
type Objects = Pick<ClusterFacts, (typeof objects)[number]>;

/**
 * EndpointSlices against the pods that they are made of (kubernetes: staging/src/k8s.io/endpointslice/reconciler.go):
 * agents serve what these say, so that a controller that stands still shows in no table. The lists are read at moments
 * of their own: what has no age shows twice, or beside something that has.
 */
export const sliceDrift = defineDerived({
  name: 'sliceDrift',
  optional: { cluster: objects },
  reread: { cluster: objects },
  compute({ cluster, secondReading, frame: { takenAt, secondsLater = 0 } }): SliceDrift | Missing {
    const first = driftsIn(cluster, takenAt);
    if ('missing' in first) return first;
    // Where nothing changed since, and where there was nothing, nothing is to be looked for.
    const isLeft = secondReading !== undefined && (areSame(cluster, secondReading) || first.length === 0);
    const again = isLeft ? first : secondReading && driftsIn(secondReading, takenAt);
    const isRead = again !== undefined && !('missing' in again);
    const still = isRead ? new Set(again.map(idOf)) : undefined;
    const left = still === undefined ? first : first.filter((one) => still.has(idOf(one)));
    const behind = new Set(left.filter(({ isOld }) => isOld).map(({ service }) => serviceKey(service)));
    const isFirm = (one: Drift): boolean =>
      one.isOld || behind.has(serviceKey(one.service)) || (isRead && secondsLater >= lastingSeconds);
    return { firm: left.filter(isFirm), open: left.filter((one) => !isFirm(one)) };
  },
});

/** Lists of which nothing changed are the same lists. */
function areSame(before: Objects, now: Objects): boolean {
  return objects.every((name) => {
    const [old, again]: readonly Fact<unknown>[] = [before[name], now[name]];
    return old !== undefined && again !== undefined && isKnown(again) && isKnown(old) && again.value === old.value;
  });
}

const idOf = ({ kind, service, address }: Drift): string => `${kind} ${serviceKey(service)} ${address}`;

function driftsIn({ services, endpointSlices, pods, nodes }: Objects, takenAt: string): readonly Drift[] | Missing {
  if (!isKnown(services)) return services;
  if (!isKnown(endpointSlices)) return endpointSlices;
  if (!isKnown(pods)) return pods;
  if (!isKnown(nodes)) return nodes;
  const slices = slicesByService(endpointSlices.value);
  const index = new PodIndex(pods.value, nodes.value);
  return services.value
    .filter(isServed)
    .flatMap((service) => new ServiceDrifts(service, slices.get(serviceKey(service)) ?? [], index, takenAt).all());
}

const isServed = ({ spec }: Service): boolean =>
  spec?.type !== 'ExternalName' && spec?.clusterIP !== 'None' && (spec?.ports ?? []).length > 0;

/** Pods by what a Service selects them by, and by their addresses. */
class PodIndex {
  readonly #pods: readonly Pod[];
  readonly #byLabel: ReadonlyMap<string, readonly Pod[]>;
  /** Dozens of Services may select one pod. */
  readonly #addresses = new Map<Pod, readonly string[]>();
  /** Hardly any Service needs it. */
  #byAddress: ReadonlyMap<string, readonly Pod[]> | undefined;
  /** The controller passes over pods whose Node is gone. */
  readonly nodes: ReadonlySet<string>;

  constructor(pods: readonly Pod[], nodes: readonly Node[]) {
    this.#pods = pods;
    this.#byLabel = grouped(pods, ({ metadata: { namespace = '', labels = {} } }) =>
      Object.keys(labels).map((key) => `${namespace} ${key}=${labels[key]}`),
    );
    this.nodes = new Set(nodes.map(({ metadata }) => metadata.name));
  }

  selectedBy({ metadata: { namespace = '' }, spec }: Service): readonly Pod[] {
    const selector = Object.entries(spec?.selector ?? {});
    // Thousands of pods may have one label in common, and Services with it the others.
    const [fewest = []] = selector
      .map(([key, value]) => this.#byLabel.get(`${namespace} ${key}=${value}`) ?? [])
      .toSorted((a, b) => a.length - b.length);
    return fewest.filter(({ metadata: { labels = {} } }) => selector.every(([key, value]) => labels[key] === value));
  }

  addressesOf(pod: Pod): readonly string[] {
    let known = this.#addresses.get(pod);
    if (known === undefined) this.#addresses.set(pod, (known = addressesOf(pod)));
    return known;
  }

  at(address: string): readonly Pod[] {
    this.#byAddress ??= grouped(this.#pods, addressesOf);
    return this.#byAddress.get(address) ?? [];
  }
}

function grouped<T>(all: readonly T[], keysOf: (one: T) => readonly string[]): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all)
    for (const key of keysOf(one)) {
      const known = groups.get(key);
      if (known === undefined) groups.set(key, [one]);
      else known.push(one);
    }
  return groups;
}

function addressesOf({ status }: Pod): readonly string[] {
  const { podIP = '', podIPs = [] } = status ?? {};
  const texts =
    podIPs.length > 1 || (podIPs[0]?.ip ?? podIP) !== podIP ? [podIP, ...podIPs.map(({ ip = '' }) => ip)] : [podIP];
  const addresses = texts.flatMap((text) => canonicalAddress(text) ?? []);
  return addresses.length > 1 ? [...new Set(addresses)] : addresses;
}

interface Listed {
  readonly address: string;
  readonly endpoint: Endpoint;
  readonly slice: EndpointSlice;
}

class ServiceDrifts {
  readonly #service: Service;
  readonly #index: PodIndex;
  readonly #takenAt: string;
  readonly #slices: readonly EndpointSlice[];
  readonly #listed: readonly Listed[];
  readonly #selects: boolean;
  readonly #selected: readonly Pod[];
  readonly #selectedAt = lazily(() => grouped(this.#selected, (pod) => this.#index.addressesOf(pod)));

  constructor(service: Service, slices: readonly EndpointSlice[], index: PodIndex, takenAt: string) {
    this.#service = service;
    this.#index = index;
    this.#takenAt = takenAt;
    this.#selects = Object.keys(service.spec?.selector ?? {}).length > 0;
    this.#selected = index.selectedBy(service);
    this.#slices = slices;
    this.#listed = slices.flatMap((slice) =>
      (slice.endpoints ?? []).flatMap((endpoint) =>
        endpoint.addresses.flatMap((text) => {
          const address = canonicalAddress(text);
          return address === undefined ? [] : [{ address, endpoint, slice }];
        }),
      ),
    );
  }

  all(): readonly Drift[] {
    return [...this.#leftOut(), ...this.#wronglyReady()];
  }

  /** Pods that are ready, as far as they are to be listed. */
  #leftOut(): readonly Drift[] {
    if (!this.#selects) return [];
    // Pods in the host’s network have one address, and each its own endpoint.
    const ready = new Set(this.#listed.filter(isCalledReady).map(({ address }) => address));
    const families = familiesOf(this.#service);
    const lacking = this.#selected.flatMap((pod) => {
      const addresses = this.#index
        .addressesOf(pod)
        .filter((address) => !ready.has(address) && families.has(familyOf(address)));
      return addresses.length > 0 && this.#isToBeListed(pod) ? [{ pod, addresses }] : [];
    });
    if (lacking.length === 0 || !this.#isUnchanged(this.#service.metadata)) return [];
    // Who wrote just before is not behind: it may know better, and pods told again of the time before a node was lost.
    const isOld = this.#slices
      .filter((slice) => isBy(slice, controller))
      .every(({ metadata }) => this.#isUnchanged(metadata));
    return lacking.flatMap(({ pod, addresses }) =>
      addresses.map((address) => {
        const there = this.#listed.find((one) => one.address === address);
        const kind = there === undefined ? 'unlisted' : 'heldBack';
        return this.#drift(kind, address, { pod, slice: there?.slice, byController: true, isOld });
      }),
    );
  }

  #isToBeListed(pod: Pod): boolean {
    return isReady(pod) && this.#isOld(pod) && this.#index.nodes.has(pod.spec?.nodeName ?? '');
  }

  /** Endpoints that are called ready, and nobody is ready there. */
  #wronglyReady(): readonly Drift[] {
    return this.#listed.filter(isCalledReady).flatMap((one) => {
      if (this.#selects && isBy(one.slice, controller)) return this.#ofController(one);
      if (this.#selects && isBy(one.slice, mirroring)) return this.#ofMirror(one);
      return this.#ofAuthor(one);
    });
  }

  #ofController({ address, slice }: Listed): readonly Drift[] {
    const pods = this.#selectedAt().get(address) ?? [];
    const of = (kind: DriftKind, pod: Pod | undefined, isOld: boolean): readonly Drift[] => [
      this.#drift(kind, address, { pod, slice, byController: true, isOld }),
    ];
    const [first] = pods;
    if (first === undefined) return of('gone', undefined, false);
    const alive = pods.filter((pod) => !hasEnded(pod));
    if (alive.length === 0)
      return of(
        'ended',
        first,
        pods.every((pod) => this.#isOld(pod)),
      );
    const isLeftReady = this.#service.spec?.publishNotReadyAddresses === true;
    // Whose end has begun is told by its slice in time, or by its going.
    if (isLeftReady || alive.some((pod) => isReady(pod) || isLeaving(pod) || !this.#isOld(pod))) return [];
    return of('notReady', alive[0], true);
  }

  #ofMirror({ address, slice }: Listed): readonly Drift[] {
    if (this.#listed.some((one) => one.address === address && isBy(one.slice, controller))) return [];
    const isOld = [slice.metadata, this.#service.metadata].every(this.#isUnchanged);
    return [this.#drift('mirrored', address, { pod: undefined, slice, byController: false, isOld })];
  }

  /** Whoever writes his own may list what no pod has, and pods that are not ready; one that ended answers nobody. */
  #ofAuthor({ address, slice }: Listed): readonly Drift[] {
    const pods = this.#index.at(address).filter(({ spec }) => spec?.hostNetwork !== true);
    if (pods.length === 0 || !pods.every(hasEnded)) return [];
    const isOld = pods.every((pod) => this.#isOld(pod));
    return [this.#drift('ended', address, { pod: pods[0], slice, byController: false, isOld })];
  }

  /** It became ready, or not ready, long enough before. */
  readonly #isOld = ({ status }: Pod): boolean => {
    const since = status?.conditions?.find(({ type }) => type === 'Ready')?.lastTransitionTime;
    return (secondsSince(since, this.#takenAt) ?? 0) >= patienceSeconds;
  };

  readonly #isUnchanged = (metadata: ObjectMeta): boolean =>
    (secondsSince(lastChangeOf(metadata), this.#takenAt) ?? 0) >= patienceSeconds;

  #drift(
    kind: DriftKind,
    address: string,
    about: {
      readonly pod: Pod | undefined;
      readonly slice: EndpointSlice | undefined;
      readonly byController: boolean;
      readonly isOld: boolean;
    },
  ): Drift {
    const { pod, slice, byController, isOld } = about;
    return {
      kind,
      service: this.#service,
      address,
      pod: pod?.metadata.name,
      slice: slice?.metadata.name,
      byController,
      isOld,
    };
  }
}

const isBy = ({ metadata }: EndpointSlice, author: string): boolean => metadata.labels?.[managedBy] === author;

const isCalledReady = ({ endpoint }: Listed): boolean => endpoint.conditions?.ready !== false;

const isLeaving = ({ metadata }: Pod): boolean => metadata.deletionTimestamp !== undefined;

const hasEnded = ({ status }: Pod): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed';

const isReady = (pod: Pod): boolean =>
  !isLeaving(pod) &&
  !hasEnded(pod) &&
  (pod.status?.conditions ?? []).some(({ type, status }) => type === 'Ready' && status === 'True');

/** Of which there are to be EndpointSlices. */
function familiesOf({ spec }: Service): ReadonlySet<Family> {
  const named = (spec?.ipFamilies ?? []).map((family): Family => (family === 'IPv6' ? 'ipv6' : 'ipv4'));
  return new Set(named.length > 0 ? named : [familyOf(spec?.clusterIP ?? '')]);
}
