import { imageVersion, parseVersion, type Version } from '../../knowledge/version.ts';
import { valueOf } from '../../model/Fact.ts';
import type { NodeFacts } from '../../model/NodeFacts.ts';
import type { CiliumInstallation, ClusterFacts } from '../../model/Snapshot.ts';

/** What tells which Cilium a cluster runs. */
export interface ClusterOfAgents {
  readonly nodes: readonly { readonly facts: Pick<NodeFacts, 'status'> }[];
  readonly facts: Pick<ClusterFacts, 'daemonSets'>;
  readonly cilium: Pick<CiliumInstallation, 'namespace' | 'agentDaemonSets'>;
}

/** For agents that do not tell: what another one is (KPR1006 tells when they differ), or their image. */
export function clusterVersion({ nodes, facts, cilium }: ClusterOfAgents): Version | undefined {
  for (const node of nodes) {
    const version = parseVersion(valueOf(node.facts.status)?.version);
    if (version !== undefined) return version;
  }
  return (valueOf(facts.daemonSets) ?? [])
    .filter(({ metadata }) => metadata.namespace === cilium.namespace && cilium.agentDaemonSets.includes(metadata.name))
    .flatMap(({ spec }) => spec?.template?.spec?.containers ?? [])
    .filter(({ name }) => name === 'cilium-agent')
    .map(({ image }) => imageVersion(image))
    .find((version) => version !== undefined);
}
