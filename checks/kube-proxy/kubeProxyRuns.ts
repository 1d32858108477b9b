import type { ObjectRef } from '../../src/core/Finding.ts';
import type { NodeView } from '../../src/core/View.ts';
import { agentConfigOnNode } from '../../src/expect/agent/agentConfigOnNode.ts';
import { answersForKubeProxy } from '../../src/expect/agent/combinedSettings.ts';
import type { KubeProxyPresence } from '../../src/expect/kube-proxy/kubeProxyPresence.ts';
import { ipvsLink } from '../../src/knowledge/iptablesOwners.ts';
import { daemonSetOwners, embeddingOwners, staticPodOwners } from '../../src/knowledge/kubeProxyOwners.ts';
import { valueOf } from '../../src/model/Fact.ts';
import type { ObjectMeta } from '../../src/model/kubernetes.ts';
import type { Distribution } from '../../src/model/Snapshot.ts';

type View = NodeView<never, 'status', never, typeof agentConfigOnNode>;

export type Runs = Extract<KubeProxyPresence, { kind: 'runs' }>;

/** The variant of KPR3001, by whoever keeps kube-proxy there. */
export function variantOf(runs: Runs, distribution: Distribution) {
  switch (runs.by) {
    case 'daemonSet':
      if (runs.daemonSet.metadata.namespace?.startsWith('openshift-')) return 'openshift';
      return valueIn(daemonSetOwners, distribution) ?? 'daemonSet';
    case 'staticPod':
      return valueIn(staticPodOwners, distribution) ?? 'staticPod';
    case 'embedded':
      return valueIn(embeddingOwners, distribution) ?? 'process';
    case 'pod':
    case 'process':
      return runs.by;
    default:
      return runs satisfies never;
  }
}

const valueIn = <T extends object>(owners: T, distribution: string): T[keyof T] | undefined =>
  distribution in owners ? owners[distribution as keyof T] : undefined;

/** What keeps kube-proxy there, as a key: the DaemonSet, or the kind of holder. */
export const holderOf = (runs: Runs): string =>
  runs.by === 'daemonSet' ? `${runs.daemonSet.metadata.namespace}/${runs.daemonSet.metadata.name}` : runs.by;

export function objectOf(runs: Runs): ObjectRef | undefined {
  switch (runs.by) {
    case 'daemonSet':
      return { kind: 'DaemonSet', ...nameOf(runs.daemonSet.metadata) };
    case 'staticPod':
    case 'pod':
      return { kind: 'Pod', ...nameOf(runs.pod.metadata) };
    case 'embedded':
    case 'process':
      return undefined;
    default:
      return runs satisfies never;
  }
}

const nameOf = ({ namespace = '', name }: ObjectMeta) => ({ namespace, name });

/** Where the two do not merely do the same work twice, but hinder each other. */
export function conflictOf(nodes: readonly View[]): string | undefined {
  const bind = healthAddress(nodes);
  if (bind !== undefined) return `both want port 10256 (kube-proxy-replacement-healthz-bind-address ${bind})`;
  const taken = nodes.some(({ facts }) => valueOf(facts.status)?.kpr?.devices.some(({ name }) => name === ipvsLink));
  return taken ? `agents took its link ${ipvsLink} for a device of the node` : undefined;
}

/** Where an agent answers on kube-proxy's health port; undefined: none does. */
function healthAddress(nodes: readonly View[]): string | undefined {
  const settings = nodes.flatMap(({ derived }) => {
    const config = derived(agentConfigOnNode);
    return 'missing' in config ? [] : [config.settings];
  });
  return settings.find(answersForKubeProxy)?.healthzBindAddress.value;
}
