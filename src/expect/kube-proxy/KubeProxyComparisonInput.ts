import type { ProxyTable } from '../../model/lb/ProxyTable.ts';
import type { ExpectedTable } from '../lb/ExpectedTable.ts';
import type { ExpectNode } from '../lb/ExpectNode.ts';
import type { ApiObjects } from '../lb/expectTable.ts';
import type { LbConfig } from '../lb/LbConfig.ts';

/** What Cilium is asked to hold on a node, what kube-proxy does there, and what decides whether the two must agree. */
export interface KubeProxyComparisonInput {
  readonly expected: ExpectedTable;
  readonly proxy: ProxyTable;
  readonly node: ExpectNode;
  readonly config: LbConfig;
  readonly objects: Pick<ApiObjects, 'services' | 'endpointSlices'>;
}
