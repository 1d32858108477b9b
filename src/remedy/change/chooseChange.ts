import { coveredNodes, type Derivations } from '../../core/Derivations.ts';
import { kubeProxyPresence } from '../../expect/kube-proxy/kubeProxyPresence.ts';
import { replacementOnNode } from '../../expect/kube-proxy/replacement.ts';
import type { Change } from '../../model/Intent.ts';

/** What comes next on a cluster, and why; or why that cannot be told. */
export type Choice = { readonly change: Change; readonly because: string } | { readonly unclear: string };

/** By what every agent does, and whether kube-proxy is there. */
export function chooseChange(derivations: Derivations, toVersion: string | undefined): Choice {
  if (toVersion !== undefined) return { change: 'upgrade', because: '--to-version was given' };
  const nodes = coveredNodes(derivations.snapshot);
  const replacing = nodes.map(({ name }) => derivations.on(replacementOnNode, name));
  const presences = nodes.map(({ name }) => derivations.on(kubeProxyPresence, name));
  if (replacing.includes('off')) {
    const isHalfway = replacing.includes('on');
    return { change: 'enable', because: `Cilium does not replace kube-proxy on ${isHalfway ? 'every' : 'any'} node` };
  }
  if (replacing.some((one) => typeof one === 'object'))
    return { unclear: 'not every agent says whether it replaces kube-proxy' };
  if (presences.some(({ kind }) => kind === 'runs'))
    return {
      change: 'remove-kube-proxy',
      because: 'Cilium replaces kube-proxy on every node, and kube-proxy runs beside it',
    };
  return { unclear: 'Cilium replaces kube-proxy, which is gone: there is no next step' };
}
