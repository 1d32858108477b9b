import { expect, test } from 'vitest';
import { writesSharedChains } from '../../src/expect/kubelet.ts';
import { known, missing } from '../../src/model/Fact.ts';
import { aNode } from '../support/healthy.ts';

const withKubelet = (kubeletVersion: string) =>
  known([aNode('n2'), { ...aNode('n1'), status: { ...aNode('n1').status, nodeInfo: { kubeletVersion } } }], 'kubectl');

test.each([
  ['v1.26.15', { writes: 'yes', version: 'v1.26.15' }],
  ['v1.26.9-gke.1', { writes: 'yes', version: 'v1.26.9-gke.1' }],
  ['v1.27.0', { writes: 'no', version: 'v1.27.0' }],
  ['v1.27.0-alpha.1+k3s1', { writes: 'no', version: 'v1.27.0-alpha.1+k3s1' }],
  ['', { writes: 'unknown' }],
  ['unknown', { writes: 'unknown' }],
])('kubelet %s', (version, expected) => {
  expect(writesSharedChains('n1', withKubelet(version))).toEqual(expected);
});

test('of a node that is not listed, or when nodes could not be, it is not known', () => {
  expect(writesSharedChains('n9', withKubelet('v1.26.1'))).toEqual({ writes: 'unknown' });
  expect(writesSharedChains('n1', missing('forbidden', 'no nodes'))).toEqual({ writes: 'unknown' });
});
