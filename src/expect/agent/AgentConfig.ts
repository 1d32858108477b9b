import { newestKnown } from '../../knowledge/ciliumVersion.ts';
import { parseVersion, type Version } from '../../knowledge/version.ts';
import { isKnown, type Missing, missing, valueOf } from '../../model/Fact.ts';
import type { NodeFacts } from '../../model/NodeFacts.ts';
import type { ClusterFacts } from '../../model/Snapshot.ts';
import { type AgentSettings, agentSettings } from './AgentSettings.ts';
import { type Layers, lookupNow, lookupStarted } from './layers.ts';
import { nodeConfigsOn } from './nodeConfigs.ts';

/** How the agent of one node is configured. */
export interface AgentConfig {
  /** By whose defaults it is read. */
  readonly version: Version;
  /** `assumed`: nobody tells the version, so the newest that is known is taken. */
  readonly versionFrom: 'agent' | 'cluster' | 'assumed';
  /** What it runs with: what it started with, or where that is not known, what it would start with now. */
  readonly settings: AgentSettings;
  readonly settingsFrom: 'started' | 'api';
  /** What it would start with now; missing where `cilium-config` is. */
  readonly next: AgentSettings | Missing;
}

/** The facts of a node that tell it. */
export interface ConfiguredNode {
  readonly name: string;
  readonly facts: Pick<NodeFacts, 'status' | 'startedConfig'>;
}

export type ConfigFacts = Pick<ClusterFacts, 'ciliumConfig' | 'ciliumNodeConfigs' | 'nodes'>;

/**
 * The one answer to how an agent is configured: as it started; else as `cilium-config` says, overridden by the
 * CiliumNodeConfigs that select the node (cilium: pkg/option/resolver). What overrides and could not be read, overrides
 * nothing. Missing where neither source could be read.
 * @param elsewhere the version, where the agent itself does not tell it
 */
export function agentConfigOn(
  node: ConfiguredNode,
  facts: ConfigFacts,
  elsewhere: Version | undefined,
): AgentConfig | Missing {
  const said = parseVersion(valueOf(node.facts.status)?.version);
  const version = said ?? elsewhere ?? newestKnown;
  const versionFrom = said !== undefined ? 'agent' : elsewhere === undefined ? 'assumed' : 'cluster';
  const started = valueOf(node.facts.startedConfig);
  const api = layersOn(node, facts);
  const next = 'missing' in api ? api : agentSettings(lookupNow(api), version);
  if (started !== undefined) {
    const settings = agentSettings(lookupStarted(started, 'missing' in api ? undefined : api), version);
    return { version, versionFrom, settings, settingsFrom: 'started', next };
  }
  if ('missing' in next) return unread;
  return { version, versionFrom, settings: next, settingsFrom: 'api', next };
}

function layersOn(node: ConfiguredNode, facts: ConfigFacts): Layers | Missing {
  if (!isKnown(facts.ciliumConfig)) return facts.ciliumConfig;
  const overrides = nodeConfigsOn(node.name, facts);
  return {
    configMap: facts.ciliumConfig.value,
    nodeConfigs: 'missing' in overrides ? undefined : overrides,
    started: valueOf(node.facts.startedConfig),
  };
}

const unread = missing('notCollected', 'neither the agent’s configuration nor cilium-config was read');
