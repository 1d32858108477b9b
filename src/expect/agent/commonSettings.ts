import { defineDerived } from '../../core/Derived.ts';
import { newestKnown } from '../../knowledge/ciliumVersion.ts';
import { isKnown, type Missing } from '../../model/Fact.ts';
import { type AgentSettings, agentSettings } from './AgentSettings.ts';
import { clusterVersion } from './agentVersion.ts';
import { lookupNow } from './layers.ts';

/** What `cilium-config` asks of agents that no CiliumNodeConfig selects. */
export const commonSettings = defineDerived({
  name: 'commonSettings',
  optional: { cluster: ['ciliumConfig', 'daemonSets'], node: ['status'] },
  compute({ cluster, frame, nodes }): AgentSettings | Missing {
    const { ciliumConfig } = cluster;
    if (!isKnown(ciliumConfig)) return ciliumConfig;
    const version = clusterVersion({ nodes, facts: cluster, cilium: frame.cilium }) ?? newestKnown;
    return agentSettings(lookupNow({ configMap: ciliumConfig.value, nodeConfigs: [], started: undefined }), version);
  },
});
