import { expect, test } from 'vitest';
import { nodesManaged } from '../../../checks/change/nodesManaged.ts';
import { podsManaged } from '../../../checks/change/podsManaged.ts';
import type { Change } from '../../../src/model/Intent.ts';
import type { Pod } from '../../../src/model/kubernetes.ts';
import { aSnapshot, codesOf, type NodeChanges, type SnapshotChanges } from '../../support/aSnapshot.ts';
import { anIntent } from '../../support/anIntent.ts';
import { standardCases } from '../../support/standardCases.ts';

const proxyOn = (nodeName: string): Pod => ({
  metadata: { name: `kube-proxy-${nodeName}`, namespace: 'kube-system' },
  spec: { nodeName, containers: [{ name: 'kube-proxy', command: ['/usr/local/bin/kube-proxy'] }] },
  status: { phase: 'Running' },
});
const beside = (n2: NodeChanges, change: Change = 'remove-kube-proxy'): SnapshotChanges => ({
  intent: anIntent(change),
  facts: { systemPods: [proxyOn('n1'), proxyOn('n2')] },
  nodes: { n2 },
});
const excluded = (why: string): NodeChanges => ({ coverage: { kind: 'excluded', why }, agent: undefined });

test.each<[string, SnapshotChanges, string[]]>([
  ['an agent on each node', beside({}), []],
  ['the DaemonSet does not select one', beside(excluded('outside of the node selector')), ['KPR8007 n2']],
  ['one has no agent as yet', beside({ agent: undefined }, 'enable'), ['KPR8007 n2']],
  ['no kube-proxy there either', { ...beside(excluded('windows')), facts: { systemPods: [proxyOn('n1')] } }, []],
  ['back to kube-proxy', beside(excluded('x'), 'rollback'), ['skipped: no node is to do without kube-proxy']],
])('%s', (_, changes, expected) => {
  expect(codesOf(nodesManaged, aSnapshot(changes))).toEqual(expected);
});

standardCases(nodesManaged, {
  healthy: { intent: anIntent('enable') },
  faulty: {
    KPR8007: { noAgent: beside(excluded('outside of the node selector')), foreignPods: { raisedBy: podsManaged } },
  },
  notApplicable: {},
  hostile: (text) => beside(excluded(text)),
});
