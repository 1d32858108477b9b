import * as v from 'valibot';
import { parseVersion } from '../knowledge/version.ts';
import { type Fact, known, type Missing, missing } from '../model/Fact.ts';
import type {
  CiliumLocalRedirectPolicy,
  CiliumNodeConfig,
  ConfigMap,
  DaemonSet,
  Deployment,
  EndpointSlice,
  Node,
  Pod,
  Service,
} from '../model/kubernetes.ts';
import type { RawDocument, RawDocuments } from '../model/raw.ts';
import type { RawSettings } from '../model/RawSettings.ts';
import type { ClusterFacts, KubernetesVersion, MalformedObject } from '../model/Snapshot.ts';
import { isRecord } from '../text/isRecord.ts';
import { objectIn, textIn } from './json.ts';
import { type CollectionName, configMapSchema, objectSchemas, versionSchema } from './schemas.ts';

interface Objects {
  readonly nodes: Node;
  readonly services: Service;
  readonly endpointSlices: EndpointSlice;
  readonly daemonSets: DaemonSet;
  readonly deployments: Deployment;
  readonly systemPods: Pod;
  readonly pods: Pod;
  readonly localRedirectPolicies: CiliumLocalRedirectPolicy;
  readonly ciliumNodeConfigs: CiliumNodeConfig;
}

interface Sorted {
  readonly name: CollectionName;
  readonly objects: readonly unknown[];
  readonly malformed: readonly MalformedObject[];
}

/**
 * Reads documents as facts. An object that is not shaped as the API defines it is left out of its list, so that
 * it does not take thousands of others with it, and is named by `malformed`; a list in which no object is
 * well-shaped is missing. Lists may be long, and each step of the collection needs to know something of them: a
 * reader looks at each of them once.
 */
export class DocumentReader {
  readonly #sorted = new WeakMap<readonly unknown[], Sorted>();

  read(raw: RawDocuments): ClusterFacts {
    return {
      version: readVersion(raw.version),
      nodes: this.#collection('nodes', raw.nodes),
      services: this.#collection('services', raw.services),
      endpointSlices: this.#collection('endpointSlices', raw.endpointSlices),
      daemonSets: this.#collection('daemonSets', raw.daemonSets),
      deployments: this.#collection('deployments', raw.deployments),
      systemPods: this.#collection('systemPods', raw.systemPods),
      pods: this.#collection('pods', raw.pods),
      localRedirectPolicies: this.#collection('localRedirectPolicies', raw.localRedirectPolicies),
      ciliumConfig: readCiliumConfig(raw.ciliumConfig),
      ciliumNodeConfigs: this.#collection('ciliumNodeConfigs', raw.ciliumNodeConfigs),
      kubeProxyConfig: optionalConfigMap(raw.kubeProxyConfig, 'kubectl -n kube-system get configmap kube-proxy'),
      kubeadmConfig: optionalConfigMap(raw.kubeadmConfig, 'kubectl -n kube-system get configmap kubeadm-config'),
      clusterInfo: optionalConfigMap(raw.clusterInfo, 'kubectl -n kube-public get configmap cluster-info'),
    };
  }

  /** What `read` leaves out of its lists. */
  malformed(raw: RawDocuments): readonly MalformedObject[] {
    const names = Object.keys(objectSchemas) as CollectionName[];
    return names.flatMap((name) => {
      const document = raw[name];
      if ('missing' in document || !Array.isArray(document.value)) return [];
      return this.#sort(name, document.value).malformed;
    });
  }

  #collection<N extends CollectionName>(name: N, document: RawDocument): Fact<readonly Objects[N][]> {
    if ('missing' in document) return missing(document.missing, document.detail);
    if (!Array.isArray(document.value)) return missing('unparsed', `${document.source} gave no list`);
    const { objects, malformed } = this.#sort(name, document.value);
    const [first] = malformed;
    if (first !== undefined && objects.length === 0) {
      return missing(
        'unparsed',
        `no object of ${document.source} has the shape of the API, e.g. ${first.object}: ${first.why}`,
      );
    }
    return known(objects as readonly Objects[N][], document.source);
  }

  #sort(name: CollectionName, items: readonly unknown[]): Sorted {
    const before = this.#sorted.get(items);
    if (before?.name === name) return before;
    const objects: unknown[] = [];
    const malformed: MalformedObject[] = [];
    for (const [i, item] of items.entries()) {
      const why = mismatch(objectSchemas[name], item);
      if (why === undefined) objects.push(item);
      else malformed.push({ document: name, object: nameOf(item) ?? `object ${i + 1}`, why });
    }
    const result = { name, objects, malformed };
    this.#sorted.set(items, result);
    return result;
  }
}

/** What of a value is not of a shape; undefined: nothing. */
function mismatch(schema: v.GenericSchema, value: unknown): string | undefined {
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return undefined;
  const [issue] = result.issues;
  return `${v.getDotPath(issue) ?? 'the object'}: ${issue.message}`;
}

function nameOf(item: unknown): string | undefined {
  const { namespace, name } = objectIn(isRecord(item) ? item['metadata'] : undefined);
  if (typeof name !== 'string') return undefined;
  return typeof namespace === 'string' ? `${namespace}/${name}` : name;
}

function readVersion(document: RawDocument): Fact<KubernetesVersion> {
  if ('missing' in document) return missing(document.missing, document.detail);
  // `kubectl version -o json` says the client's, too.
  const server = objectIn(document.value)['serverVersion'] ?? document.value;
  const why = mismatch(versionSchema, server);
  if (why !== undefined) return missing('unparsed', `${document.source}: ${why}`);
  const { gitVersion, major, minor } = objectIn(server);
  const parsed = parseVersion(textIn(gitVersion));
  const version = {
    gitVersion: textIn(gitVersion),
    // `31+` on some clouds.
    major: parsed?.major ?? Number.parseInt(textIn(major), 10),
    minor: parsed?.minor ?? Number.parseInt(textIn(minor), 10),
  };
  return Number.isNaN(version.major) || Number.isNaN(version.minor)
    ? missing('unparsed', `${document.source} names no version`)
    : known(version, document.source);
}

function configMap(document: Exclude<RawDocument, Missing>): Fact<ConfigMap> {
  const why = mismatch(configMapSchema, document.value);
  if (why !== undefined) return missing('unparsed', `${document.source}: ${why}`);
  return known(document.value as ConfigMap, document.source);
}

function readCiliumConfig(document: RawDocument): Fact<RawSettings> {
  if ('missing' in document) return missing(document.missing, document.detail);
  const read = configMap(document);
  if ('missing' in read) return read;
  return known({ byKey: new Map(Object.entries(read.value.data ?? {})) }, read.source);
}

/** That the API has no such object is something known. */
function optionalConfigMap(document: RawDocument, source: string): Fact<ConfigMap | undefined> {
  if (!('missing' in document)) return configMap(document);
  return document.missing === 'absent' ? known(undefined, source) : missing(document.missing, document.detail);
}
