import { defineNodeDerived } from '../../core/Derived.ts';
import { isKnown, valueOf } from '../../model/Fact.ts';
import { hasLeftovers } from './kubeProxyLeftovers.ts';

/** Whether packets meet iptables rules of kube-proxy on a node by kube-proxy's doing, as far as these could be read. */
export const rulesLeft = defineNodeDerived({
  name: 'rulesLeft',
  optional: { node: ['iptables'] },
  compute:
    () =>
    ({ facts }): boolean =>
      (valueOf(facts.iptables) ?? []).some(({ tables }) => isKnown(tables) && hasLeftovers(tables.value)),
});
