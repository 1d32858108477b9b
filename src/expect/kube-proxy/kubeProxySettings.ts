import { load } from 'js-yaml';
import type { ConfigMap } from '../../model/kubernetes.ts';
import { canonicalCidr } from '../../model/lb/address.ts';
import { isRecord } from '../../text/isRecord.ts';

/** What kube-proxy is configured to do, as far as whoever takes over has to know it. */
export interface KubeProxySettings {
  /** undefined: not set, which means iptables. */
  readonly mode: string | undefined;
  /** Of pods; undefined: not set. */
  readonly clusterCidr: string | undefined;
  /** CIDRs of node addresses that serve NodePorts; empty: all of them. */
  readonly nodePortAddresses: readonly string[];
}

/** undefined: there is no such ConfigMap, or it holds no YAML mapping. */
export function kubeProxySettings(configMap: ConfigMap | undefined): KubeProxySettings | undefined {
  const text = configMap?.data?.['config.conf'];
  if (text === undefined) return undefined;
  const value = mappingIn(text);
  if (value === undefined) return undefined;
  const { mode, clusterCIDR, nodePortAddresses } = value;
  return {
    mode: wordOf(mode),
    clusterCidr: wordOf(clusterCIDR),
    nodePortAddresses: Array.isArray(nodePortAddresses) ? nodePortAddresses.flatMap(cidrOf) : [],
  };
}

function mappingIn(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value = load(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined; // Whoever wrote it keeps kube-proxy from starting; it tells nothing.
  }
}

const wordOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** `primary` is what Cilium does by itself: one address of each device. */
const cidrOf = (value: unknown): readonly string[] =>
  typeof value === 'string' ? [canonicalCidr(value) ?? []].flat() : [];
