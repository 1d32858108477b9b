import type { Bed } from './Bed.ts';
import { startKubeProxy } from './startKubeProxy.ts';

const ofKubeProxy = ['-n', 'kube-system', 'pod', '-l', 'k8s-app=kube-proxy'] as const;

/** kube-proxy’s DaemonSet with an image that nobody has: its pods are there, nothing runs in them, its rules stay. */
export async function kubeProxyWithoutImage(bed: Bed): Promise<void> {
  await startKubeProxy(bed);
  const image = 'kube-proxy=registry.k8s.io/kube-proxy:no-such-tag';
  await bed.kubectl('-n', 'kube-system', 'set', 'image', 'daemonset/kube-proxy', image);
  await bed.kubectl('delete', ...ofKubeProxy, '--timeout=60s');
  const reason = '.status.containerStatuses[0].state.waiting.reason';
  await bed.kubectl(
    'wait',
    ...ofKubeProxy,
    '--timeout=60s',
    '--field-selector=status.phase=Pending',
    `--for=jsonpath={${reason}}=ErrImageNeverPull`,
  );
}
