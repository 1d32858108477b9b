import { missing, type Missing } from '../../model/Fact.ts';
import { documentNames, type DocumentName, type RawDocument, type RawDocuments } from '../../model/raw.ts';
import { trimDocument } from '../trimObjects.ts';
import type { ArchiveFiles } from './ArchiveFiles.ts';
import { messageOf } from './archiveErrors.ts';
import { endpointsToSlices, isTruncated } from './endpointsToSlices.ts';
import { readVersionText } from './readVersionText.ts';
import { readYamlList, readYamlObject } from './readYaml.ts';
import { visibleName } from './visibleName.ts';

/** Where a sysdump keeps a document: names without `-TIMESTAMP.EXT`, the usual one first. */
interface Place {
  readonly files: readonly RegExp[];
  /** For people: the file that is looked for. */
  readonly looksLike: string;
}

const yaml = String.raw`-\d{8}-\d{6}\.ya?ml$`;
const named = (...names: string[]): RegExp[] => names.map((name) => new RegExp(`^${name}${yaml}`));

/** cilium-cli's names (sysdump/constants.go); the short ones are those of its first year. */
const places: Partial<Record<DocumentName, Place>> = {
  version: { files: [/^k8s-version(-info)?-.*\.txt$/], looksLike: 'k8s-version-*.txt' },
  nodes: { files: named('k8s-nodes', 'k8s-no'), looksLike: 'k8s-nodes-*.yaml' },
  services: { files: named('k8s-services', 'svc'), looksLike: 'k8s-services-*.yaml' },
  endpointSlices: {
    files: named('k8s-endpointslices', 'k8s-endpoints'),
    looksLike: 'k8s-endpointslices-*.yaml or k8s-endpoints-*.yaml',
  },
  systemPods: { files: named('k8s-pods', 'po'), looksLike: 'k8s-pods-*.yaml' },
  daemonSets: { files: named('cilium-daemonset', 'cilium-ds'), looksLike: 'cilium-daemonset-*.yaml' },
  deployments: {
    files: named('cilium-operator-deployment', 'cilium-operator-deploy'),
    looksLike: 'cilium-operator-deployment-*.yaml',
  },
  ciliumConfig: { files: named('cilium-configmap', 'cilium-cm'), looksLike: 'cilium-configmap-*.yaml' },
  ciliumNodeConfigs: { files: named('ciliumnodeconfigs'), looksLike: 'ciliumnodeconfigs-*.yaml' },
};
/** What stands beside the one above. A sysdump has Cilium's workloads only, never kube-proxy's or CoreDNS's. */
const besides: Partial<Record<DocumentName, RegExp>> = {
  daemonSets: new RegExp(`-daemonset${yaml}`),
  deployments: new RegExp(`-deployment${yaml}`),
};

/** The documents that a plan names; what the archive lacks is `notCollected` with the name of its file. */
export async function readSysdumpDocuments(
  files: ArchiveFiles,
  root: string,
  wanted: ReadonlySet<DocumentName>,
): Promise<RawDocuments> {
  const own = files.names.filter((name) => name.startsWith(root) && !name.slice(root.length).includes('/'));
  const find = (pattern: RegExp): string | undefined =>
    own
      .filter((name) => pattern.test(name.slice(root.length)))
      .sort()
      .at(-1);
  const read = async (name: DocumentName): Promise<RawDocument> => {
    const place = places[name];
    if (place === undefined) return missing('notCollected', `no sysdump holds it (${configMaps[name] ?? name})`);
    const file = place.files.map(find).find((found) => found !== undefined);
    if (file === undefined) return missing('notCollected', `the archive has no ${place.looksLike}`);
    const more = besides[name];
    const others =
      more === undefined ? [] : own.filter((other) => other !== file && more.test(other.slice(root.length))).sort();
    return readDocument(files, name, file, others);
  };
  const documents: Partial<Record<DocumentName, RawDocument>> = {};
  // One after the other: the text of one may be large.
  for (const name of documentNames) documents[name] = wanted.has(name) ? await read(name) : notAsked;
  return documents as RawDocuments;
}

async function readDocument(
  files: ArchiveFiles,
  name: DocumentName,
  file: string,
  others: readonly string[],
): Promise<RawDocument> {
  const contents = await files.read(new Set([file, ...others]));
  const values: unknown[] = [];
  for (const [path, content] of contents) {
    if (!content.ok) return content.why;
    try {
      values.push(parse(name, path, content.value.toString('utf8')));
    } catch (error) {
      return missing('unparsed', `${visibleName(path)} is not understood: ${firstLine(messageOf(error))}`);
    }
  }
  const lacking = values.find(isMissing);
  if (lacking !== undefined) return lacking;
  const value = isSingle(name) ? values[0] : values.flat();
  const converted =
    name === 'endpointSlices' && !file.includes('endpointslices') ? '  # Endpoints, read as EndpointSlices' : '';
  return { value: trimDocument(name, value), source: `${files.shown(file)}${converted}` };
}

/** Gives the value, or why it can't serve. Throws an Error when the text is not what its name says. */
function parse(name: DocumentName, file: string, text: string): unknown {
  switch (name) {
    case 'version': {
      const version = readVersionText(text);
      if (version === undefined) throw new Error('it names no version');
      return version;
    }
    case 'ciliumConfig':
      return onlyObject(readYamlObject(text));
    case 'systemPods':
      return readYamlList(text, mayBeSystemPod);
    case 'endpointSlices': {
      const items = readYamlList(text);
      if (file.includes('endpointslices')) return items;
      if (items.some(isTruncated)) {
        return missing(
          'notCollected',
          `${visibleName(file)} has been cut off at a thousand addresses for at least one Service`,
        );
      }
      return items.flatMap(endpointsToSlices);
    }
    case 'nodes':
    case 'services':
    case 'daemonSets':
    case 'deployments':
    case 'ciliumNodeConfigs':
      return readYamlList(text);
    case 'kubeProxyConfig':
    case 'kubeadmConfig':
    case 'clusterInfo':
      throw new Error('no sysdump holds it');
  }
  return undefined;
}

/** By the item's text, so it may take in too many: kube-system, whatever is Cilium's, and kube-proxy wherever it is. */
const mayBeSystemPod = (item: string): boolean =>
  /^ {4}namespace: ["']?(kube-system|cilium|[\w-]*kube-proxy|[\w-]*sdn)["']?\s*$/m.test(item) ||
  /k8s-app: cilium|app\.kubernetes\.io\/part-of: cilium|k8s-app: kube-proxy|- name: kube-proxy/.test(item);

function onlyObject(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) throw new Error('it holds no object');
  return value;
}

const isSingle = (name: DocumentName): boolean => name === 'version' || name === 'ciliumConfig';

const isMissing = (value: unknown): value is Missing =>
  typeof value === 'object' && value !== null && 'missing' in value && 'detail' in value;

const firstLine = (text: string): string => visibleName(text.split('\n')[0] ?? '');

const configMaps: Partial<Record<DocumentName, string>> = {
  kubeProxyConfig: 'ConfigMap kube-system/kube-proxy',
  kubeadmConfig: 'ConfigMap kube-system/kubeadm-config',
  clusterInfo: 'ConfigMap kube-public/cluster-info',
};

const notAsked: Missing = missing('notCollected', 'no check of this run needs it');
