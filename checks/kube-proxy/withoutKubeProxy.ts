import { type NodeView, type Skip, skip } from '../../src/core/OldCheck.ts';
import { kubeProxyOn } from '../../src/expect/kube-proxy/kubeProxyPresence.ts';
import { replacementOn } from '../../src/expect/kube-proxy/replacement.ts';
import { type Missing, missing } from '../../src/model/Fact.ts';
import type { NodeFactName } from '../../src/model/NodeFacts.ts';
import type { Snapshot } from '../../src/model/Snapshot.ts';

interface Judged<N extends NodeFactName> {
  readonly node: NodeView<N>;
  /** Why it is not certain that kube-proxy is gone from this node. */
  readonly unclear: Missing | undefined;
}

/**
 * The nodes where what belongs to kube-proxy is left over, if it is there: kube-proxy is gone, and
 * something replaces it.
 */
export function withoutKubeProxy<N extends NodeFactName>(
  nodes: readonly NodeView<N>[],
  snapshot: Snapshot,
): { readonly judged: readonly Judged<N>[] } | Skip {
  if (nodes.length === 0) return skip('no node to examine');
  const replaced = nodes.filter((node) => replacementOn(node.snapshot, snapshot) !== 'off');
  if (replaced.length === 0) return skip('kube-proxy replacement is off, so kube-proxy’s own are in use');
  const judged = replaced.flatMap((node): Judged<N>[] => {
    const presence = kubeProxyOn(node.snapshot, snapshot);
    switch (presence.kind) {
      case 'runs':
        return [];
      case 'none':
        return [{ node, unclear: undefined }];
      case 'unclear':
        return [{ node, unclear: missing('notCollected', presence.why) }];
      default:
        return presence satisfies never;
    }
  });
  return judged.length === 0 ? skip('kube-proxy still runs, so its own are in use (kube-proxy-absent)') : { judged };
}
