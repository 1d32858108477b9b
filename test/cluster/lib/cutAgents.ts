import type { Bed } from './Bed.ts';

/** The packets of an agent's own cgroup to the API server, and nobody else's: the kubelet stays connected. */
const cut = (action: '-I' | '-D'): string =>
  `path=$(sed -n 's/^0:://p' /proc/$(pgrep -xo cilium-agent)/cgroup) && iptables ${action} OUTPUT -p tcp --dport 6443 -m cgroup --path "\${path#/}" -j DROP`;

/** Cuts the agents of these nodes off from the API server; gives what mends it. */
export async function cutAgents(bed: Bed, ...nodes: string[]): Promise<() => Promise<void>> {
  for (const node of nodes) await bed.node(node, 'sh', '-c', cut('-I'));
  return async () => {
    for (const node of nodes) await bed.node(node, 'sh', '-c', cut('-D'));
  };
}
