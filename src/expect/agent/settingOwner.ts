import { isKnown, valueOf } from '../../model/Fact.ts';
import type { ConfigFacts, ConfiguredNode } from './AgentConfig.ts';
import { lookupNow } from './layers.ts';
import { nodeConfigsOn } from './nodeConfigs.ts';
import type { SettingOrigin } from './Setting.ts';

/**
 * Who decides what an agent finds under a key when it starts next; whoever wants it changed has to change it there.
 * What nobody sets is for `cilium-config` to set.
 */
export function settingOwner(key: string, node: ConfiguredNode, facts: ConfigFacts): SettingOrigin {
  if (!isKnown(facts.ciliumConfig)) return { kind: 'configMap' };
  const overrides = nodeConfigsOn(node.name, facts);
  const now = lookupNow({
    configMap: facts.ciliumConfig.value,
    nodeConfigs: 'missing' in overrides ? undefined : overrides,
    started: valueOf(node.facts.startedConfig),
  });
  return now(key)?.origin ?? { kind: 'configMap' };
}
