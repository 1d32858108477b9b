import { imageVersion, newestOf, parseVersion, type Version } from '../../knowledge/version.ts';
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
export function clusterVersion(cluster: ClusterOfAgents): Version | undefined {
  for (const node of cluster.nodes) {
    const version = versionOf(node);
    if (version !== undefined) return version;
  }
  return templated(cluster)[0];
}

/** Where an upgrade has not come to every agent yet: what those have that it has come to, or will have. */
export const newestVersion = (cluster: ClusterOfAgents): Version | undefined =>
  newestOf([...cluster.nodes.flatMap((node) => versionOf(node) ?? []), ...templated(cluster)]);

const versionOf = ({ facts }: ClusterOfAgents['nodes'][number]): Version | undefined =>
  parseVersion(valueOf(facts.status)?.version);

const templated = ({ facts, cilium }: ClusterOfAgents): readonly Version[] =>
  (valueOf(facts.daemonSets) ?? [])
    .filter(({ metadata }) => metadata.namespace === cilium.namespace && cilium.agentDaemonSets.includes(metadata.name))
    .flatMap(({ spec }) => spec?.template?.spec?.containers ?? [])
    .flatMap(({ name, image }) => (name === 'cilium-agent' ? (imageVersion(image) ?? []) : []));
