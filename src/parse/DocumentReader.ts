import * as v from 'valibot';
import { parseVersion } from '../knowledge/version.ts';
import { type Fact, known, type Missing, missing } from '../model/Fact.ts';
import { type CollectionName, collections, type ConfigMap, configMap } from '../model/kubernetes.ts';
import type { RawDocument, RawDocuments } from '../model/raw.ts';
import type { RawSettings } from '../model/RawSettings.ts';
import type { ClusterFacts, KubernetesVersion, MalformedObject } from '../model/Snapshot.ts';
import { isRecord } from '../text/isRecord.ts';
import { objectIn } from './json.ts';
import { withoutNulls } from './withoutNulls.ts';

/**
 * Reads documents as facts. An object that is not shaped as the API defines it is left out of its list, so that
 * it does not take thousands of others with it, and is named by `malformed`; a list in which no object is
 * well-shaped is missing. Lists may be long, and each step of the collection needs to know something of them: a
 * reader looks at each of them once.
 */
export class DocumentReader {
  readonly #readers = {
    nodes: new ListReader('nodes'),
    services: new ListReader('services'),
    endpointSlices: new ListReader('endpointSlices'),
    daemonSets: new ListReader('daemonSets'),
    deployments: new ListReader('deployments'),
    systemPods: new ListReader('systemPods'),
    pods: new ListReader('pods'),
    localRedirectPolicies: new ListReader('localRedirectPolicies'),
    ciliumNodeConfigs: new ListReader('ciliumNodeConfigs'),
    ciliumNodes: new ListReader('ciliumNodes'),
  };

  read(raw: RawDocuments): ClusterFacts {
    const readers = this.#readers;
    return {
      version: readVersion(raw.version),
      nodes: readers.nodes.read(raw.nodes),
      services: readers.services.read(raw.services),
      endpointSlices: readers.endpointSlices.read(raw.endpointSlices),
      daemonSets: readers.daemonSets.read(raw.daemonSets),
      deployments: readers.deployments.read(raw.deployments),
      systemPods: readers.systemPods.read(raw.systemPods),
      pods: readers.pods.read(raw.pods),
      localRedirectPolicies: readers.localRedirectPolicies.read(raw.localRedirectPolicies),
      ciliumConfig: readCiliumConfig(raw.ciliumConfig),
      ciliumNodeConfigs: readers.ciliumNodeConfigs.read(raw.ciliumNodeConfigs),
      ciliumNodes: readers.ciliumNodes.read(raw.ciliumNodes),
      kubeProxyConfig: optionalConfigMap(raw.kubeProxyConfig, 'kubectl -n kube-system get configmap kube-proxy'),
      kubeadmConfig: optionalConfigMap(raw.kubeadmConfig, 'kubectl -n kube-system get configmap kubeadm-config'),
      kubeletConfig: optionalConfigMap(raw.kubeletConfig, 'kubectl -n kube-system get configmap kubelet-config'),
      clusterInfo: optionalConfigMap(raw.clusterInfo, 'kubectl -n kube-public get configmap cluster-info'),
    };
  }

  /** Looks at a list while it comes: what is looked at object by object need not be when all is there. */
  follow(name: CollectionName): FollowedList {
    return this.#readers[name].follow();
  }

  /** What `read` leaves out of its lists. */
  malformed(raw: RawDocuments): readonly MalformedObject[] {
    return Object.values(this.#readers).flatMap((reader) => reader.malformed(raw[reader.name]));
  }
}

/** A thousand nodes have some hundred thousand pods, fifty thousand Services as many slices. */
const maxObjects = 500_000;

/** A list that is on its way. */
export interface FollowedList {
  heard(item: unknown): void;
  /** It is there: of these objects, unless other ones were heard. */
  ended(items: readonly unknown[]): void;
}

interface Sorted<T> {
  readonly objects: readonly T[];
  readonly malformed: readonly MalformedObject[];
}

type ObjectOf<N extends CollectionName> = v.InferInput<(typeof collections)[N]>;

class ListReader<N extends CollectionName> {
  readonly name: N;
  readonly #sorted = new WeakMap<readonly unknown[], Sorted<ObjectOf<N>>>();

  constructor(name: N) {
    this.name = name;
  }

  read(document: RawDocument): Fact<readonly ObjectOf<N>[]> {
    if ('missing' in document) return missing(document.missing, document.detail);
    if (!Array.isArray(document.value)) return missing('unparsed', `${document.source} gave no list`);
    if (document.value.length > maxObjects)
      return missing('unparsed', `${document.source} gave more than ${maxObjects} objects`);
    const { objects, malformed } = this.#sort(document.value);
    const [first] = malformed;
    if (first !== undefined && objects.length === 0) {
      return missing(
        'unparsed',
        `no object of ${document.source} has the shape of the API, e.g. ${first.object}: ${first.why}`,
      );
    }
    return known(objects, document.source);
  }

  malformed(document: RawDocument): readonly MalformedObject[] {
    const isRead = !('missing' in document) && Array.isArray(document.value) && document.value.length <= maxObjects;
    return isRead ? this.#sort(document.value).malformed : [];
  }

  #sort(items: readonly unknown[]): Sorted<ObjectOf<N>> {
    const before = this.#sorted.get(items);
    if (before !== undefined) return before;
    const list = this.#begin();
    for (const item of items) list.heard(item);
    this.#sorted.set(items, list);
    return list;
  }

  follow(): FollowedList {
    const list = this.#begin();
    return {
      heard: list.heard,
      ended: (items) => {
        const count = list.objects.length + list.malformed.length;
        if (count === items.length && !this.#sorted.has(items)) this.#sorted.set(items, list);
      },
    };
  }

  #begin(): Sorted<ObjectOf<N>> & Pick<FollowedList, 'heard'> {
    const objects: ObjectOf<N>[] = [];
    const malformed: MalformedObject[] = [];
    const heard = (item: unknown): void => {
      const object = shaped(collections[this.name], item);
      if (object.ok) objects.push(object.value);
      else {
        const number = objects.length + malformed.length + 1;
        malformed.push({ document: this.name, object: nameOf(item) ?? `object ${number}`, why: object.why });
      }
    };
    return { objects, malformed, heard };
  }
}

/**
 * The value itself, as what it is shown to be, not a copy of it that is cut to the shape: lists of a large cluster
 * would stand twice in memory.
 */
function shaped<const S extends v.GenericSchema>(
  schema: S,
  value: unknown,
): { readonly ok: true; readonly value: v.InferInput<S> } | { readonly ok: false; readonly why: string } {
  const clean = withoutNulls(value);
  if (v.is(schema, clean)) return { ok: true, value: clean };
  const [issue] = v.safeParse(schema, clean, { abortEarly: true }).issues ?? [];
  return {
    ok: false,
    why: issue === undefined ? 'it is not known' : `${v.getDotPath(issue) ?? 'the object'}: ${issue.message}`,
  };
}

function nameOf(item: unknown): string | undefined {
  const { namespace, name } = objectIn(isRecord(item) ? item['metadata'] : undefined);
  if (typeof name !== 'string') return undefined;
  return typeof namespace === 'string' ? `${namespace}/${name}` : name;
}

const serverVersion = v.object({
  gitVersion: v.string(),
  major: v.exactOptional(v.string()),
  minor: v.exactOptional(v.string()),
});

function readVersion(document: RawDocument): Fact<KubernetesVersion> {
  if ('missing' in document) return missing(document.missing, document.detail);
  // `kubectl version -o json` says the client's, too.
  const server = objectIn(document.value)['serverVersion'] ?? document.value;
  const read = shaped(serverVersion, server);
  if (!read.ok) return missing('unparsed', `${document.source}: ${read.why}`);
  const { gitVersion, major = '', minor = '' } = read.value;
  const parsed = parseVersion(gitVersion);
  const version = {
    gitVersion,
    // `31+` on some clouds.
    major: parsed?.major ?? Number.parseInt(major, 10),
    minor: parsed?.minor ?? Number.parseInt(minor, 10),
  };
  return Number.isNaN(version.major) || Number.isNaN(version.minor)
    ? missing('unparsed', `${document.source} names no version`)
    : known(version, document.source);
}

function readConfigMap(document: Exclude<RawDocument, Missing>): Fact<ConfigMap> {
  const read = shaped(configMap, document.value);
  return read.ok ? known(read.value, document.source) : missing('unparsed', `${document.source}: ${read.why}`);
}

function readCiliumConfig(document: RawDocument): Fact<RawSettings> {
  if ('missing' in document) return missing(document.missing, document.detail);
  const read = readConfigMap(document);
  if ('missing' in read) return read;
  return known({ byKey: new Map(Object.entries(read.value.data ?? {})) }, read.source);
}

/** That the API has no such object is something known. */
function optionalConfigMap(document: RawDocument, source: string): Fact<ConfigMap | undefined> {
  if (!('missing' in document)) return readConfigMap(document);
  return document.missing === 'absent' ? known(undefined, source) : missing(document.missing, document.detail);
}
