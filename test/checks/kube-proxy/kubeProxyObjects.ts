import type { DaemonSet, Pod } from '../../../src/model/kubernetes.ts';

const container = {
  name: 'kube-proxy',
  image: 'registry.k8s.io/kube-proxy:v1.36.3',
  command: [
    '/usr/local/bin/kube-proxy',
    '--config=/var/lib/kube-proxy/config.conf',
    '--hostname-override=$(NODE_NAME)',
  ],
};

/** kubeadm's DaemonSet, unless changed. */
export const kubeProxyDaemonSet = (desired = 2, changes: Partial<DaemonSet> = {}): DaemonSet => ({
  metadata: { name: 'kube-proxy', namespace: 'kube-system', labels: { 'k8s-app': 'kube-proxy' } },
  spec: {
    template: {
      metadata: { labels: { 'k8s-app': 'kube-proxy' } },
      spec: { hostNetwork: true, nodeSelector: { 'kubernetes.io/os': 'linux' }, containers: [container] },
    },
  },
  status: { desiredNumberScheduled: desired, currentNumberScheduled: desired },
  ...changes,
});

/** A pod of that DaemonSet on a node, or (`mirror`) of the node's own static manifest. */
export const kubeProxyPod = (node: string, changes: Partial<Pod> = {}): Pod => ({
  metadata: {
    name: `kube-proxy-${node}`,
    namespace: 'kube-system',
    labels: { 'k8s-app': 'kube-proxy' },
    ownerReferences: [{ kind: 'DaemonSet', name: 'kube-proxy' }],
  },
  spec: { nodeName: node, hostNetwork: true, containers: [container] },
  status: { phase: 'Running', containerStatuses: [{ name: 'kube-proxy', ready: true, state: { running: {} } }] },
  ...changes,
});

export const mirrorPod = (node: string, image = 'rancher/hardened-kubernetes:v1.36.3-rke2r1'): Pod =>
  kubeProxyPod(node, {
    metadata: {
      name: `kube-proxy-${node}`,
      namespace: 'kube-system',
      annotations: { 'kubernetes.io/config.mirror': 'abc', 'kubernetes.io/config.source': 'file' },
      ownerReferences: [{ kind: 'Node', name: node }],
    },
    spec: { nodeName: node, hostNetwork: true, containers: [{ ...container, image }] },
  });
