import { expect, test } from 'vitest';
import { agentsWouldStart } from '../../../checks/agents/agentsWouldStart.ts';
import { kprInEffect } from '../../../checks/agents/kprInEffect.ts';
import { aMissing, aSnapshot, codesOf, findingsOf, type SnapshotChanges } from '../../support/aSnapshot.ts';
import { ciliumConfig } from '../../support/healthy.ts';
import { standardCases } from '../../support/standardCases.ts';

const withValue = (value: string) => new Map([...ciliumConfig, ['kube-proxy-replacement', value]]);
const off = {
  status: { kpr: { mode: 'False', nodePort: undefined, externalIPs: false, hostPort: false, socketLb: false } },
};
const nodeConfig = (value: string) => ({
  metadata: { name: 'kpr', namespace: 'kube-system' },
  spec: {
    nodeSelector: { matchLabels: { 'kubernetes.io/hostname': 'n2' } },
    defaults: { 'kube-proxy-replacement': value },
  },
});

test.each<[string, SnapshotChanges, string[]]>([
  ['healthy', {}, []],
  ['started with it, not in effect', { nodes: { n2: off } }, ['KPR1003 notInEffect n2']],
  [
    'not restarted since',
    { nodes: { n2: { ...off, startedConfig: withValue('false') } } },
    ['KPR1003 notRestarted n2'],
  ],
  ['a part is off', { nodes: { n2: { status: { kpr: { hostPort: false } } } } }, ['KPR1003 partly n2']],
  [
    'a NodeConfig asks for it',
    {
      facts: { ciliumConfig: withValue('false'), ciliumNodeConfigs: [nodeConfig('true')] },
      nodes: { n1: { ...off, startedConfig: withValue('false') }, n2: { ...off, startedConfig: withValue('true') } },
    },
    ['KPR1003 notInEffect n2'],
  ],
  [
    'a NodeConfig takes it away',
    {
      facts: { ciliumNodeConfigs: [nodeConfig('false')] },
      nodes: { n2: { ...off, startedConfig: withValue('false') } },
    },
    [],
  ],
  [
    'Helm’s name as a key',
    {
      facts: { ciliumConfig: new Map([['kubeProxyReplacement', 'true']]) },
      nodes: { n1: { startedConfig: new Map() }, n2: { startedConfig: new Map() } },
    },
    ['KPR1003 wrongKey '],
  ],
])('%s', (_, changes, expected) => {
  expect(
    findingsOf(kprInEffect, aSnapshot(changes)).map((one) => `${one.code} ${one.variant} ${one.nodes.join()}`),
  ).toEqual(expected);
});

test('healthy is a pass, not silence for another reason', () => {
  expect(codesOf(kprInEffect, aSnapshot())).toEqual([]);
});

test('where it is off by intention, the check is skipped', () => {
  const node = { ...off, startedConfig: withValue('false') };
  const snapshot = aSnapshot({ facts: { ciliumConfig: withValue('false') }, nodes: { n1: node, n2: node } });
  expect(codesOf(kprInEffect, snapshot)).toEqual(['skipped: kube-proxy replacement is not requested']);
});

test.each<[SnapshotChanges, string]>([
  [{ facts: { ciliumConfig: aMissing('forbidden') } }, 'unknown forbidden'],
  [{ nodes: { n2: { status: aMissing('timeout') } } }, 'unknown n2 timeout'],
  [{ nodes: { n2: { status: { kpr: undefined } } } }, 'unknown n2 notCollected'],
])('what is not read is unknown (%#)', (changes, expected) => {
  expect(codesOf(kprInEffect, aSnapshot(changes))).toEqual([expected]);
});

standardCases(kprInEffect, {
  faulty: {
    KPR1003: {
      notInEffect: { nodes: { n2: off } },
      notRestarted: { nodes: { n2: { ...off, startedConfig: withValue('false') } } },
      partly: { nodes: { n2: { status: { kpr: { hostPort: false } } } } },
      invalidValue: { raisedBy: agentsWouldStart },
      invalidUndecided: { raisedBy: agentsWouldStart },
      wrongKey: { facts: { ciliumConfig: new Map([['kubeProxyReplacement', 'true']]) } },
    },
  },
  notApplicable: {
    facts: { ciliumConfig: withValue('false') },
    nodes: { n1: { ...off, startedConfig: withValue('false') }, n2: { ...off, startedConfig: withValue('false') } },
  },
  hostile: (text) => ({
    nodes: { n2: { status: { kpr: { mode: text } } } },
  }),
});
