import { defineNodeDerived } from '../../core/Derived.ts';
import { isKnown, type Missing, valueOf } from '../../model/Fact.ts';
import { lookupNow, lookupStarted } from './layers.ts';
import { nodeConfigsOn } from './nodeConfigs.ts';
import type { Lookup } from './Setting.ts';

/**
 * Any option of a node's agent as it is written, for what AgentSettings does not name: as it started, else as of now.
 */
export const optionsOnNode = defineNodeDerived({
  name: 'optionsOnNode',
  optional: { cluster: ['ciliumConfig', 'ciliumNodeConfigs', 'nodes'], node: ['startedConfig'] },
  compute:
    ({ cluster }) =>
    ({ name, facts }): Lookup | Missing => {
      const started = valueOf(facts.startedConfig);
      if (started !== undefined) return lookupStarted(started, undefined);
      if (!isKnown(cluster.ciliumConfig)) return cluster.ciliumConfig;
      const overrides = nodeConfigsOn(name, cluster);
      const nodeConfigs = 'missing' in overrides ? undefined : overrides;
      return lookupNow({ configMap: cluster.ciliumConfig.value, nodeConfigs, started });
    },
});

/** The same after the agent's next start: what stands in the API now. */
export const nextOptionsOnNode = defineNodeDerived({
  name: 'nextOptionsOnNode',
  optional: { cluster: ['ciliumConfig', 'ciliumNodeConfigs', 'nodes'], node: ['startedConfig'] },
  compute:
    ({ cluster }) =>
    ({ name, facts }): Lookup | Missing => {
      if (!isKnown(cluster.ciliumConfig)) return cluster.ciliumConfig;
      const overrides = nodeConfigsOn(name, cluster);
      if ('missing' in overrides) return overrides;
      const started = valueOf(facts.startedConfig);
      return lookupNow({ configMap: cluster.ciliumConfig.value, nodeConfigs: overrides, started });
    },
});
