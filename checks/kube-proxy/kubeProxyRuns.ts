import type { ObjectRef } from '../../src/core/Finding.ts';
import { agentConfigIn } from '../../src/expect/agent/AgentConfig.ts';
import { answersForKubeProxy } from '../../src/expect/agent/combinedSettings.ts';
import type { KubeProxyPresence } from '../../src/expect/kube-proxy/kubeProxyPresence.ts';
import { ipvsLink } from '../../src/knowledge/iptablesOwners.ts';
import { daemonSetOwners, embeddingOwners, staticPodOwners } from '../../src/knowledge/kubeProxyOwners.ts';
import { valueOf } from '../../src/model/Fact.ts';
import type { ObjectMeta } from '../../src/model/kubernetes.ts';
import type { NodeSnapshot, Snapshot } from '../../src/model/Snapshot.ts';

export type Runs = Extract<KubeProxyPresence, { kind: 'runs' }>;

/** The variant of KPR3001, by whoever keeps kube-proxy there. */
export function variantOf(runs: Runs, { distribution }: Snapshot) {
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
export function conflictOf(nodes: readonly NodeSnapshot[], snapshot: Snapshot): string | undefined {
  const bind = healthAddress(nodes, snapshot);
  if (bind !== undefined) return `both want port 10256 (kube-proxy-replacement-healthz-bind-address ${bind})`;
  const taken = nodes.some((node) => valueOf(node.facts.status)?.kpr?.devices.some(({ name }) => name === ipvsLink));
  return taken ? `agents took its link ${ipvsLink} for a device of the node` : undefined;
}

/** Where an agent answers on kube-proxy's health port; undefined: none does. */
function healthAddress(nodes: readonly NodeSnapshot[], snapshot: Snapshot): string | undefined {
  const settings = nodes.flatMap((node) => {
    const config = agentConfigIn(snapshot, node);
    return 'missing' in config ? [] : [config.settings];
  });
  return settings.find(answersForKubeProxy)?.healthzBindAddress.value;
}
