import { type Missing, valueOf } from '../../model/Fact.ts';
import type { NodeSnapshot, Snapshot } from '../../model/Snapshot.ts';
import { agentConfigIn, clusterSettingsIn } from '../agent/AgentConfig.ts';
import type { AgentSettings } from '../agent/AgentSettings.ts';
import { replacementMode } from '../agent/replacementMode.ts';

/**
 * Whether Cilium replaces kube-proxy. The partial modes of Cilium up to 1.15 share the work with kube-proxy:
 * they are `off`.
 */
export type Replacement = 'on' | 'off' | 'unknown';

type WithAgents = Pick<Snapshot, 'facts' | 'nodes' | 'cilium'>;

/** What is in effect on a node by its agent's own word, or (when it says nothing) what the agent is configured to. */
export function replacementOn(node: NodeSnapshot, snapshot: WithAgents): Replacement {
  const mode = valueOf(node.facts.status)?.kpr?.mode;
  if (mode !== undefined) return replacementMode(mode) === 'on' ? 'on' : 'off';
  const config = agentConfigIn(snapshot, node);
  return asked('missing' in config ? config : config.settings);
}

/** Whether the cluster is meant to go without kube-proxy: by its configuration, or because an agent says so. */
export function replacementWanted(snapshot: WithAgents): Replacement {
  const wanted = asked(clusterSettingsIn(snapshot));
  if (wanted === 'on') return 'on';
  return snapshot.nodes.some((node) => replacementOn(node, snapshot) === 'on') ? 'on' : wanted;
}

function asked(settings: AgentSettings | Missing): Replacement {
  if ('missing' in settings) return 'unknown';
  return settings.replacement.value === 'on' ? 'on' : 'off';
}
