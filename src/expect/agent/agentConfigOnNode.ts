import { defineNodeDerived } from '../../core/Derived.ts';
import type { Missing } from '../../model/Fact.ts';
import { type AgentConfig, agentConfigOn } from './AgentConfig.ts';
import { clusterVersion } from './agentVersion.ts';

/** How the agent of a node is configured, each setting with whoever decided it. */
export const agentConfigOnNode = defineNodeDerived({
  name: 'agentConfigOnNode',
  optional: {
    cluster: ['ciliumConfig', 'ciliumNodeConfigs', 'nodes', 'daemonSets'],
    node: ['status', 'startedConfig'],
  },
  compute({ cluster, frame, nodes }) {
    const elsewhere = clusterVersion({ nodes, facts: cluster, cilium: frame.cilium });
    return (node): AgentConfig | Missing => agentConfigOn(node, cluster, elsewhere);
  },
});
