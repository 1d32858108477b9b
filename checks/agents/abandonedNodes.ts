import { embedding, isKubeProxyPod } from '../../src/expect/kube-proxy/kubeProxyPresence.ts';
import { type Fact, valueOf } from '../../src/model/Fact.ts';
import type { DaemonSet, Node, Pod } from '../../src/model/kubernetes.ts';
import type { Frame } from '../../src/model/Snapshot.ts';

interface Abandoned {
  readonly node: string;
  readonly why: string;
  /** The label that the agents’ DaemonSet asks for, `key=value`; undefined: it is not a matter of one. */
  readonly wanted: string | undefined;
  readonly sign: string;
}

interface Objects {
  readonly nodes: Fact<readonly Node[]>;
  readonly pods: Fact<readonly Pod[]>;
  readonly systemPods: readonly Pod[];
  readonly daemonSets: readonly DaemonSet[];
}

const notReady = 'node.cilium.io/agent-not-ready';

/**
 * Linux nodes on which no agent is to run and no kube-proxy runs, and that have pods in the pod network, or the mark
 * that Cilium’s operator sets where an agent is wanting. A kube-proxy in the distribution’s own process would not show.
 */
export function abandonedNodes({ nodes, pods, systemPods, daemonSets }: Objects, frame: Frame): readonly Abandoned[] {
  const objects = new Map((valueOf(nodes) ?? []).map((one) => [one.metadata.name, one]));
  const podsOn = Map.groupBy([...(valueOf(pods) ?? []), ...systemPods], ({ spec }) => spec?.nodeName);
  return frame.nodes.flatMap(({ name, coverage }) => {
    const node = objects.get(name);
    if (coverage.kind !== 'excluded' || node === undefined || !isOrdinary(node)) return [];
    const here = podsOn.get(name) ?? [];
    if (here.some(isKubeProxyPod)) return [];
    const isMarked = (node.spec?.taints ?? []).some(({ key }) => key === notReady);
    const pod = embedding.has(frame.distribution) ? undefined : here.find((one) => isInPodNetwork(one, node));
    if (!isMarked && pod === undefined) return [];
    const sign = isMarked
      ? `${name}: taint ${notReady}`
      : `${pod?.metadata.name ?? ''} on ${name} has ${pod?.status?.podIP ?? ''}`;
    return [{ node: name, why: coverage.why, wanted: wantedLabel(node, daemonSets, frame), sign }];
  });
}

const isOrdinary = ({ metadata: { labels = {} }, status }: Node): boolean =>
  (labels['kubernetes.io/os'] ?? status?.nodeInfo?.operatingSystem) !== 'windows' &&
  labels['type'] !== 'virtual-kubelet' &&
  labels['eks.amazonaws.com/compute-type'] !== 'fargate';

const isInPodNetwork = ({ status }: Pod, { status: { addresses = [] } = {} }: Node): boolean =>
  status?.phase === 'Running' &&
  status.podIP !== undefined &&
  !addresses.some(({ address }) => address === status.podIP);

function wantedLabel({ metadata }: Node, daemonSets: readonly DaemonSet[], { cilium }: Frame): string | undefined {
  const agents = daemonSets.find(
    (one) => one.metadata.namespace === cilium.namespace && cilium.agentDaemonSets.includes(one.metadata.name),
  );
  const selector = Object.entries(agents?.spec?.template?.spec?.nodeSelector ?? {});
  return selector.find(([key, value]) => metadata.labels?.[key] !== value)?.join('=');
}
