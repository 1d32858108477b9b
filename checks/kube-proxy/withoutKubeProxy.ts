import { forEachNode, type NotApplicable, notApplicable, pass } from '../../src/core/Outcome.ts';
import type { NodeView } from '../../src/core/View.ts';
import { kubeProxyGone } from '../../src/expect/kube-proxy/kubeProxyGone.ts';
import type { Missing } from '../../src/model/Fact.ts';

type View = NodeView<never, never, never, typeof kubeProxyGone>;

/**
 * A node where what belongs to kube-proxy is left over, if it is there: kube-proxy is gone, and something replaces it.
 */
interface Left {
  readonly kind: 'left';
  /** Why it is not certain that kube-proxy is gone. */
  readonly unclear: Missing | undefined;
}

export function whereLeft({ derived }: View): Left | NotApplicable {
  const gone = derived(kubeProxyGone);
  switch (gone.kind) {
    case 'needed':
      return notApplicable('kube-proxy replacement is off, so kube-proxy’s own are in use');
    case 'running':
      return notApplicable('kube-proxy still runs, so its own are in use (kube-proxy-absent)');
    case 'gone':
      return { kind: 'left', unclear: gone.unclear };
    default:
      return gone satisfies never;
  }
}

/** For rules that say of several nodes together what is left there. */
export function withoutKubeProxy<N extends View>(
  nodes: readonly N[],
): readonly { readonly node: N; readonly unclear: Missing | undefined }[] | NotApplicable {
  const scope = forEachNode(nodes, (node) => {
    const left = whereLeft(node);
    return left.kind === 'left' ? pass : left;
  });
  if ('kind' in scope && scope.kind === 'notApplicable') return scope;
  return nodes.flatMap((node) => {
    const left = whereLeft(node);
    return left.kind === 'left' ? [{ node, unclear: left.unclear }] : [];
  });
}
