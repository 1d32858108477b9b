import type { ContainerStatus, Pod } from '../model/kubernetes.ts';
import type { ExecTarget } from './ClusterPort.ts';

/** The agent of a node, and where to run a command in it; without a target, why there is none. */
export type AgentTarget = { readonly node: string } & (
  | { readonly target: ExecTarget; readonly why?: never }
  | { readonly target: undefined; readonly why: string }
);

/**
 * One agent for each node that has any: the (first) one that runs, when a node shows two for a moment (rolling update);
 * the same that the snapshot names, so that evidence and remedies are about the pod that was asked.
 * @param agents those that `agentPodsIn` knows for agents
 */
export function agentPods(agents: readonly Pod[]): AgentTarget[] {
  const best = new Map<string, AgentTarget>();
  for (const pod of agents) {
    const node = pod.spec?.nodeName;
    if (node === undefined) continue;
    const target = toTarget(node, pod);
    const other = best.get(node);
    if (other === undefined || (target.target !== undefined && other.target === undefined)) best.set(node, target);
  }
  return [...best.values()].sort((a, b) => a.node.localeCompare(b.node, 'en', { numeric: true }));
}

function toTarget(node: string, pod: Pod): AgentTarget {
  const container = pod.status?.containerStatuses?.find(({ name }) => name === 'cilium-agent');
  if (container?.state?.running !== undefined) {
    return {
      node,
      target: { namespace: pod.metadata.namespace ?? 'default', pod: pod.metadata.name, container: 'cilium-agent' },
    };
  }
  return {
    node,
    target: undefined,
    why: `the agent pod ${pod.metadata.name} does not run: ${reasonOf(pod, container)}`,
  };
}

const reasonOf = (pod: Pod, container: ContainerStatus | undefined): string =>
  container?.state?.waiting?.reason ??
  container?.state?.terminated?.reason ??
  pod.status?.reason ??
  pod.status?.phase ??
  'no status';
