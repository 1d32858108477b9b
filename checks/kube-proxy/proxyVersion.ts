import { parseVersion } from '../../src/knowledge/version.ts';
import { valueOf } from '../../src/model/Fact.ts';
import type { ClusterFacts } from '../../src/model/Snapshot.ts';

/**
 * The tag of kube-proxy's image that fits the API server, without what distributions add to versions
 * (`v1.31.4-eks-2d5f260`).
 */
export function proxyVersion(ofCluster: ClusterFacts['version']): string {
  const version = parseVersion(valueOf(ofCluster)?.gitVersion);
  return version === undefined ? 'VERSION' : `v${version.version}`;
}
