import type { Pod, Service } from '../../src/model/kubernetes.ts';
import type { AgentPod } from '../../src/model/Snapshot.ts';

/** The addresses of the Service default/kubernetes. */
export function clusterIPsOf(services: readonly Service[]): readonly string[] {
  const spec = services.find(
    ({ metadata }) => metadata.namespace === 'default' && metadata.name === 'kubernetes',
  )?.spec;
  return spec?.clusterIPs ?? (spec?.clusterIP === undefined ? [] : [spec.clusterIP]);
}

export const agentPodOf = (agent: AgentPod | undefined, systemPods: readonly Pod[]): Pod | undefined =>
  systemPods.find(
    ({ metadata }) => agent !== undefined && metadata.name === agent.name && metadata.namespace === agent.namespace,
  );
