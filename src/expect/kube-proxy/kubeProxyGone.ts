import { defineNodeDerived } from '../../core/Derived.ts';
import { type Missing, missing } from '../../model/Fact.ts';
import { kubeProxyPresence } from './kubeProxyPresence.ts';
import { replacementOnNode } from './replacement.ts';

/** Whether what belongs to kube-proxy is left over on a node, if it is there. */
export type KubeProxyGone =
  /** Nothing replaces it there, or it still runs: what belongs to it is in use. */
  | { readonly kind: 'needed' | 'running' }
  /** `unclear`: why it is not certain that it is gone. */
  | { readonly kind: 'gone'; readonly unclear: Missing | undefined };

export const kubeProxyGone = defineNodeDerived({
  name: 'kubeProxyGone',
  uses: [kubeProxyPresence, replacementOnNode],
  compute:
    () =>
    ({ derived }): KubeProxyGone => {
      if (derived(replacementOnNode) === 'off') return { kind: 'needed' };
      const presence = derived(kubeProxyPresence);
      switch (presence.kind) {
        case 'runs':
          return { kind: 'running' };
        case 'none':
          return { kind: 'gone', unclear: undefined };
        case 'unclear':
          return { kind: 'gone', unclear: missing('notCollected', presence.why) };
        default:
          return presence satisfies never;
      }
    },
});
