import { expect, test } from 'vitest';
import { nodesManaged } from '../../../checks/change/nodesManaged.ts';
import { podsManaged } from '../../../checks/change/podsManaged.ts';
import type { Change } from '../../../src/model/Intent.ts';
import type { Pod } from '../../../src/model/kubernetes.ts';
import { aSnapshot, codesOf, findingsOf, type SnapshotChanges } from '../../support/aSnapshot.ts';
import { anIntent } from '../../support/anIntent.ts';
import { ciliumConfig } from '../../support/healthy.ts';
import { standardCases } from '../../support/standardCases.ts';

interface Changed {
  readonly deletionTimestamp?: string;
  readonly hostNetwork?: boolean;
  readonly phase?: string;
  readonly startTime?: string;
}

const podAt = (podIP: string, changed: Changed = {}, name = 'cart-1'): Pod => ({
  metadata: {
    name,
    namespace: 'shop',
    ...(changed.deletionTimestamp !== undefined && { deletionTimestamp: changed.deletionTimestamp }),
  },
  spec: { nodeName: 'n2', ...(changed.hostNetwork === true && { hostNetwork: true }) },
  status: { phase: changed.phase ?? 'Running', podIP, startTime: changed.startTime ?? '2026-11-21T09:00:00Z' },
});
const given = '10.244.2.20';
const foreign = '10.88.0.5';

const having = (pods: readonly Pod[], change: Change = 'remove-kube-proxy'): SnapshotChanges => ({
  intent: anIntent(change),
  facts: { pods },
});
const configured = (set: Readonly<Record<string, string>>): SnapshotChanges => {
  const config = new Map([...ciliumConfig, ...Object.entries(set)]);
  const own = { startedConfig: config };
  return {
    ...having([podAt(foreign)]),
    facts: { pods: [podAt(foreign)], ciliumConfig: config },
    nodes: { n1: own, n2: own },
  };
};
const chained = 'pods have their addresses from the CNI that Cilium is chained to (aws-cni)';

test.each<[string, SnapshotChanges, string[]]>([
  ['an address that the agent gave', having([podAt(given)]), []],
  ['an address of another CNI', having([podAt(given), podAt(foreign)]), ['KPR8007 n2']],
  ['one that another agent gave', having([podAt('10.244.1.20')], 'enable'), ['KPR8007 n2']],
  ['on the network of the host', having([podAt('172.30.0.12', { hostNetwork: true })]), []],
  ['one that is going', having([podAt(foreign, { deletionTimestamp: '2026-11-21T09:59:00Z' })]), []],
  ['one that is done', having([podAt(foreign, { phase: 'Succeeded' })]), []],
  ['one that started just now', having([podAt(foreign, { startTime: '2026-11-21T09:59:30Z' })]), []],
  ['one without an address', having([podAt('')]), []],
  [
    'an agent that does not say',
    { ...having([podAt(foreign)]), nodes: { n2: { status: { allocated: undefined } } } },
    ['unknown n2 absent'],
  ],
  ['chained to another CNI', configured({ 'cni-chaining-mode': 'aws-cni' }), [`skipped: ${chained}`]],
  [
    'addresses by a plugin',
    configured({ ipam: 'delegated-plugin' }),
    ['skipped: pods have their addresses from a plugin of their own'],
  ],
  ['an upgrade', having([podAt(foreign)], 'upgrade'), ['skipped: no node is to do without kube-proxy']],
])('%s', (_, changes, expected) => {
  expect(codesOf(podsManaged, aSnapshot(changes))).toEqual(expected);
});

test('the pods are named, with their addresses', () => {
  const pods = ['a', 'b', 'c', 'd', 'e'].map((name) => podAt(foreign, {}, name));
  const [found] = findingsOf(podsManaged, aSnapshot(having(pods)));
  expect(found?.params).toEqual({ count: '5 pods', pods: 'shop/a, shop/b, shop/c and 2 more' });
  expect(found?.evidence[0]?.lines[0]).toBe(`shop/a has ${foreign}, not of this agent`);
});

standardCases(podsManaged, {
  healthy: having([podAt(given)]),
  faulty: { KPR8007: { foreignPods: having([podAt(foreign)]), noAgent: { raisedBy: nodesManaged } } },
  notApplicable: {},
  hostile: (text) => having([podAt(foreign, {}, text)]),
});
