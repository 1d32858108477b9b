import { type AgentConfig, agentConfigOn } from '../../src/expect/agent/AgentConfig.ts';
import { type LbConfig, lbConfigOf } from '../../src/expect/lb/LbConfig.ts';
import { parseVersion } from '../../src/knowledge/version.ts';
import { known, missing } from '../../src/model/Fact.ts';
import type { RawSettings } from '../../src/model/RawSettings.ts';

type Texts = Readonly<Record<string, string>>;

export const rawSettings = (texts: Texts): RawSettings => ({ byKey: new Map(Object.entries(texts)) });

const notRead = missing('notCollected', 'not of this test');

/** How an agent is configured that started with these settings. */
export function startedWith(texts: Texts, version = '1.20.1'): AgentConfig {
  const facts = { status: notRead, startedConfig: known(rawSettings(texts), 'grep') };
  const cluster = { ciliumConfig: notRead, ciliumNodeConfigs: notRead, nodes: notRead };
  const config = agentConfigOn({ name: 'n1', facts }, cluster, parseVersion(version));
  if ('missing' in config) throw new Error(config.detail);
  return config;
}

export const lbConfigWith = (texts: Texts, version?: string): LbConfig => lbConfigOf(startedWith(texts, version));
