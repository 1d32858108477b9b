import { kubeProxyChain } from './owners/kubeProxyChains.ts';
import type { Owner } from './owners/Owner.ts';
import { ownerOfChain } from './owners/ownerOfChain.ts';

export { ipvsLink, kubeProxyIpsets } from './owners/ownerOfObject.ts';

/** Owners in the groups that reports count by; the fine ones: owners/Owner.ts. */
export type ChainOwner =
  | 'kubeProxy'
  | 'shared'
  | 'kubelet'
  | 'cilium'
  | 'networkPolicy'
  | 'hostPorts'
  | 'docker'
  | 'firewalld'
  | 'builtIn'
  | 'unknown';

export function groupOf(owner: Owner): ChainOwner {
  if (owner === 'kubeRouter') return 'networkPolicy';
  return owner === 'portmap' || owner === 'cniPlugins' || owner === 'crio' ? 'hostPorts' : owner;
}

export const chainOwner = (table: string, chain: string): ChainOwner => groupOf(ownerOfChain(table, chain));

/** The hash in the name of such a chain; of all but SEP it is that of a Service port. */
export const perServiceHash = (chain: string): string | undefined =>
  kubeProxyChain('nat', chain)?.hashed === true ? chain.slice(chain.lastIndexOf('-') + 1) : undefined;

/** An empty chain by which kube-proxy notices that its rules were flushed; nothing happens in it. */
export const canaryChain = 'KUBE-PROXY-CANARY';
