import { expect, test } from 'vitest';
import { agentsWouldStart } from '../../../checks/agents/agentsWouldStart.ts';
import { configCurrent } from '../../../checks/agents/configCurrent.ts';
import { configThere } from '../../../checks/agents/configThere.ts';
import { aMissing, aSnapshot, codesOf, type SnapshotChanges } from '../../support/aSnapshot.ts';
import { ciliumConfig } from '../../support/healthy.ts';
import { noNode, standardCases } from '../../support/standardCases.ts';

const gone: SnapshotChanges = { facts: { ciliumConfig: aMissing('absent') } };

const stray: SnapshotChanges = {
  cilium: {
    namespace: 'kube-system',
    agentDaemonSets: ['cilium'],
    operatorDeployment: 'cilium-operator',
    strayNodeConfigs: ['default/edge'],
  },
};
/** `daemon.configSources` of the chart names another namespace. */
const told = new Map([
  ...ciliumConfig,
  ['config-sources', '[{"kind":"cilium-node-config","namespace":"default","name":"edge"}]'] as const,
]);

const unread = { n1: { startedConfig: aMissing('timeout') }, n2: { startedConfig: aMissing('timeout') } };
const besides = new Map([
  ...ciliumConfig,
  ['config-sources', '[{"kind":"cilium-node-config","namespace":"default","name":"gpu"}]'] as const,
]);

test.each<[string, SnapshotChanges, string[]]>([
  ['is there', {}, []],
  ['is gone', gone, ['KPR1005']],
  ['may not be read', { facts: { ciliumConfig: aMissing('forbidden') } }, ['unknown forbidden']],
  ['is gone with the agents', { ...gone, ...noNode }, ['skipped: there is no agent that would read it']],
])('the ConfigMap %s', (_, changes, expected) => {
  expect(codesOf(configThere, aSnapshot(changes))).toEqual(expected);
});

test.each<[string, SnapshotChanges, string[]]>([
  ['no agent reads', stray, ['KPR1005 default/edge']],
  ['an agent has read', { ...stray, nodes: { n2: { startedConfig: told } } }, []],
  ['is beside one that an agent has read', { ...stray, nodes: { n2: { startedConfig: besides } } }, []],
  ['may be one that agents read, as none says what it has read', { ...stray, nodes: unread }, ['unknown timeout']],
])('a CiliumNodeConfig of another namespace that %s', (_, changes, expected) => {
  expect(codesOf(configThere, aSnapshot(changes))).toEqual(expected);
});

standardCases(configThere, {
  faulty: {
    KPR1005: {
      configGone: gone,
      strayNodeConfig: stray,
      refused: { raisedBy: agentsWouldStart },
      refusedUnset: { raisedBy: agentsWouldStart },
      nobodyServes: { raisedBy: agentsWouldStart },
      servicesLeft: { raisedBy: agentsWouldStart },
      changed: { raisedBy: configCurrent },
      counted: { raisedBy: configCurrent },
      operator: { raisedBy: configCurrent },
      helmName: { raisedBy: configCurrent },
    },
  },
  notApplicable: { ...gone, ...noNode },
  hostile: { never: 'it quotes the API server alone' },
});
