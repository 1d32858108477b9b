import { nodeNamed } from './nodeNamed.ts';
import { isAtLeast, parseVersion } from '../knowledge/version.ts';
import { type Fact, valueOf } from '../model/Fact.ts';
import type { Node } from '../model/kubernetes.ts';

/** Whether the kubelet of a node writes the chains that it once shared with kube-proxy; `unknown`: its version is. */
export type SharedChainWriter =
  | { readonly writes: 'yes' | 'no'; readonly version: string }
  | { readonly writes: 'unknown' };

/**
 * Kubelets stopped writing KUBE-MARK-MASQ and KUBE-POSTROUTING with 1.27 (kubernetes: feature gate
 * IPTablesOwnershipCleanup).
 */
export function writesSharedChains(node: string, nodes: Fact<readonly Node[]>): SharedChainWriter {
  const object = nodeNamed(valueOf(nodes) ?? [], node);
  const version = object?.status?.nodeInfo?.kubeletVersion ?? '';
  const parsed = parseVersion(version);
  if (parsed === undefined) return { writes: 'unknown' };
  return { writes: isAtLeast(parsed, '1.27.0') ? 'no' : 'yes', version };
}
