import type { Pod } from '../../src/model/kubernetes.ts';
import type { AgentPod } from '../../src/model/Snapshot.ts';

/** The whole pod of an agent, whose status says more than the frame does. */
export const agentPodOf = (agent: AgentPod | undefined, systemPods: readonly Pod[]): Pod | undefined =>
  agent === undefined ? undefined : indexOf(systemPods).get(`${agent.namespace}/${agent.name}`);

/** Each node looks for its own pod in the same list. */
const indexes = new WeakMap<readonly Pod[], ReadonlyMap<string, Pod>>();

function indexOf(pods: readonly Pod[]): ReadonlyMap<string, Pod> {
  const known = indexes.get(pods);
  if (known !== undefined) return known;
  const index = new Map(pods.map((pod) => [`${pod.metadata.namespace ?? ''}/${pod.metadata.name}`, pod]));
  indexes.set(pods, index);
  return index;
}
