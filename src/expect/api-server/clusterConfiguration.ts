import { load } from 'js-yaml';
import type { ConfigMap } from '../../model/kubernetes.ts';
import { isRecord } from '../../text/isRecord.ts';

/** What is used of kubeadm's ClusterConfiguration; whatever people wrote, so every field may be anything. */
export interface ClusterConfiguration {
  readonly controlPlaneEndpoint?: unknown;
  readonly proxy?: unknown;
  readonly networking?: unknown;
}

/** undefined: there is none, or it is no YAML mapping. */
export function clusterConfigurationOf(kubeadmConfig: ConfigMap | undefined): ClusterConfiguration | undefined {
  const text = kubeadmConfig?.data?.['ClusterConfiguration'];
  if (text === undefined) return undefined;
  try {
    const value = load(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Whether kubeadm is told to leave kube-proxy out (v1beta4, Kubernetes 1.31 and later). */
export const isProxyDisabled = ({ proxy }: ClusterConfiguration): boolean =>
  isRecord(proxy) && proxy['disabled'] === true;

/** The ranges of ClusterIPs; empty where they do not stand there. */
export function serviceSubnetsOf(configuration: ClusterConfiguration | undefined): readonly string[] {
  const { networking } = configuration ?? {};
  const text = isRecord(networking) ? networking['serviceSubnet'] : undefined;
  return typeof text === 'string' ? text.split(',').map((one) => one.trim()) : [];
}
