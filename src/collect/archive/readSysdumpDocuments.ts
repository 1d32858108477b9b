import { missing, type Missing } from '../../model/Fact.ts';
import { documentNames, type DocumentName, type RawDocument, type RawDocuments } from '../../model/raw.ts';
import { isRecord } from '../../text/isRecord.ts';
import { visibleName } from '../../text/visible.ts';
import { trimDocument } from '../trimObjects.ts';
import { failureText } from '../../text/failureText.ts';
import type { ArchiveFiles } from './ArchiveFiles.ts';
import { endpointsToSlices, isTruncated, readEndpoints } from './endpointsToSlices.ts';
import { readVersionText } from './readVersionText.ts';
import { readYamlList, readYamlObject } from './readYaml.ts';

/** Where a sysdump keeps a document, and how it is read. */
interface Place {
  /** Names of its file, the usual one first. */
  readonly files: readonly RegExp[];
  /** For people: the file that is looked for. */
  readonly looksLike: string;
  /** Throws an Error when the text is not what its name says; `Missing` when it can't serve. */
  readonly read: (text: string, file: string) => unknown;
  /** What stands beside it, to be read with it. */
  readonly besides?: RegExp;
}

const yaml = String.raw`-\d{8}-\d{6}\.ya?ml$`;
const named = (...names: string[]): RegExp[] => names.map((name) => new RegExp(`^${name}${yaml}`));
const items = (text: string): unknown[] => readYamlList(text);

/** cilium-cli's names (sysdump/constants.go); the short ones are those of its first year. */
const places: Readonly<Record<DocumentName, Place | { readonly nowhere: string }>> = {
  version: { files: [/^k8s-version(-info)?-.*\.txt$/], looksLike: 'k8s-version-*.txt', read: readVersion },
  nodes: { files: named('k8s-nodes', 'k8s-no'), looksLike: 'k8s-nodes-*.yaml', read: items },
  services: { files: named('k8s-services', 'svc'), looksLike: 'k8s-services-*.yaml', read: items },
  endpointSlices: {
    files: named('k8s-endpointslices', 'k8s-endpoints'),
    looksLike: 'k8s-endpointslices-*.yaml or k8s-endpoints-*.yaml',
    read: readEndpointSlices,
  },
  // A sysdump has Cilium's workloads only, never kube-proxy's or CoreDNS's.
  daemonSets: {
    files: named('cilium-daemonset', 'cilium-ds'),
    looksLike: 'cilium-daemonset-*.yaml',
    read: items,
    besides: new RegExp(`-daemonset${yaml}`),
  },
  deployments: {
    files: named('cilium-operator-deployment', 'cilium-operator-deploy'),
    looksLike: 'cilium-operator-deployment-*.yaml',
    read: items,
    besides: new RegExp(`-deployment${yaml}`),
  },
  systemPods: {
    files: named('k8s-pods', 'po'),
    looksLike: 'k8s-pods-*.yaml',
    read: (text) => readYamlList(text, mayBeSystemPod),
  },
  pods: { files: named('k8s-pods', 'po'), looksLike: 'k8s-pods-*.yaml', read: items },
  localRedirectPolicies: {
    files: named('ciliumlocalredirectpolicies'),
    looksLike: 'ciliumlocalredirectpolicies-*.yaml',
    read: items,
  },
  ciliumConfig: {
    files: named('cilium-configmap', 'cilium-cm'),
    looksLike: 'cilium-configmap-*.yaml',
    read: (text) => onlyObject(readYamlObject(text)),
  },
  ciliumNodes: { files: named('ciliumnodes'), looksLike: 'ciliumnodes-*.yaml', read: items },
  ciliumNodeConfigs: { files: named('ciliumnodeconfigs'), looksLike: 'ciliumnodeconfigs-*.yaml', read: items },
  kubeProxyConfig: { nowhere: 'ConfigMap kube-system/kube-proxy' },
  kubeadmConfig: { nowhere: 'ConfigMap kube-system/kubeadm-config' },
  kubeletConfig: { nowhere: 'ConfigMap kube-system/kubelet-config' },
  clusterInfo: { nowhere: 'ConfigMap kube-public/cluster-info' },
};

/** The documents that a plan names; what the archive lacks is `notCollected` with the name of its file. */
export async function readSysdumpDocuments(
  files: ArchiveFiles,
  root: string,
  wanted: ReadonlySet<DocumentName>,
): Promise<RawDocuments> {
  const own = files.names.filter((name) => name.startsWith(root) && !name.slice(root.length).includes('/')).sort();
  const documents: Partial<Record<DocumentName, RawDocument>> = {};
  // One after the other: the text of one may be large.
  for (const name of documentNames) {
    documents[name] = wanted.has(name) ? await readDocument(files, root, own, name) : notAsked;
  }
  return documents as RawDocuments;
}

async function readDocument(
  files: ArchiveFiles,
  root: string,
  own: readonly string[],
  name: DocumentName,
): Promise<RawDocument> {
  const place = places[name];
  if ('nowhere' in place) return missing('notCollected', `no sysdump holds ${place.nowhere}`);
  const find = (pattern: RegExp): string | undefined => own.findLast((path) => pattern.test(path.slice(root.length)));
  const file = place.files.map(find).find((found) => found !== undefined);
  if (file === undefined) return missing('notCollected', `the archive has no ${place.looksLike}`);
  const { besides } = place;
  const others =
    besides === undefined ? [] : own.filter((path) => path !== file && besides.test(path.slice(root.length)));

  const contents = await files.read(new Set([file, ...others]));
  const values: unknown[] = [];
  for (const [path, content] of contents) {
    if (!content.ok) return content.why;
    try {
      values.push(place.read(content.value.toString('utf8'), path));
    } catch (error) {
      return missing('unparsed', `${visibleName(path)} is not understood: ${firstLine(failureText(error))}`);
    }
  }
  const lacking = values.find(isMissing);
  if (lacking !== undefined) return lacking;
  const value = values.every((read) => Array.isArray(read)) ? values.flat() : values[0];
  const converted =
    name === 'endpointSlices' && !file.includes('endpointslices') ? '  # Endpoints, read as EndpointSlices' : '';
  return { value: trimDocument(name, value), source: `${files.shown(file)}${converted}` };
}

function readVersion(text: string): unknown {
  const version = readVersionText(text);
  if (version === undefined) throw new Error('it names no version');
  return version;
}

function readEndpointSlices(text: string, file: string): unknown {
  const objects = readYamlList(text);
  if (file.includes('endpointslices')) return objects;
  const endpoints = objects.map(readEndpoints);
  return endpoints.some(isTruncated)
    ? missing('notCollected', `${visibleName(file)} has been cut off at a thousand addresses for at least one Service`)
    : endpoints.flatMap(endpointsToSlices);
}

/** By the item's text, so it may take in too many: kube-system, whatever is Cilium's, and kube-proxy wherever it is. */
const mayBeSystemPod = (item: string): boolean =>
  /^ {4}namespace: ["']?(kube-system|cilium|[\w-]*kube-proxy|[\w-]*sdn)["']?\s*$/m.test(item) ||
  /k8s-app: cilium|app\.kubernetes\.io\/part-of: cilium|k8s-app: kube-proxy|- name: kube-proxy/.test(item);

function onlyObject(value: unknown): unknown {
  if (!isRecord(value)) throw new Error('it holds no object');
  return value;
}

const isMissing = (value: unknown): value is Missing => isRecord(value) && 'missing' in value && 'detail' in value;

const firstLine = (text: string): string => visibleName(text.split('\n')[0] ?? '');

const notAsked: Missing = missing('notCollected', 'no check of this run needs it');
