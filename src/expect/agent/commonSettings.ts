import { defineDerived } from '../../core/Derived.ts';
import { isKnown, type Missing } from '../../model/Fact.ts';
import { clusterSettings } from './AgentConfig.ts';
import type { AgentSettings } from './AgentSettings.ts';
import { clusterVersion } from './agentVersion.ts';

/** What `cilium-config` asks of agents that no CiliumNodeConfig selects. */
export const commonSettings = defineDerived({
  name: 'commonSettings',
  optional: { cluster: ['ciliumConfig', 'daemonSets'], node: ['status'] },
  compute({ cluster, frame, nodes }): AgentSettings | Missing {
    const { ciliumConfig } = cluster;
    if (!isKnown(ciliumConfig)) return ciliumConfig;
    return clusterSettings(ciliumConfig.value, clusterVersion({ nodes, facts: cluster, cilium: frame.cilium }));
  },
});
