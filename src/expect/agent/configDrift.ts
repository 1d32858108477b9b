import { defineNodeDerived } from '../../core/Derived.ts';
import { isAtLeast, parseVersion } from '../../knowledge/version.ts';
import { followedKeys, resolverKeys } from '../../knowledge/configKeys.ts';
import { isKnown, type Missing, missing, valueOf } from '../../model/Fact.ts';
import type { RawSettings } from '../../model/RawSettings.ts';
import { type ConfigFacts, type ConfiguredNode } from './AgentConfig.ts';
import { configSources } from './configSources.ts';
import { keysOf, type Layers, lookupNow } from './layers.ts';
import { nodeConfigsOn } from './nodeConfigs.ts';

/** One key that an agent would read differently now. Texts without white space around them; empty: not set. */
export interface KeyChange {
  readonly key: string;
  readonly started: string;
  readonly now: string;
}

/** What would be different if the agent started again, in the order of keys; missing where that cannot be said. */
function configDrift(node: ConfiguredNode, facts: ConfigFacts): readonly KeyChange[] | Missing {
  const { startedConfig, status } = node.facts;
  if (!isKnown(startedConfig)) return startedConfig;
  if (!isKnown(facts.ciliumConfig)) return facts.ciliumConfig;
  const started = startedConfig.value;
  const overrides = nodeConfigsOn(node.name, facts);
  const nodeConfigs = 'missing' in overrides ? undefined : overrides;
  const changes = changesOf({ configMap: facts.ciliumConfig.value, nodeConfigs, started }, started);
  const sources = configSources(started);
  // Since 1.17 the init container leaves this list. Without it kubelet keeps a mounted ConfigMap up to date by itself.
  if (sources === undefined && changes.length === 0 && hasInitContainer(valueOf(status)?.version)) return mounted;
  if (changes.length === 0) return changes;
  if ('missing' in overrides) return overrides;
  return sources?.hasOthers === true ? otherSources : changes;
}

export const configDriftOnNode = defineNodeDerived({
  name: 'configDriftOnNode',
  optional: { cluster: ['ciliumConfig', 'ciliumNodeConfigs', 'nodes'], node: ['status', 'startedConfig'] },
  compute:
    ({ cluster }) =>
    (node) =>
      configDrift(node, cluster),
});

function changesOf(api: Layers, started: RawSettings): readonly KeyChange[] {
  const now = lookupNow(api);
  const ignored = new Set(started.byKey.get('ignore-flags-drift-checker')?.split(/[\s,]+/));
  return [...new Set([...keysOf(api), ...started.byKey.keys()])]
    .filter((key) => !resolverKeys.has(key) && !followedKeys.has(key) && !ignored.has(key))
    .map((key) => ({ key, started: started.byKey.get(key)?.trim() ?? '', now: now(key)?.text ?? '' }))
    .filter((change) => change.started !== change.now)
    .toSorted((a, b) => (a.key < b.key ? -1 : 1));
}

function hasInitContainer(version: string | undefined): boolean {
  const parsed = parseVersion(version);
  return parsed !== undefined && isAtLeast(parsed, '1.17.0');
}

const mounted = missing('notCollected', 'the agent reads a mounted ConfigMap, which shows the present values only');

const otherSources = missing(
  'notCollected',
  'the agent also reads other sources than cilium-config and CiliumNodeConfigs',
);

/** Options of agents are written in small letters and dashes. */
export const isHelmName = (key: string): boolean => /[A-Z.]/.test(key);

/** What stood under such names when the agent started, and stands there now as long as nothing says otherwise. */
export const helmNamesIn = ({ byKey }: RawSettings): readonly KeyChange[] =>
  [...byKey]
    .filter(([key, text]) => isHelmName(key) && text.trim() !== '')
    .map(([key, text]) => ({ key, started: text.trim(), now: text.trim() }));
