import type { Bed } from './Bed.ts';

/** Has all servers of cluster DNS run there; null: where they like. */
export async function onOneNode(bed: Bed, node: string | null): Promise<void> {
  const nodeSelector = { 'kubernetes.io/hostname': node };
  const patch = JSON.stringify({ spec: { template: { spec: { nodeSelector } } } });
  await bed.kubectl('-n', 'kube-system', 'patch', 'deployment', 'coredns', '--type=merge', '-p', patch);
  await bed.kubectl('-n', 'kube-system', 'rollout', 'status', 'deployment', 'coredns', '--timeout=90s');
}
