import { expect, test } from 'vitest';
import { clusterVersion, newestVersion } from '../../../src/expect/agent/agentVersion.ts';
import type { DaemonSet } from '../../../src/model/kubernetes.ts';
import { aMissing, aSnapshot, type SnapshotChanges } from '../../support/aSnapshot.ts';

const templateOf = (tag: string): DaemonSet => ({
  metadata: { name: 'cilium', namespace: 'kube-system' },
  spec: { template: { spec: { containers: [{ name: 'cilium-agent', image: `quay.io/cilium/cilium:${tag}` }] } } },
});

const cluster = (n1: string | undefined, n2: string | undefined, ...daemonSets: DaemonSet[]): SnapshotChanges => ({
  facts: { daemonSets },
  nodes: {
    n1: { status: n1 === undefined ? aMissing('timeout') : { version: n1 } },
    n2: { status: n2 === undefined ? aMissing('timeout') : { version: n2 } },
  },
});

test.each<[string, SnapshotChanges, string | undefined, string | undefined]>([
  ['agents that agree', cluster('1.19.6', '1.19.6', templateOf('v1.19.6')), '1.19.6', '1.19.6'],
  ['one that is behind', cluster('1.18.11', '1.19.6'), '1.18.11', '1.19.6'],
  ['one that is ahead and does not tell', cluster('1.18.11', undefined, templateOf('v1.19.6')), '1.18.11', '1.19.6'],
  ['none that tells', cluster(undefined, undefined, templateOf('v1.19.6')), '1.19.6', '1.19.6'],
  ['nothing that tells', cluster(undefined, undefined, templateOf('latest')), undefined, undefined],
])('%s', (_, changes, first, newest) => {
  const snapshot = aSnapshot(changes);
  expect([clusterVersion(snapshot)?.version, newestVersion(snapshot)?.version]).toEqual([first, newest]);
});
