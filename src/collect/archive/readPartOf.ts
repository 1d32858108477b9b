import { isIP } from 'node:net';
import { dump, load } from 'js-yaml';
import type { DocumentName } from '../../model/raw.ts';
import { isRecord, type JsonObject } from '../../text/isRecord.ts';

/**
 * Of ConfigMaps that hold files of other programs, the fields that are read here; kubeadm's, kube-proxy's, kubelets'
 * and kubectl's files have room for tokens, keys and passwords in any other. Other documents come back as they are.
 */
export function readPartOf(name: DocumentName, object: JsonObject): JsonObject {
  const { data } = object;
  const reader = readers[name];
  if (reader === undefined || !isRecord(data)) return object;
  return {
    ...object,
    data: Object.fromEntries(
      Object.entries(data).flatMap(([key, text]): [string, unknown][] => {
        const read = reader[key];
        return read === undefined ? [] : [[key, typeof text === 'string' ? partOf(text, read) : text]];
      }),
    ),
  };
}

type Part = (value: JsonObject) => JsonObject;

const texts = (value: unknown, keys: readonly string[]): JsonObject =>
  isRecord(value)
    ? Object.fromEntries(
        keys.flatMap((key) => (typeof value[key] === 'string' && value[key] !== '' ? [[key, value[key]]] : [])),
      )
    : {};

const clusterConfiguration: Part = (value) => ({
  ...texts(value, ['apiVersion', 'kind', 'kubernetesVersion', 'controlPlaneEndpoint']),
  networking: texts(value['networking'], ['podSubnet', 'serviceSubnet']),
  ...(isRecord(value['proxy']) &&
    typeof value['proxy']['disabled'] === 'boolean' && { proxy: { disabled: value['proxy']['disabled'] } }),
});

const kubeProxyConfiguration: Part = (value) => ({
  ...texts(value, [
    'apiVersion',
    'kind',
    'mode',
    'bindAddress',
    'clusterCIDR',
    'healthzBindAddress',
    'metricsBindAddress',
  ]),
  ...(Array.isArray(value['nodePortAddresses']) && {
    nodePortAddresses: value['nodePortAddresses'].filter(isPlace),
  }),
});

/** A CIDR, or kube-proxy's word for the node's own addresses. */
const isPlace = (one: unknown): boolean =>
  typeof one === 'string' && (one === 'primary' || isIP(one.replace(/\/\d{1,3}$/, '')) !== 0);

const kubeletConfiguration: Part = (value) => ({
  ...texts(value, ['apiVersion', 'kind']),
  clusterDNS: (Array.isArray(value['clusterDNS']) ? value['clusterDNS'] : []).filter(
    (one: unknown) => typeof one === 'string' && isIP(one) !== 0,
  ),
});

const kubeconfig: Part = ({ clusters }) => ({
  clusters: (Array.isArray(clusters) ? clusters : [])
    .slice(0, 1)
    .map((one: unknown) => ({ cluster: texts(isRecord(one) ? one['cluster'] : {}, ['server']) })),
});

const readers: Readonly<Partial<Record<DocumentName, Readonly<Record<string, Part>>>>> = {
  kubeadmConfig: { ClusterConfiguration: clusterConfiguration },
  kubeProxyConfig: { 'config.conf': kubeProxyConfiguration },
  kubeletConfig: { kubelet: kubeletConfiguration },
  clusterInfo: { kubeconfig },
};

function partOf(text: string, part: Part): string {
  try {
    const value: unknown = load(text);
    return isRecord(value) ? dump(part(value)) : '<redacted>';
  } catch {
    // Nobody reads what is no YAML.
    return '<redacted>';
  }
}
