import { defineNodeDerived } from '../../core/Derived.ts';
import { type Missing, missing } from '../../model/Fact.ts';
import { agentConfigOnNode } from '../agent/agentConfigOnNode.ts';
import { type LbConfig, lbConfigOf } from './LbConfig.ts';

/** How a node's agent balances, as far as its maps depend on it. */
export const lbConfigOnNode = defineNodeDerived({
  name: 'lbConfigOnNode',
  uses: [agentConfigOnNode],
  compute:
    () =>
    ({ derived }): LbConfig | Missing => {
      const config = derived(agentConfigOnNode);
      if ('missing' in config) return config;
      return config.versionFrom === 'assumed'
        ? missing('notCollected', 'no agent told its version, by which rows differ')
        : lbConfigOf(config);
    },
});
