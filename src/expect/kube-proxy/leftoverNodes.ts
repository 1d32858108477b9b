import type { Derivations } from '../../core/Derivations.ts';
import { isKnown, valueOf } from '../../model/Fact.ts';
import type { NodeSnapshot, Snapshot } from '../../model/Snapshot.ts';
import { hasLeftovers } from './kubeProxyLeftovers.ts';
import { kubeProxyOn } from './kubeProxyPresence.ts';
import { replacementOn } from './replacement.ts';
import { serviceIndex } from './serviceIndex.ts';
import { addressesOfNode, staleTranslations } from './staleTranslations.ts';

/**
 * The nodes where something of kube-proxy is in effect although it is gone, so that a second look tells whether
 * packets meet it.
 */
export function leftoverNodes({ snapshot }: Derivations): readonly string[] {
  const gone = snapshot.nodes.filter(
    (node) =>
      node.coverage.kind === 'covered' &&
      replacementOn(node, snapshot) !== 'off' &&
      kubeProxyOn(node, snapshot).kind === 'none',
  );
  return gone.filter((node) => hasRules(node) || isTranslating(node, snapshot)).map(({ name }) => name);
}

const hasRules = ({ facts }: NodeSnapshot): boolean =>
  (valueOf(facts.iptables) ?? []).some(({ tables }) => isKnown(tables) && hasLeftovers(tables.value));

function isTranslating(node: NodeSnapshot, { facts }: Snapshot): boolean {
  const entries = valueOf(node.facts.conntrack);
  if (entries === undefined || entries.entries.length === 0) return false;
  const index = serviceIndex(valueOf(facts.services) ?? [], valueOf(facts.endpointSlices) ?? []);
  return staleTranslations(entries, addressesOfNode(node, facts), index).length > 0;
}
