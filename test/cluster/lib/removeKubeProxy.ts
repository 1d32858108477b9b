import type { Bed } from './Bed.ts';

/** All of kube-proxy: DaemonSet, ConfigMap, and its rules on the nodes, by its own clean-up. */
export async function removeKubeProxy(bed: Bed): Promise<void> {
  await bed.kubeProxy('none');
  await bed.kubectl('-n', 'kube-system', 'delete', 'configmap', 'kube-proxy', '--ignore-not-found');
  await bed.kubectl('-n', 'kube-system', 'wait', '--for=delete', 'pod', '-l', 'k8s-app=kube-proxy', '--timeout=60s');
  for (const node of ['n1', 'n2']) await bed.node(node, 'kube-proxy', '--cleanup');
}
