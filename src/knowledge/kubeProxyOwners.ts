import type { Distribution } from '../model/Snapshot.ts';

/** Who keeps a DaemonSet of kube-proxy there, by the names of the variants of KPR3001. */
export const daemonSetOwners = {
  eks: 'eksAddon',
  aks: 'aksAddon',
  openshift: 'openshift',
  talos: 'talos',
  k0s: 'k0s',
  gke: 'gke',
} as const satisfies Partial<Record<Distribution, string>>;

export const staticPodOwners = { rke2: 'rke2', gke: 'gke' } as const satisfies Partial<Record<Distribution, string>>;

export const embeddingOwners = { k3s: 'k3s', microk8s: 'microk8s' } as const satisfies Partial<
  Record<Distribution, string>
>;
