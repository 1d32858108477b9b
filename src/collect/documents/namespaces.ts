import { isKubeProxyDaemonSet } from '../../expect/kube-proxy/kubeProxyPresence.ts';
import { isClusterOwnedDaemonSet } from '../../model/clusterOwned.ts';
import { isKnown, valueOf } from '../../model/Fact.ts';
import type { RawDocuments } from '../../model/raw.ts';
import type { DocumentReader } from '../../parse/DocumentReader.ts';
import { agentNamespaceByPods, findCilium, isAgentDaemonSet } from '../../parse/findCilium.ts';
import type { CollectPlan } from '../RawSource.ts';
import { onlyDocuments } from './documentLists.ts';

/**
 * Where the agents are: as the user says, by their DaemonSet, or (when those may not be listed) by the pods themselves.
 */
export function ciliumNamespace(
  documents: Pick<RawDocuments, 'daemonSets' | 'systemPods'>,
  plan: CollectPlan,
  reader: DocumentReader,
): string {
  if (plan.ciliumNamespace !== undefined) return plan.ciliumNamespace;
  const facts = reader.read(onlyDocuments(documents, ['daemonSets', 'systemPods']));
  if (isKnown(facts.daemonSets)) {
    // A cluster that still has kube-proxy alone is captured, too; whoever needs agents says that there are none.
    const before = !facts.daemonSets.value.some(isAgentDaemonSet) && facts.daemonSets.value.some(isKubeProxyDaemonSet);
    const pods = valueOf(facts.systemPods) ?? [];
    return before ? 'kube-system' : findCilium(facts.daemonSets.value, pods, undefined).namespace;
  }
  return agentNamespaceByPods(valueOf(facts.systemPods) ?? []) ?? 'kube-system';
}

/** OpenShift and others run kube-proxy in a namespace of its own. */
export function kubeProxyNamespaces(documents: Pick<RawDocuments, 'daemonSets'>, reader: DocumentReader): string[] {
  const { daemonSets } = reader.read(onlyDocuments(documents, ['daemonSets']));
  if (!isKnown(daemonSets)) return [];
  return daemonSets.value
    .filter((one) => one.metadata.name.includes('kube-proxy') && isClusterOwnedDaemonSet(one))
    .flatMap(({ metadata }) => metadata.namespace ?? []);
}
