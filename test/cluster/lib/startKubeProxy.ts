import type { Bed } from './Bed.ts';

/** kube-proxy in iptables mode, until its rules are on both nodes: it is ready a moment before. */
export async function startKubeProxy(bed: Bed): Promise<void> {
  await bed.kubeProxy('iptables');
  for (const node of ['n1', 'n2']) {
    await bed.node(node, 'bash', '-c', 'until iptables-save | grep -q KUBE-SEP; do sleep 0.5; done');
  }
}
