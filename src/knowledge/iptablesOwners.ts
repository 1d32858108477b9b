import { kubeProxyChain } from './owners/kubeProxyChains.ts';

export { ipvsLink, kubeProxyIpsets } from './owners/ownerOfObject.ts';

/** The hash in the name of such a chain; of all but SEP it is that of a Service port. */
export const perServiceHash = (chain: string): string | undefined =>
  kubeProxyChain('nat', chain)?.hashed === true ? chain.slice(chain.lastIndexOf('-') + 1) : undefined;

/** An empty chain by which kube-proxy notices that its rules were flushed; nothing happens in it. */
export const canaryChain = 'KUBE-PROXY-CANARY';
