import { defineDerived, defineNodeDerived } from '../../core/Derived.ts';
import { type Missing, valueOf } from '../../model/Fact.ts';
import type { NodeFacts } from '../../model/NodeFacts.ts';
import type { AgentConfig } from '../agent/AgentConfig.ts';
import { agentConfigOnNode } from '../agent/agentConfigOnNode.ts';
import type { AgentSettings } from '../agent/AgentSettings.ts';
import { commonSettings } from '../agent/commonSettings.ts';
import { replacementMode } from '../agent/replacementMode.ts';

/**
 * Whether Cilium replaces kube-proxy; missing where nothing tells. The partial modes of Cilium up to 1.15 share the
 * work with kube-proxy: they are `off`.
 */
export type Replacement = 'on' | 'off' | Missing;

/** What the agent says is in effect or, when it says nothing, what it is configured to do. */
export function replacementBy(status: NodeFacts['status'], config: AgentConfig | Missing): Replacement {
  const mode = valueOf(status)?.kpr?.mode;
  if (mode !== undefined) return replacementMode(mode) === 'on' ? 'on' : 'off';
  return asked('missing' in config ? config : config.settings);
}

export const replacementOnNode = defineNodeDerived({
  name: 'replacementOnNode',
  optional: { node: ['status'] },
  uses: [agentConfigOnNode],
  compute:
    () =>
    ({ facts, derived }) =>
      replacementBy(facts.status, derived(agentConfigOnNode)),
});

/** Whether the cluster is meant to go without kube-proxy: by its configuration, or because an agent says so. */
export const replacementWanted = defineDerived({
  name: 'replacementWanted',
  uses: [commonSettings, replacementOnNode],
  compute({ nodes, derived }): Replacement {
    const wanted = asked(derived(commonSettings));
    if (wanted === 'on') return 'on';
    return nodes.some((node) => node.derived(replacementOnNode) === 'on') ? 'on' : wanted;
  },
});

function asked(settings: AgentSettings | Missing): Replacement {
  if ('missing' in settings) return settings;
  return settings.replacement.value === 'on' ? 'on' : 'off';
}
