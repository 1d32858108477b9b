import type { DaemonSet, Pod, PodSpec } from './kubernetes.ts';

/** Namespaces that only those who run the cluster write. OpenShift keeps its own prefix from users. */
export const isSystemNamespace = (namespace: string | undefined): boolean =>
  namespace === 'kube-system' || namespace?.startsWith('openshift-') === true;

/**
 * Whether those who run the cluster made this, and not a tenant who gave it the labels and names of their programs:
 * pods in the host's network are kept from tenants by Pod Security, and whoever may start them owns the node anyway.
 */
export const isClusterOwned = (namespace: string | undefined, spec: PodSpec | undefined): boolean =>
  isSystemNamespace(namespace) || spec?.hostNetwork === true;

export const isClusterOwnedPod = ({ metadata, spec }: Pod): boolean => isClusterOwned(metadata.namespace, spec);

/**
 * The same of a DaemonSet. Anybody may write that its pods are to be in the host's network; that some were let in, its
 * controller says.
 */
export const isClusterOwnedDaemonSet = ({ metadata, spec, status }: DaemonSet): boolean =>
  isSystemNamespace(metadata.namespace) ||
  (spec?.template?.spec?.hostNetwork === true && (status?.currentNumberScheduled ?? 0) > 0);
