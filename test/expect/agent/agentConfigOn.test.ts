import { describe, expect, test } from 'vitest';
import {
  type AgentConfig,
  agentConfigOn,
  type ConfigFacts,
  type ConfiguredNode,
} from '../../../src/expect/agent/AgentConfig.ts';
import type { SettingOrigin } from '../../../src/expect/agent/Setting.ts';
import { parseVersion } from '../../../src/knowledge/version.ts';
import { type Fact, known, type Missing, missing } from '../../../src/model/Fact.ts';
import type { CiliumNodeConfig } from '../../../src/model/kubernetes.ts';
import type { RawSettings } from '../../../src/model/RawSettings.ts';
import { rawSettings } from '../../support/agentConfigs.ts';
import { aNode, healthyNode } from '../../support/healthy.ts';

type Texts = Readonly<Record<string, string>>;
const mode = 'bpf-lb-mode';
const byDefault: SettingOrigin = { kind: 'default' };
const byConfigMap: SettingOrigin = { kind: 'configMap' };
const asStarted: SettingOrigin = { kind: 'asStarted' };
const by = (name: string): SettingOrigin => ({ kind: 'nodeConfig', namespace: 'kube-system', name });

const nodeConfig = (name: string, defaults: Texts, pool = 'edge'): CiliumNodeConfig => ({
  metadata: { name, namespace: 'kube-system' },
  spec: { nodeSelector: { matchLabels: { pool } }, defaults },
});

/** What the init container writes down of where it looked. */
const sources = (...names: readonly string[]): Texts => ({
  'config-sources': JSON.stringify([
    { kind: 'config-map', namespace: 'kube-system', name: 'cilium-config' },
    ...names.map((name) => ({ kind: 'cilium-node-config', namespace: 'kube-system', name })),
  ]),
});

interface Given {
  readonly started?: Texts;
  readonly configMap?: Texts | Missing;
  readonly nodeConfigs?: readonly CiliumNodeConfig[] | Missing;
  readonly version?: string;
  readonly nodes?: Missing;
}

const fact = <T>(value: T | Missing): Fact<T> =>
  typeof value === 'object' && value !== null && 'missing' in value ? value : known(value, 'read');
const notRead = missing('timeout', 'not read');

function configOf({ started, configMap = {}, nodeConfigs = [], version, nodes }: Given): AgentConfig | Missing {
  const node: ConfiguredNode = {
    name: 'n1',
    facts: {
      status: notRead,
      startedConfig: fact<RawSettings>(started === undefined ? notRead : rawSettings(started)),
    },
  };
  const facts: ConfigFacts = {
    ciliumConfig: 'missing' in configMap ? notRead : known(rawSettings(configMap), 'read'),
    ciliumNodeConfigs: fact(nodeConfigs),
    nodes: nodes ?? known([aNode('n1', { metadata: { name: 'n1', labels: { pool: 'edge' } } })], 'read'),
  };
  return agentConfigOn(node, facts, parseVersion(version));
}

function known1(given: Given): AgentConfig {
  const config = configOf(given);
  if ('missing' in config) throw new Error(config.detail);
  return config;
}
const modeOf = (given: Given) => {
  const { value, origin } = known1(given).settings.mode;
  return [value, origin];
};
const nextModeOf = (given: Given) => {
  const { next } = known1(given);
  return 'missing' in next ? next : [next.mode.value, next.mode.origin];
};

describe('what counts', () => {
  test.each<[string, Given, readonly [string, SettingOrigin]]>([
    ['nothing is set', {}, ['snat', byDefault]],
    ['cilium-config', { configMap: { [mode]: 'dsr' } }, ['dsr', byConfigMap]],
    [
      'a CiliumNodeConfig overrides it',
      { configMap: { [mode]: 'dsr' }, nodeConfigs: [nodeConfig('edge', { [mode]: 'hybrid' })] },
      ['hybrid', by('edge')],
    ],
    [
      'the last one by name, however they are listed',
      {
        nodeConfigs: [
          nodeConfig('b', { [mode]: 'dsr' }),
          nodeConfig('c', { 'bpf-lb-algorithm': 'maglev' }),
          nodeConfig('a', { [mode]: 'hybrid' }),
        ],
      },
      ['dsr', by('b')],
    ],
    [
      'one of other nodes does not',
      { configMap: { [mode]: 'dsr' }, nodeConfigs: [nodeConfig('other', { [mode]: 'hybrid' }, 'core')] },
      ['dsr', byConfigMap],
    ],
    [
      'one that empties it: the agent’s default',
      { configMap: { [mode]: 'dsr' }, nodeConfigs: [nodeConfig('edge', { [mode]: '' })] },
      ['snat', byDefault],
    ],
    [
      'as it started, whatever stands in the API now',
      {
        started: { [mode]: 'dsr' },
        configMap: { [mode]: 'snat' },
        nodeConfigs: [nodeConfig('e', { [mode]: 'hybrid' })],
      },
      ['dsr', asStarted],
    ],
    ['it started without', { started: {}, configMap: { [mode]: 'dsr' } }, ['snat', byDefault]],
    [
      'overrides that could not be read override nothing',
      { configMap: { [mode]: 'dsr' }, nodeConfigs: notRead },
      ['dsr', byConfigMap],
    ],
    [
      'nor do those of a node whose labels could not be read',
      { configMap: { [mode]: 'dsr' }, nodeConfigs: [nodeConfig('edge', { [mode]: 'hybrid' })], nodes: notRead },
      ['dsr', byConfigMap],
    ],
    ['white space around it', { configMap: { [mode]: ' dsr\n' } }, ['dsr', byConfigMap]],
  ])('%s', (_, given, expected) => {
    expect(modeOf(given)).toEqual(expected);
  });

  test('neither source read: not known', () => {
    expect(configOf({ configMap: notRead })).toEqual(
      missing('notCollected', 'neither the agent’s configuration nor cilium-config was read'),
    );
  });
  test('where it comes from is told', () => {
    expect(known1({}).settingsFrom).toBe('api');
    expect(known1({ started: {} }).settingsFrom).toBe('started');
  });
});

describe('who decided what an agent started with', () => {
  const dsr = { [mode]: 'dsr' };
  test.each<[string, Given, SettingOrigin]>([
    ['cilium-config', { started: dsr, configMap: dsr }, byConfigMap],
    ['a CiliumNodeConfig', { started: dsr, nodeConfigs: [nodeConfig('edge', dsr)] }, by('edge')],
    [
      'both say the same: the one that counts',
      { started: dsr, configMap: dsr, nodeConfigs: [nodeConfig('e', dsr)] },
      by('e'),
    ],
    ['the ConfigMap was changed since', { started: dsr, configMap: { [mode]: 'snat' } }, asStarted],
    [
      'a CiliumNodeConfig came since: the list of sources lacks it',
      {
        started: { ...dsr, ...sources() },
        configMap: dsr,
        nodeConfigs: [nodeConfig('new', { [mode]: 'hybrid' })],
      },
      byConfigMap,
    ],
    [
      'a CiliumNodeConfig was changed since',
      {
        started: { ...dsr, ...sources('edge') },
        configMap: dsr,
        nodeConfigs: [nodeConfig('edge', { [mode]: 'hybrid' })],
      },
      asStarted,
    ],
    [
      'a CiliumNodeConfig, in the list of 1.16',
      {
        started: {
          ...dsr,
          'config-sources': 'config-map:kube-system/cilium-config,cilium-node-config:kube-system/edge',
        },
        nodeConfigs: [nodeConfig('edge', dsr)],
      },
      by('edge'),
    ],
    [
      'annotations of the Node are a source, too: nobody sees these',
      { started: { ...dsr, 'config-sources': '[{"kind":"config-map"},{"kind":"node","name":"n1"}]' }, configMap: dsr },
      asStarted,
    ],
    [
      'a second ConfigMap is',
      { started: { ...dsr, 'config-sources': 'config-map:a/b,config-map:a/c' }, configMap: dsr },
      asStarted,
    ],
    ['the ConfigMap was not read', { started: dsr, configMap: notRead }, asStarted],
    ['CiliumNodeConfigs were not', { started: dsr, configMap: dsr, nodeConfigs: notRead }, asStarted],
    [
      'CiliumNodeConfigs were not, but there were none',
      { started: { ...dsr, ...sources() }, configMap: dsr, nodeConfigs: notRead },
      byConfigMap,
    ],
    [
      'CiliumNodeConfigs were not, and there was one',
      { started: { ...dsr, ...sources('edge') }, configMap: dsr, nodeConfigs: notRead },
      asStarted,
    ],
    [
      'a list of sources that nobody understands',
      { started: { ...dsr, 'config-sources': '[{' }, configMap: dsr },
      asStarted,
    ],
  ])('%s', (_, given, expected) => {
    expect(modeOf(given)).toEqual(['dsr', expected]);
  });
});

const limits = (list: object): Texts => ({ 'config-sources-overrides': JSON.stringify(list) });

describe('what it would start with now', () => {
  const edge = nodeConfig('edge', { [mode]: 'hybrid' });
  test.each<[string, Given, unknown]>([
    ['as it started', { started: { [mode]: 'dsr' }, configMap: { [mode]: 'dsr' } }, ['dsr', byConfigMap]],
    ['changed since', { started: { [mode]: 'dsr' }, configMap: { [mode]: 'snat' } }, ['snat', byConfigMap]],
    ['overridden since', { started: {}, nodeConfigs: [edge] }, ['hybrid', by('edge')]],
    [
      'a key that may not be overridden',
      { started: limits({ allowConfigKeys: null, denyConfigKeys: [mode] }), nodeConfigs: [edge] },
      ['snat', byDefault],
    ],
    [
      'a key that is not among those that may',
      { started: limits({ allowConfigKeys: ['debug'], denyConfigKeys: null }), nodeConfigs: [edge] },
      ['snat', byDefault],
    ],
    [
      'a key that is',
      { started: limits({ allowConfigKeys: [mode], denyConfigKeys: [mode] }), nodeConfigs: [edge] },
      ['hybrid', by('edge')],
    ],
    [
      'empty lists',
      { started: limits({ allowConfigKeys: [], denyConfigKeys: [] }), nodeConfigs: [edge] },
      ['hybrid', by('edge')],
    ],
    ['the ConfigMap was not read', { started: { [mode]: 'dsr' }, configMap: notRead, nodeConfigs: [edge] }, notRead],
  ])('%s', (_, given, expected) => {
    expect(nextModeOf(given)).toEqual(expected);
  });
});

describe('the version', () => {
  test.each<[string | undefined, string, string]>([
    ['1.18.4', '1.18.4', 'cluster'],
    [undefined, '1.20.0', 'assumed'],
  ])('of an agent that does not tell it, while others say %s', (elsewhere, version, from) => {
    const config = known1({ ...(elsewhere !== undefined && { version: elsewhere }) });
    expect([config.version.version, config.versionFrom]).toEqual([version, from]);
  });
  test('is the agent’s own word before that of others', () => {
    const node = healthyNode('n1', 1);
    const facts = { ...node.facts, startedConfig: notRead };
    const cluster = { ciliumConfig: known(rawSettings({}), 'read'), ciliumNodeConfigs: notRead, nodes: notRead };
    expect(agentConfigOn({ name: 'n1', facts }, cluster, parseVersion('1.18.4'))).toMatchObject({
      version: { version: '1.19.6' },
      versionFrom: 'agent',
    });
  });
  test('decides which options there are', () => {
    const configMap = { 'bpf-lb-enable-wildcard-entries': 'false' };
    expect(known1({ configMap, version: '1.19.6' }).settings.wildcards.value).toBe(true);
    expect(known1({ configMap, version: '1.20.1' }).settings.wildcards.value).toBe(false);
  });
});
