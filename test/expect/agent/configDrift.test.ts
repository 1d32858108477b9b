import { expect, test } from 'vitest';
import { configDrift } from '../../../src/expect/agent/configDrift.ts';
import { known, missing } from '../../../src/model/Fact.ts';
import type { CiliumNodeConfig } from '../../../src/model/kubernetes.ts';
import { rawSettings } from '../../support/agentConfigs.ts';
import { aNode, healthyNode } from '../../support/healthy.ts';

type Texts = Readonly<Record<string, string>>;
const sources = { 'config-sources': '[{"kind":"config-map","namespace":"kube-system","name":"cilium-config"}]' };
const edge: CiliumNodeConfig = {
  metadata: { name: 'edge', namespace: 'kube-system' },
  spec: { nodeSelector: { matchLabels: { pool: 'edge' } }, defaults: { devices: 'eth1' } },
};
const labelled = known([aNode('n1', { metadata: { name: 'n1', labels: { pool: 'edge' } } })], 'read');
const notRead = missing('forbidden', 'not read');

const drift = (started: Texts, configMap: Texts, nodeConfigs: readonly CiliumNodeConfig[] = [], nodes = labelled) =>
  configDrift(
    {
      name: 'n1',
      facts: { ...healthyNode('n1', 1).facts, startedConfig: known(rawSettings({ ...sources, ...started }), 'read') },
    },
    {
      ciliumConfig: known(rawSettings(configMap), 'read'),
      ciliumNodeConfigs: known(nodeConfigs, 'read'),
      nodes,
    },
  );

test('what has changed, in the order of keys', () => {
  expect(drift({ b: '1', a: '1', c: '3' }, { c: '3', b: '2' })).toEqual([
    { key: 'a', started: '1', now: '' },
    { key: 'b', started: '1', now: '2' },
  ]);
});
test('an override that may not be is none', () => {
  const limits = { 'config-sources-overrides': '{"allowConfigKeys":null,"denyConfigKeys":["devices"]}' };
  expect(drift(limits, {}, [edge])).toEqual([]);
  expect(drift({}, {}, [edge])).toEqual([{ key: 'devices', started: '', now: 'eth1' }]);
});
test('sources that nobody sees, also as 1.16 lists them', () => {
  const others = { 'config-sources': 'config-map:kube-system/cilium-config,node:n1' };
  expect(drift({ a: '1', ...others }, {})).toMatchObject({ missing: 'notCollected' });
  expect(drift({ a: '1', 'config-sources': 'config-map:kube-system/cilium-config' }, {})).toHaveLength(1);
});
test('labels that were not read: which CiliumNodeConfigs select the node is not known', () => {
  const node = {
    name: 'n1',
    facts: { ...healthyNode('n1', 1).facts, startedConfig: known(rawSettings({ ...sources, a: '1' }), 'read') },
  };
  const facts = {
    ciliumConfig: known(rawSettings({}), 'read'),
    ciliumNodeConfigs: known([edge], 'read'),
    nodes: notRead,
  };
  expect(configDrift(node, facts)).toBe(notRead);
});
