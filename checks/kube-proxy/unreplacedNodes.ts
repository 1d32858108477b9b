import type { NodeView } from '../../src/core/View.ts';
import { agentConfigOnNode } from '../../src/expect/agent/agentConfigOnNode.ts';
import { replacementByLabel } from '../../src/expect/agent/nodeConfigs.ts';
import { kubeProxyPresence } from '../../src/expect/kube-proxy/kubeProxyPresence.ts';
import { replacementOnNode } from '../../src/expect/kube-proxy/replacement.ts';
import type { CiliumNodeConfig } from '../../src/model/kubernetes.ts';

type View = NodeView<
  never,
  never,
  never,
  typeof replacementOnNode | typeof agentConfigOnNode | typeof kubeProxyPresence
>;

/** Nodes that kube-proxy still serves alone, in a cluster that goes over to its replacement node by node. */
export interface Unreplaced {
  readonly names: readonly string[];
  readonly next: string;
  readonly how: Way;
}

/** How the next node is taken over. */
type Way =
  /** A CiliumNodeConfig turns the replacement off there. */
  | { readonly kind: 'exempted' }
  /** A CiliumNodeConfig turns it on for nodes with a label, as Cilium's documents say. `label`: `key=value` */
  | { readonly kind: 'labelled'; readonly config: string; readonly label: string }
  | { readonly kind: 'unknown' };

/** undefined: there is none. */
export function unreplacedNodes(
  nodes: readonly View[],
  nodeConfigs: readonly CiliumNodeConfig[],
): Unreplaced | undefined {
  const left = nodes.filter(
    ({ derived }) => derived(replacementOnNode) === 'off' && derived(kubeProxyPresence).kind === 'runs',
  );
  const [next] = left;
  return next && { names: left.map(({ name }) => name), next: next.name, how: wayOf(next, nodeConfigs) };
}

function wayOf({ derived }: View, nodeConfigs: readonly CiliumNodeConfig[]): Way {
  const config = derived(agentConfigOnNode);
  const now = 'missing' in config || 'missing' in config.next ? undefined : config.next.replacement;
  if (now?.origin.kind === 'nodeConfig' && now.value !== 'on') return { kind: 'exempted' };
  const labelled = replacementByLabel(nodeConfigs);
  return labelled === undefined ? { kind: 'unknown' } : { kind: 'labelled', ...labelled };
}
