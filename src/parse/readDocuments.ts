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

/**
 * The documents as facts. An object that is not shaped as the API defines it is left out of its list, so that it does not
 * take thousands of others with it, and is named by `malformedObjects`; a list in which no object is well-shaped is missing.
 */
export function readDocuments(raw: RawDocuments): ClusterFacts {
  return {
    version: readVersion(raw.version),
    nodes: collection('nodes', raw.nodes),
    services: collection('services', raw.services),
    endpointSlices: collection('endpointSlices', raw.endpointSlices),
    daemonSets: collection('daemonSets', raw.daemonSets),
    deployments: collection('deployments', raw.deployments),
    systemPods: collection('systemPods', raw.systemPods),
    pods: collection('pods', raw.pods),
    localRedirectPolicies: collection('localRedirectPolicies', raw.localRedirectPolicies),
    ciliumConfig: readCiliumConfig(raw.ciliumConfig),
    ciliumNodeConfigs: collection('ciliumNodeConfigs', raw.ciliumNodeConfigs),
    kubeProxyConfig: optionalConfigMap(raw.kubeProxyConfig, 'kubectl -n kube-system get configmap kube-proxy'),
    kubeadmConfig: optionalConfigMap(raw.kubeadmConfig, 'kubectl -n kube-system get configmap kubeadm-config'),
    clusterInfo: optionalConfigMap(raw.clusterInfo, 'kubectl -n kube-public get configmap cluster-info'),
  };
}

/** What `readDocuments` has left out of its lists. */
export function malformedObjects(raw: RawDocuments): readonly MalformedObject[] {
  const names = Object.keys(objectSchemas) as CollectionName[];
  return names.flatMap((name) => {
    const document = raw[name];
    if ('missing' in document || !Array.isArray(document.value)) return [];
    return sorted(name, document.value).malformed;
  });
}

function collection<N extends CollectionName>(name: N, document: RawDocument): Fact<readonly Objects[N][]> {
  if ('missing' in document) return missing(document.missing, document.detail);
  if (!Array.isArray(document.value)) return missing('unparsed', `${document.source} gave no list`);
  const { objects, malformed } = sorted(name, document.value);
  const [first] = malformed;
  if (first !== undefined && objects.length === 0) {
    return missing(
      'unparsed',
      `no object of ${document.source} has the shape of the API, e.g. ${first.object}: ${first.why}`,
    );
  }
  return known(objects as readonly Objects[N][], document.source);
}

interface Sorted {
  readonly name: CollectionName;
  readonly objects: readonly unknown[];
  readonly malformed: readonly MalformedObject[];
}

/** Lists may be long, and are read again each time a step of the collection needs to know something of them. */
const alreadySorted = new WeakMap<readonly unknown[], Sorted>();

function sorted(name: CollectionName, items: readonly unknown[]): Sorted {
  const before = alreadySorted.get(items);
  if (before?.name === name) return before;
  const objects: unknown[] = [];
  const malformed: MalformedObject[] = [];
  for (const [i, item] of items.entries()) {
    const why = mismatch(objectSchemas[name], item);
    if (why === undefined) objects.push(item);
    else malformed.push({ document: name, object: nameOf(item) ?? `object ${i + 1}`, why });
  }
  const result = { name, objects, malformed };
  alreadySorted.set(items, result);
  return result;
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

function readCiliumConfig(document: RawDocument): Fact<ReadonlyMap<string, string>> {
  if ('missing' in document) return missing(document.missing, document.detail);
  const read = configMap(document);
  if ('missing' in read) return read;
  return known(new Map(Object.entries(read.value.data ?? {})), read.source);
}

/** That the API has no such object is something known. */
function optionalConfigMap(document: RawDocument, source: string): Fact<ConfigMap | undefined> {
  if (!('missing' in document)) return configMap(document);
  return document.missing === 'absent' ? known(undefined, source) : missing(document.missing, document.detail);
}
