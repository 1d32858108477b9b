import { parseSuppressionLine, suppressAnnotation, suppressionLines } from '../../../core/suppressionLine.ts';
import { parseJson } from '../../../text/parseJson.ts';
import type { DocumentName } from '../../../model/raw.ts';
import { isRecord, type JsonObject } from '../../../text/isRecord.ts';
import type { Pseudonyms } from './Pseudonyms.ts';
import {
  redactFreeText,
  redactHost,
  redactOption,
  redactOptionValue,
  redactProse,
  redactSystem,
} from './redactFreeText.ts';

/** Annotations that decide something; what others hold nobody can know. */
const keptAnnotations =
  /^(service\.cilium\.io|lbipam\.cilium\.io|network\.cilium\.io|io\.cilium|service\.kubernetes\.io|kubernetes\.io|k3s\.io|rke2\.io|kubeadm[\w.]*|endpoints\.kubernetes\.io)\//;

/** What is suppressed, and until when, decides a report; why is the owner's own words, and what is no code may be. */
const redactSuppressions = (value: string): string =>
  suppressionLines(value)
    .map(parseSuppressionLine)
    .map((one) =>
      one !== undefined && /^KPR\d{4}$/.test(one.code)
        ? `${one.code} until ${one.until}: (redacted)`
        : 'not understood',
    )
    .join('\n');

/** A document of the API with pseudonyms for whatever identifies its owner. The same names give the same pseudonyms. */
export function redactObjects(document: DocumentName, value: unknown, names: Pseudonyms): unknown {
  // Versions of Kubernetes and of its parts are what findings are about.
  if (document === 'version') return value;
  return new Redaction(names).value(value, '', '');
}

class Redaction {
  readonly #names: Pseudonyms;

  constructor(names: Pseudonyms) {
    this.#names = names;
  }

  /** @param key under which the value stands; `parent`: the key above */
  value(value: unknown, key: string, parent: string): unknown {
    if (Array.isArray(value)) return this.#list(value, key, parent);
    if (isRecord(value)) return this.#object(value, key);
    return typeof value === 'string' ? this.#text(value, key, parent) : value;
  }

  #list(list: readonly unknown[], key: string, parent: string): unknown {
    if (key === 'command' || key === 'args') {
      const words = list.filter((word) => typeof word === 'string');
      // Of programs that are not known, nobody knows what their arguments say.
      const isKnown = words.some((word) => /cilium|kube-proxy|hyperkube|coredns/.test(word)) || parent === 'known';
      return isKnown ? words.map((word) => redactFreeText(word, this.#names)) : [];
    }
    return list.map((item) => this.value(item, key, parent));
  }

  #object(object: JsonObject, key: string): JsonObject {
    if (labelMaps.has(key) && Object.values(object).every((value) => typeof value === 'string')) {
      return this.#labels(object);
    }
    if (key === 'annotations') return this.#annotations(object);
    if (key === 'data' || key === 'defaults') return this.#configuration(object);
    if (key === 'nodeInfo') return this.#nodeInfo(object);
    // Names of resources of vendors; no check reads how much a node has.
    if (key === 'capacity' || key === 'allocatable') return {};
    const names = this.#names;
    // A taint, a toleration or a requirement of a selector: a label's key and its values.
    const isAboutLabel = 'key' in object && ('operator' in object || 'effect' in object || 'values' in object);
    const isKnownProgram = typeof object['image'] === 'string' && /cilium|kube-proxy|coredns/.test(object['image']);
    return Object.fromEntries(
      Object.entries(object).flatMap(([field, value]): [string, unknown][] => {
        if (field === 'containerID' || field === 'imageID') return [];
        if (isAboutLabel && field === 'key' && typeof value === 'string') return [[field, names.labelKey(value)]];
        if (isAboutLabel && field === 'values' && Array.isArray(value))
          return [[field, value.map((one) => (typeof one === 'string' ? names.name(one) : one))]];
        if (isAboutLabel && field === 'value' && typeof value === 'string') return [[field, names.name(value)]];
        if (key === 'env' && field === 'name' && typeof value === 'string') return [[field, environment(value, names)]];
        if ((field === 'command' || field === 'args') && isKnownProgram)
          return [[field, this.value(value, field, 'known')]];
        return [[field, this.value(value, field, key)]];
      }),
    );
  }

  #labels(labels: JsonObject): JsonObject {
    return Object.fromEntries(
      Object.entries(labels).map(([key, value]) => [
        this.#names.labelKey(key),
        typeof value === 'string' ? this.#names.name(value) : value,
      ]),
    );
  }

  #annotations(annotations: JsonObject): JsonObject {
    return Object.fromEntries(
      Object.entries(annotations).flatMap(([key, value]): [string, unknown][] => {
        if (typeof value !== 'string') return [];
        if (key === suppressAnnotation) return [[key, redactSuppressions(value)]];
        if (!keptAnnotations.test(key)) return [];
        if (key.endsWith('/node-env')) return [];
        if (key.endsWith('/node-args')) return [[key, nodeArguments(value, this.#names)]];
        return [[this.#names.labelKey(key), redactFreeText(value, this.#names)]];
      }),
    );
  }

  #configuration(data: JsonObject): JsonObject {
    return Object.fromEntries(
      Object.entries(data).map(([key, value]) => [
        redactOption(key, this.#names),
        typeof value === 'string' ? redactConfiguration(key, value, this.#names) : this.value(value, key, 'data'),
      ]),
    );
  }

  #nodeInfo(info: JsonObject): JsonObject {
    return Object.fromEntries(
      Object.entries(info).flatMap(([key, value]): [string, unknown][] =>
        ['machineID', 'systemUUID', 'bootID'].includes(key) ? [] : [[key, this.value(value, key, 'nodeInfo')]],
      ),
    );
  }

  #text(text: string, key: string, parent: string): unknown {
    const names = this.#names;
    if (key === 'uid') return names.uid(text);
    if (key === 'image') return names.image(text);
    if (key === 'providerID') return text.replace(/(:\/\/).*$/s, '$1redacted');
    if (key === 'externalName' || key === 'hostname') return redactHost(text, names);
    if (key === 'address' || key === 'addresses' || key === 'host' || key === 'ip') return redactHost(text, names);
    // Volumes and conditions of Kubernetes itself have names and types that everybody has.
    if (nameKeys.has(key) && !(parent === 'crd')) return names.name(text);
    if (key === 'name') return this.#name(text);
    if (key === 'targetPort' || key === 'portName') return names.label(text);
    if (key === 'message' || key === 'description') return redactProse(text, names);
    if (key === 'osImage' || key === 'kernelVersion' || key === 'containerRuntimeVersion')
      return redactSystem(text, names);
    if (key === 'path') return redactOptionValue(text, names);
    if (/^(?:[A-Z][A-Za-z]*|IPv[46]\w*)$/.test(text) || /^\d{4}-\d\d-\d\dT/.test(text)) return text;
    return redactFreeText(text, names);
  }

  #name(text: string): string {
    // Names of ports and objects are DNS names; `system:node:x` and the like are roles and users.
    return text.includes(':')
      ? text
          .split(':')
          .map((part) => this.#names.name(part))
          .join(':')
      : this.#names.name(text);
  }
}

const labelMaps: ReadonlySet<string> = new Set(['labels', 'selector', 'nodeSelector', 'matchLabels']);

const nameKeys: ReadonlySet<string> = new Set([
  'namespace',
  'generateName',
  'nodeName',
  'nominatedNodeName',
  'serviceAccountName',
  'serviceAccount',
  'serviceName',
  'subdomain',
  'clusterName',
  'runtimeClassName',
  'priorityClassName',
  'loadBalancerClass',
  'zone',
]);

const environment = (name: string, names: Pseudonyms): string =>
  /^(KUBERNETES_|K8S_|CILIUM_|GOMEMLIMIT|GOGC|NODE_NAME|POD_)/.test(name) ? names.words(name) : names.label(name);

/**
 * `["server","--disable-kube-proxy","--tls-san","host"]`: of the arguments of k3s, the flags, and
 * values that are switches.
 */
function nodeArguments(value: string, names: Pseudonyms): string {
  try {
    const words: unknown = parseJson(value);
    if (!Array.isArray(words)) return '[]';
    return JSON.stringify(
      words.map((word) =>
        typeof word !== 'string'
          ? word
          : /^(server|agent|true|false|none|\d+)$/.test(word)
            ? word
            : /^--?[\w-]+(=(true|false|none|\d+))?$/.test(word)
              ? names.words(word)
              : word.replace(/^(--?[\w-]+=)?.*$/s, '$1<redacted>'),
      ),
    );
  } catch {
    return '[]';
  }
}

/** Keys whose whole value is a name or the name of a machine. */
const strictSettings = /(?:^devices$|-interfaces?$|-device$|pools?$|-namespaces?$|-hosts?$|domain|-allow$|-name$)/;
const nameSettings = /^(cluster-name|clustermesh-config-name|hubble-peer-cluster|k8s-cluster-name)$/;
const hostSettings = /^(k8s-api-server|k8s-service-host|k8s-api-server-urls)$/;

/** One entry of a ConfigMap: a setting of Cilium's, or a file (YAML) of kubeadm's, kube-proxy's or kubectl's. */
export function redactConfiguration(key: string, value: string, names: Pseudonyms): string {
  if (nameSettings.test(key)) return names.name(value);
  if (hostSettings.test(key) && !value.includes('://'))
    return value
      .split(/([\s,]+)/)
      .map((one) =>
        one.replace(/^([^:]+|\[.*\])(:\d+)?$/, (_, host: string, port = '') => `${redactHost(host, names)}${port}`),
      )
      .join('');
  if (strictSettings.test(key)) return redactProse(value, names);
  if (value.includes('\n')) return redactYaml(value, names);
  return redactOption(key, names) === key && !isPath.test(value)
    ? redactFreeText(value, names)
    : redactOptionValue(value, names);
}

const isPath = /^\/[^/]/;

const yamlNames =
  /^(\s*(?:- )?(?:clusterName|hostnameOverride|controlPlaneEndpoint|imageRepository|nodeName|cluster|user|current-context|name|namespace):\s*)(["']?)([^"'#\n]+?)(["']?)\s*$/;
const certificates =
  /^(\s*(?:certificate-authority-data|client-certificate-data|client-key-data|token|caCertHashes):\s*).+$/;

function redactYaml(text: string, names: Pseudonyms): string {
  let sans: number | undefined;
  return text
    .split('\n')
    .map((line) => {
      const indent = line.search(/\S/);
      if (sans !== undefined && indent >= sans && /^\s*- /.test(line))
        return line.replace(
          /^(\s*- \s*["']?)([^"'\s]+)/,
          (_, start: string, host: string) => start + redactHost(host, names),
        );
      sans = /^\s*certSANs:/.test(line) ? indent : undefined;
      const [, start, open = '', value = '', close = ''] = yamlNames.exec(line) ?? [];
      if (start !== undefined && !/^[|>&*{[]/.test(value)) {
        const [, host = '', port = ''] = /^(.*?)(:\d+)?$/.exec(value) ?? [];
        const clean = start.includes('imageRepository')
          ? 'redacted.invalid'
          : value.split(/([@/:])/).length > 1 && !port
            ? redactNames(value, names)
            : `${redactHost(host, names)}${port}`;
        return `${start}${open}${clean}${close}`;
      }
      if (certificates.test(line)) return line.replace(certificates, '$1<redacted>');
      return redactFreeText(line, names);
    })
    .join('\n');
}

/** `user@cluster`, `system:node:x`. */
const redactNames = (text: string, names: Pseudonyms): string =>
  text
    .split(/([@/:])/)
    .map((part) => (/^[@/:]$/.test(part) ? part : names.name(part)))
    .join('');
