import { expect, test } from 'vitest';
import { Derivations } from '../../../src/core/Derivations.ts';
import { configDriftOnNode } from '../../../src/expect/agent/configDrift.ts';
import { missing } from '../../../src/model/Fact.ts';
import type { CiliumNodeConfig } from '../../../src/model/kubernetes.ts';
import { aSnapshot, type SnapshotChanges } from '../../support/aSnapshot.ts';
import { aNode } from '../../support/healthy.ts';

type Texts = Readonly<Record<string, string>>;
const sources = { 'config-sources': '[{"kind":"config-map","namespace":"kube-system","name":"cilium-config"}]' };
const edge: CiliumNodeConfig = {
  metadata: { name: 'edge', namespace: 'kube-system' },
  spec: { nodeSelector: { matchLabels: { pool: 'edge' } }, defaults: { devices: 'eth1' } },
};
const labelled = [aNode('n1', { metadata: { name: 'n1', labels: { pool: 'edge' } } })];
const notRead = missing('forbidden', 'not read');

const driftOnN1 = (started: Texts, facts: SnapshotChanges['facts'] = {}) =>
  new Derivations(
    aSnapshot({ facts, nodes: { n1: { startedConfig: new Map(Object.entries({ ...sources, ...started })) } } }),
  ).on(configDriftOnNode, 'n1');

const drift = (started: Texts, configMap: Texts, nodeConfigs: readonly CiliumNodeConfig[] = []) =>
  driftOnN1(started, {
    ciliumConfig: new Map(Object.entries(configMap)),
    ciliumNodeConfigs: nodeConfigs,
    nodes: labelled,
  });

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
  const facts = { ciliumConfig: new Map<string, string>(), ciliumNodeConfigs: [edge], nodes: notRead };
  expect(driftOnN1({ a: '1' }, facts)).toMatchObject(notRead);
});
