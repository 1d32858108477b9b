import { isClusterOwned } from '../model/clusterOwned.ts';
import type { DaemonSet, Pod } from '../model/kubernetes.ts';
import type { AgentPod } from '../model/Snapshot.ts';
import { agentContainer, agentPodsIn } from './findCilium.ts';

/** The agent pod of each node: the one that runs, where a node shows two for a moment (rolling update). */
export function agentsByNode(
  pods: readonly Pod[],
  daemonSets: readonly DaemonSet[] | undefined,
  namespace: string,
): ReadonlyMap<string, AgentPod> {
  const agents = new Map<string, AgentPod>();
  for (const pod of agentPodsIn(namespace, pods, daemonSets)) {
    const node = pod.spec?.nodeName;
    if (node === undefined) continue;
    const agent = agentOf(pod, namespace);
    const other = agents.get(node);
    if (other === undefined || (agent.startedAt !== undefined && other.startedAt === undefined))
      agents.set(node, agent);
  }
  return agents;
}

function agentOf({ metadata, status }: Pod, namespace: string): AgentPod {
  const container = status?.containerStatuses?.find(({ name }) => name === agentContainer);
  const condition = status?.conditions?.find(({ type }) => type === 'Ready');
  return {
    namespace,
    name: metadata.name,
    container: agentContainer,
    startedAt: container?.state?.running?.startedAt ?? undefined,
    restarts: container?.restartCount ?? 0,
    lastEnd: container?.lastState?.terminated?.finishedAt,
    ready: condition === undefined ? (container?.ready ?? false) : condition.status === 'True',
  };
}

/** The kube-proxy pod of each node. */
export function kubeProxiesByNode(pods: readonly Pod[]): ReadonlyMap<string, string> {
  return new Map(
    pods.flatMap(({ metadata, spec, status }): [string, string][] =>
      spec?.nodeName !== undefined &&
      status?.phase === 'Running' &&
      isClusterOwned(metadata.namespace, spec) &&
      (spec.containers ?? []).some(({ name }) => name === 'kube-proxy')
        ? [[spec.nodeName, metadata.name]]
        : [],
    ),
  );
}
