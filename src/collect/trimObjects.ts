import { parseJson } from '../text/parseJson.ts';
import { isPublicDomain } from '../knowledge/publicNames.ts';
import type { DocumentName } from '../model/raw.ts';
import { isRecord, type JsonObject } from '../text/isRecord.ts';
import { isSecretName, keepWords, redactText } from './redactText.ts';

/**
 * Objects of the API, reduced before they are kept: what no check reads is dropped, and with it what nobody
 * should find in a file that is passed on. What src/model/kubernetes.ts declares stays. All functions take
 * anything and never throw.
 */

/**
 * The only environment values that are kept: they say which API server a container talks to, and on which node it is.
 */
const keptEnv: ReadonlySet<string> = new Set(['KUBERNETES_SERVICE_HOST', 'KUBERNETES_SERVICE_PORT', 'K8S_NODE_NAME']);

const redacted = '<redacted>';
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';
/** Longer ones are copies of objects and scripts; no check reads them. */
const maxAnnotation = 1024;
/** These decide something, so they stay longer: `k3s.io/node-args` is a whole command line. */
const neededAnnotations =
  /^(service\.cilium\.io|lbipam\.cilium\.io|network\.cilium\.io|io\.cilium|kubernetes\.io|k3s\.io|rke2\.io|kubeadm[\w.]*)\//;
const maxNeededAnnotation = 16 * 1024;

/** Any object: without managed fields, large annotations, what a Secret holds, and the list of images of a Node. */
export function trimObject(object: unknown): unknown {
  if (!isRecord(object)) return object;
  const { metadata, data, binaryData: _binary, stringData: _string, status, ...rest } = object;
  return {
    ...rest,
    ...(metadata !== undefined && { metadata: trimMetadata(metadata) }),
    ...(data !== undefined && object['kind'] !== 'Secret' && { data }),
    ...(status !== undefined && {
      status: isRecord(status) ? omit(status, ['images', 'volumesInUse', 'volumesAttached']) : status,
    }),
  };
}

/** Of what Cilium keeps of a node, its addresses, its health endpoint and the ranges of its pods. */
export function trimCiliumNode(node: unknown): unknown {
  if (!isRecord(node)) return node;
  return {
    ...pick(node, ['apiVersion', 'kind']),
    ...changed(node, 'metadata', (metadata) => pick(metadata, ['name', 'uid', 'creationTimestamp'])),
    ...changed(node, 'spec', (spec) => ({
      ...pick(spec, ['health', 'addresses']),
      ...changed(spec, 'ipam', (ipam) => ({
        ...pick(ipam, ['podCIDRs']),
        ...changed(ipam, 'pools', (pools) => pick(pools, ['allocated'])),
      })),
    })),
  };
}

export function trimPod(pod: unknown): unknown {
  if (!isRecord(pod)) return pod;
  return {
    ...pick(pod, ['apiVersion', 'kind']),
    ...changed(pod, 'metadata', trimMetadata),
    ...changed(pod, 'spec', trimPodSpec),
    ...changed(pod, 'status', trimPodStatus),
  };
}

/**
 * Of pods of any namespace only what says where their traffic goes: no commands, no environment, no messages. A large
 * cluster has some hundred thousand, so no more than is asked for.
 */
export function trimPodTraffic(pod: unknown): unknown {
  if (!isRecord(pod)) return pod;
  return {
    ...changed(pod, 'metadata', (metadata) =>
      pick(metadata, ['name', 'namespace', 'labels', 'creationTimestamp', 'deletionTimestamp']),
    ),
    ...changed(pod, 'spec', (spec) => ({
      ...pick(spec, ['nodeName', 'hostNetwork', 'runtimeClassName']),
      ...each(spec, 'containers', trimContainerPorts),
      ...each(spec, 'initContainers', trimContainerPorts),
    })),
    ...changed(pod, 'status', (status) => ({
      ...pick(status, ['phase', 'podIP', 'podIPs', 'startTime']),
      ...readiness(status),
    })),
  };
}

/** Of which there are five in each pod, and one says whether it takes connections, or why not. */
function readiness({ conditions }: JsonObject): JsonObject {
  if (!Array.isArray(conditions)) return {};
  const ready = conditions.filter((one) => isRecord(one) && one['type'] === 'Ready');
  return { conditions: ready.map((one) => pick(one, ['type', 'status', 'reason', 'lastTransitionTime'])) };
}

const trimContainerPorts = (container: JsonObject): JsonObject => pick(container, ['name', 'ports', 'restartPolicy']);

/** DaemonSets, Deployments and whatever else has a pod template. */
export function trimWorkload(workload: unknown): unknown {
  if (!isRecord(workload)) return workload;
  return {
    ...pick(workload, ['apiVersion', 'kind']),
    ...changed(workload, 'metadata', trimMetadata),
    ...changed(workload, 'spec', (spec) => ({ ...spec, ...changed(spec, 'template', trimTemplate) })),
    ...pick(workload, ['status']),
  };
}

/** A whole document as collected: collections item by item. Trimming what is trimmed changes nothing. */
export function trimDocument(name: DocumentName, value: unknown): unknown {
  const trim = trimmerOf(name);
  return Array.isArray(value) ? value.map(trim) : trim(value);
}

function trimmerOf(name: DocumentName): (object: unknown) => unknown {
  if (name === 'systemPods') return trimPod;
  if (name === 'pods') return trimPodTraffic;
  if (name === 'ciliumNodes') return trimCiliumNode;
  return name === 'daemonSets' || name === 'deployments' ? trimWorkload : trimObject;
}

const trimMetadata = (metadata: unknown): unknown =>
  isRecord(metadata)
    ? {
        ...omit(metadata, ['managedFields', 'selfLink']),
        ...changed(metadata, 'annotations', trimAnnotations),
        ...lastWrite(metadata),
      }
    : metadata;

/** Of the fields that somebody wrote only when the last of them were written. */
function lastWrite({ managedFields }: JsonObject): JsonObject {
  const times = Array.isArray(managedFields)
    ? managedFields.flatMap((one) => (isRecord(one) && typeof one['time'] === 'string' ? one['time'] : []))
    : [];
  const last = times.toSorted().at(-1);
  return last === undefined ? {} : { managedFields: [{ time: last }] };
}

const trimAnnotations = (annotations: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(annotations).flatMap(([key, value]): [string, unknown][] => {
      if (key === lastApplied || typeof value !== 'string') return [];
      if (value.length > (neededAnnotations.test(key) ? maxNeededAnnotation : maxAnnotation)) return [];
      const slash = key.indexOf('/');
      // What others write for their own programs is read by no check.
      return isOwn(key.slice(0, Math.max(slash, 0))) ? [[key, trimAnnotation(key, value)]] : [];
    }),
  );

const isOwn = (domain: string): boolean => domain === 'io.cilium' || domain === 'kubectl-kpr' || isPublicDomain(domain);

function trimAnnotation(key: string, value: string): string {
  if (isSecretName(key)) return redacted;
  if (/^(?:k3s|rke2)\.io\/node-(?:args|env)$/.test(key)) return trimNodeArguments(value);
  return redactText(value);
}

/** k3s writes its arguments and its environment to the Node, as a list and as an object. */
function trimNodeArguments(text: string): string {
  try {
    const value: unknown = parseJson(text);
    if (Array.isArray(value))
      return JSON.stringify(
        keepWords(
          value.filter((word) => typeof word === 'string'),
          true,
        ),
      );
    if (!isRecord(value)) return redacted;
    const kept = ([name, one]: [string, unknown]): [string, unknown] => [
      name,
      name === 'K3S_URL' && typeof one === 'string' ? redactText(one) : redacted,
    ];
    return JSON.stringify(Object.fromEntries(Object.entries(value).map(kept)));
  } catch {
    return redacted;
  }
}

const trimTemplate = (template: JsonObject): JsonObject => ({
  ...changed(template, 'metadata', trimMetadata),
  ...changed(template, 'spec', trimPodSpec),
});

const trimPodSpec = (spec: JsonObject): JsonObject => ({
  ...pick(spec, [
    'nodeName',
    'hostNetwork',
    'priorityClassName',
    'serviceAccountName',
    'nodeSelector',
    'affinity',
    'tolerations',
    'dnsPolicy',
    'runtimeClassName',
  ]),
  ...each(spec, 'containers', trimContainer),
  ...each(spec, 'initContainers', trimContainer),
  ...each(spec, 'volumes', (volume) => pick(volume, ['name', 'configMap', 'hostPath'])),
});

const trimContainer = (container: JsonObject): JsonObject => ({
  ...pick(container, ['name', 'image', 'ports', 'restartPolicy']),
  ...words(container, 'command'),
  ...words(container, 'args'),
  ...each(container, 'env', trimEnv),
  ...each(container, 'envFrom', (source) => pick(source, ['prefix', 'configMapRef'])),
});

const trimEnv = (env: JsonObject): JsonObject => ({
  ...pick(env, ['name']),
  ...(typeof env['name'] === 'string' && keptEnv.has(env['name']) && pick(env, ['value'])),
  ...changed(env, 'valueFrom', (source) => pick(source, ['configMapKeyRef', 'fieldRef'])),
});

const trimPodStatus = (status: JsonObject): JsonObject => ({
  ...trimMessage(
    pick(status, ['phase', 'reason', 'message', 'podIP', 'podIPs', 'hostIP', 'hostIPs', 'startTime', 'conditions']),
  ),
  ...each(status, 'containerStatuses', trimContainerStatus),
  ...each(status, 'initContainerStatuses', trimContainerStatus),
});

const trimContainerStatus = (status: JsonObject): JsonObject => ({
  ...pick(status, ['name', 'ready', 'started', 'restartCount', 'image']),
  ...changed(status, 'state', trimState),
  ...changed(status, 'lastState', trimState),
});

/** The last words of a container are lines of its log. */
const trimState = (state: JsonObject): JsonObject => ({
  ...state,
  ...changed(state, 'terminated', (end) => trimMessage(omit(end, ['containerID']))),
  ...changed(state, 'waiting', trimMessage),
});

const trimMessage = (end: JsonObject): JsonObject => ({
  ...end,
  ...(typeof end['message'] === 'string' && { message: redactText(end['message']) }),
});

const pick = (object: JsonObject, keys: readonly string[]): JsonObject =>
  Object.fromEntries(keys.filter((key) => object[key] !== undefined).map((key) => [key, object[key]]));

const omit = (object: JsonObject, keys: readonly string[]): JsonObject =>
  Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));

/** The field, changed, when it is an object; as it is, when it is something else; nothing, when it is not there. */
function changed(object: JsonObject, key: string, change: (value: JsonObject) => unknown): JsonObject {
  const value = object[key];
  if (value === undefined) return {};
  return { [key]: isRecord(value) ? change(value) : value };
}

function each(object: JsonObject, key: string, change: (item: JsonObject) => unknown): JsonObject {
  const value = object[key];
  return Array.isArray(value) ? { [key]: value.filter(isRecord).map(change) } : {};
}

function words(container: JsonObject, key: string): JsonObject {
  const value = container[key];
  return Array.isArray(value)
    ? {
        [key]: keepWords(
          value.filter((word) => typeof word === 'string'),
          key === 'command',
        ),
      }
    : {};
}
