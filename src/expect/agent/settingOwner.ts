import { isKnown, valueOf } from '../../model/Fact.ts';
import type { ConfigFacts, ConfiguredNode } from './AgentConfig.ts';
import { configSources } from './configSources.ts';
import { lookupNow } from './layers.ts';
import { nodeConfigsOn } from './nodeConfigs.ts';
import type { SettingOrigin } from './Setting.ts';

/** Where a value has to be changed. */
export type SettingOwner =
  | Extract<SettingOrigin, { readonly kind: 'configMap' | 'nodeConfig' }>
  /** An annotation of the Node, where the agents are told to read these, too. */
  | { readonly kind: 'nodeAnnotation'; readonly node: string; readonly annotation: string };

const configMap: SettingOwner = { kind: 'configMap' };

/**
 * Who decides what an agent finds under a key when it starts next. What nobody sets is for `cilium-config` to set
 * (cilium: pkg/option/resolver).
 */
export function settingOwner(key: string, node: ConfiguredNode, facts: ConfigFacts): SettingOwner {
  if (!isKnown(facts.ciliumConfig)) return configMap;
  const started = valueOf(node.facts.startedConfig);
  const annotation = `config.cilium.io/${key}`;
  const object = (valueOf(facts.nodes) ?? []).find(({ metadata }) => metadata.name === node.name);
  if (started && configSources(started)?.hasNode === true && object?.metadata.annotations?.[annotation] !== undefined)
    return { kind: 'nodeAnnotation', node: node.name, annotation };
  const overrides = nodeConfigsOn(node.name, facts);
  const nodeConfigs = 'missing' in overrides ? undefined : overrides;
  const origin = lookupNow({ configMap: facts.ciliumConfig.value, nodeConfigs, started })(key)?.origin;
  return origin?.kind === 'nodeConfig' ? origin : configMap;
}
