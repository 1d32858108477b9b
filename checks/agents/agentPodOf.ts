import type { Pod } from '../../src/model/kubernetes.ts';
import type { AgentPod } from '../../src/model/Snapshot.ts';

/** The whole pod of an agent, whose status says more than the frame does. */
export const agentPodOf = (agent: AgentPod | undefined, systemPods: readonly Pod[]): Pod | undefined =>
  systemPods.find(
    ({ metadata }) => agent !== undefined && metadata.name === agent.name && metadata.namespace === agent.namespace,
  );
