import { valueOf } from '../../model/Fact.ts';
import type { NodeSnapshot, Snapshot } from '../../model/Snapshot.ts';

/**
 * Whether Cilium replaces kube-proxy. The partial modes of Cilium up to 1.15 share the work with kube-proxy:
 * they are `off`.
 */
export type Replacement = 'on' | 'off' | 'unknown';

/** What is in effect on a node by its agent's own word, or (when it says nothing) what the agents are configured to. */
export function replacementOn(node: NodeSnapshot, { facts }: Pick<Snapshot, 'facts'>): Replacement {
  const mode = valueOf(node.facts.status)?.kpr?.mode;
  return mode === undefined ? configured({ facts }) : fromMode(mode);
}

/** Whether the cluster is meant to go without kube-proxy: by its configuration, or because an agent says so. */
export function replacementWanted(snapshot: Pick<Snapshot, 'facts' | 'nodes'>): Replacement {
  const wanted = configured(snapshot);
  if (wanted === 'on') return 'on';
  return snapshot.nodes.some((node) => replacementOn(node, snapshot) === 'on') ? 'on' : wanted;
}

function configured({ facts }: Pick<Snapshot, 'facts'>): Replacement {
  const config = valueOf(facts.ciliumConfig);
  // Not set: the agents' default is off.
  return config === undefined ? 'unknown' : fromMode(config.get('kube-proxy-replacement') ?? 'false');
}

const fromMode = (mode: string): Replacement => (/^(true|strict)$/i.test(mode) ? 'on' : 'off');
