import type { ContainerPort, Pod } from '../../src/model/kubernetes.ts';

/** The hostPorts that a pod asks its node for; none of a pod that uses the host's own network. */
export function hostPortsOf({ spec, status }: Pod): readonly ContainerPort[] {
  if (spec?.hostNetwork === true || status?.phase !== 'Running') return [];
  return [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])]
    .flatMap(({ ports }) => ports ?? [])
    .filter(({ hostPort }) => (hostPort ?? 0) > 0);
}
