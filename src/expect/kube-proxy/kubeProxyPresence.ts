import { defineNodeDerived } from '../../core/Derived.ts';
import { isKnown, valueOf } from '../../model/Fact.ts';
import type { ClusterFacts, Distribution, Frame } from '../../model/Snapshot.ts';
import { isClusterOwned, isClusterOwnedDaemonSet } from '../../model/clusterOwned.ts';
import type { Container, DaemonSet, Node, Pod, PodSpec } from '../../model/kubernetes.ts';

/** Whether kube-proxy runs on a node, and what holds it there. */
export type KubeProxyPresence =
  | { readonly kind: 'runs'; readonly by: 'daemonSet'; readonly daemonSet: DaemonSet; readonly pod: Pod | undefined }
  | { readonly kind: 'runs'; readonly by: 'staticPod' | 'pod'; readonly pod: Pod }
  /** In another process: of the distribution, or (`process`) of the host. Only its health port shows it. */
  | { readonly kind: 'runs'; readonly by: 'embedded' | 'process' }
  | { readonly kind: 'none' }
  /** What would tell could not be read. */
  | { readonly kind: 'unclear'; readonly why: string };

/** Distributions that run kube-proxy as a part of their own process: nothing in the API tells of it. */
export const embedding: ReadonlySet<Distribution> = new Set(['k3s', 'microk8s']);

export const kubeProxyPresence = defineNodeDerived({
  name: 'kubeProxyPresence',
  optional: { cluster: ['nodes', 'daemonSets', 'systemPods'], node: ['proxyHealth'] },
  compute({ cluster, frame }) {
    const pods = valueOf(cluster.systemPods)?.filter(isKubeProxyPod);
    const podOn = new Map(
      pods
        ?.filter((one) => !neverStarted(one))
        .toReversed()
        .map((pod) => [pod.spec?.nodeName, pod]),
    );
    const daemonSets = valueOf(cluster.daemonSets)?.filter(isKubeProxyDaemonSet) ?? [];
    // Only some namespaces' pods are read: of a DaemonSet without any known pod its status tells.
    const unseen = daemonSets.find(
      (one) => (one.status?.desiredNumberScheduled ?? 0) > 0 && !pods?.some((other) => owns(one, other)),
    );
    const silent = withoutSign(cluster, frame.distribution);
    return ({ name, facts }): KubeProxyPresence => {
      const pod = podOn.get(name);
      if (pod !== undefined) {
        const daemonSet = daemonSets.find((one) => owns(one, pod)) ?? unlistedOwner(pod, frame.origin);
        if (daemonSet !== undefined) return { kind: 'runs', by: 'daemonSet', daemonSet, pod };
        return { kind: 'runs', by: isMirrorPod(pod) ? 'staticPod' : 'pod', pod };
      }
      if (unseen !== undefined) return { kind: 'runs', by: 'daemonSet', daemonSet: unseen, pod: undefined };
      const health = valueOf(facts.proxyHealth)?.kind;
      if (health === 'kubeProxy')
        return { kind: 'runs', by: embedding.has(frame.distribution) ? 'embedded' : 'process' };
      return health === 'nobody' || health === 'cilium' ? { kind: 'none' } : silent;
    };
  },
});

/** Of a node on which no pod and no answer tells of a kube-proxy. */
function withoutSign(
  { nodes, daemonSets, systemPods }: Pick<ClusterFacts, 'nodes' | 'daemonSets' | 'systemPods'>,
  distribution: Distribution,
): KubeProxyPresence {
  if (embedding.has(distribution)) {
    if (isEmbeddedOneDisabled(valueOf(nodes) ?? [])) return { kind: 'none' };
    return {
      kind: 'unclear',
      why: `${distribution} runs kube-proxy in its own process, and port 10256 of the node, which would show it, was not asked`,
    };
  }
  if (isKnown(systemPods) && isKnown(daemonSets)) return { kind: 'none' };
  return {
    kind: 'unclear',
    why: 'neither the pods that would show kube-proxy nor its health port on the node could be read',
  };
}

export const isKubeProxyDaemonSet = (one: DaemonSet): boolean =>
  isClusterOwnedDaemonSet(one) &&
  one.spec?.template?.spec?.nodeSelector?.['kubernetes.io/os'] !== 'windows' &&
  hasKubeProxy(one.spec?.template?.spec);

/** One that crashes counts, too: it writes its rules between two crashes. */
export const isKubeProxyPod = ({ metadata, spec, status }: Pod): boolean =>
  isClusterOwned(metadata.namespace, spec) &&
  status?.phase !== 'Succeeded' &&
  status?.phase !== 'Failed' &&
  hasKubeProxy(spec);

/** Its container cannot even be made (image, configuration, runtime), so it writes no rules; the pod is there. */
function neverStarted({ spec, status }: Pod): boolean {
  const names = new Set((spec?.containers ?? []).filter(isKubeProxy).map(({ name }) => name));
  const waiting = (status?.containerStatuses ?? []).find(({ name }) => names.has(name))?.state?.waiting?.reason ?? '';
  return /^(Err|Image|Invalid|Create|RunContainer)/.test(waiting);
}

/** Labels do not count: metric relays and dashboards are labelled `component: kube-proxy`, too. */
const hasKubeProxy = (spec: PodSpec | undefined): boolean => (spec?.containers ?? []).some(isKubeProxy);

function isKubeProxy({ name, image, command, args }: Container): boolean {
  const words = [...(command ?? []), ...(args ?? [])];
  // The same image takes its rules away again.
  if (words.some((word) => /--cleanup\b/.test(word))) return false;
  return (
    name === 'kube-proxy' ||
    /^(origin-)?kube-proxy(-(amd64|arm|arm64|ppc64le|s390x))?$/.test(
      baseName((image ?? '').replace(/@.*/, '')).replace(/:.*/, ''),
    ) ||
    baseName(words[0] ?? '') === 'kube-proxy' ||
    words.some((word) => /(^|[\s/])kube-proxy\s+--/.test(word))
  );
}

const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

const owns = ({ metadata }: DaemonSet, { metadata: pod }: Pod): boolean =>
  metadata.namespace === pod.namespace &&
  (pod.ownerReferences ?? []).some(({ kind, name }) => kind === 'DaemonSet' && name === metadata.name);

/** A sysdump has the DaemonSets of Cilium only, so that kube-proxy's is known by its pods alone. */
function unlistedOwner({ metadata }: Pod, origin: Frame['origin']): DaemonSet | undefined {
  if (origin !== 'sysdump') return undefined;
  const owner = metadata.ownerReferences?.find(({ kind }) => kind === 'DaemonSet');
  return owner && { metadata: { name: owner.name, ...(metadata.namespace && { namespace: metadata.namespace }) } };
}

const isMirrorPod = ({ metadata }: Pod): boolean =>
  metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined ||
  (metadata.ownerReferences ?? []).some(({ kind }) => kind === 'Node');

/**
 * k3s writes its arguments to the Node; agents take this one from their server, so what one server says holds for all.
 */
const isEmbeddedOneDisabled = (nodes: readonly Node[]): boolean =>
  nodes.some(({ metadata }) =>
    /"--disable-kube-proxy(=true)?"(?!,"false")/.test(
      (metadata.annotations?.['k3s.io/node-args'] ?? '').replaceAll(' ', ''),
    ),
  );
