import { expect, test } from 'vitest';
import { apiEndpointRedundant } from '../../../checks/api-endpoint/apiEndpointRedundant.ts';
import { valueOf } from '../../../src/model/Fact.ts';
import type { DaemonSet } from '../../../src/model/kubernetes.ts';
import { aMissing, aSnapshot, codesOf, findingsOf, type SnapshotChanges } from '../../support/aSnapshot.ts';
import { aSlice, healthyFacts } from '../../support/healthy.ts';
import { standardCases } from '../../support/standardCases.ts';

const slices = (...addresses: string[]) => [
  aSlice('kubernetes', addresses, { ports: [{ port: 6443 }], metadata: { name: 'kubernetes' } }),
];
/** Agents are given 172.30.0.1:6443; kubeadm and cluster-info know that, too, unless taken away. */
const noShared = { kubeadmConfig: undefined, clusterInfo: undefined };
const two = slices('172.30.0.1', '172.30.0.2');
const vip = {
  metadata: { name: 'kubeadm-config', namespace: 'kube-system' },
  data: { ClusterConfiguration: 'controlPlaneEndpoint: api.example.com:6443\n' },
};
const noOther: SnapshotChanges = { facts: { endpointSlices: two, ...noShared } };
const oneOfSeveral: SnapshotChanges = { facts: { endpointSlices: two, kubeadmConfig: vip, clusterInfo: undefined } };
const withHost = (value: string): readonly DaemonSet[] => {
  const text = JSON.stringify(valueOf(healthyFacts(['n1', 'n2']).daemonSets));
  return JSON.parse(text.replaceAll('"172.30.0.1"', JSON.stringify(value))) as DaemonSet[];
};

test.each<[string, SnapshotChanges, string[]]>([
  [
    'one API server',
    { facts: { endpointSlices: slices('172.30.0.1'), ...noShared } },
    ['skipped: the cluster has no more than one API server that is known'],
  ],
  ['one of two, and nothing else is known', noOther, ['KPR2003 kube-system/cilium,kube-system/cilium-operator']],
  [
    'one of two, and an address of all is known',
    oneOfSeveral,
    ['KPR2003 kube-system/cilium,kube-system/cilium-operator'],
  ],
  [
    'what is given is the address of all',
    {
      facts: {
        endpointSlices: two,
        kubeadmConfig: { ...vip, data: { ClusterConfiguration: 'controlPlaneEndpoint: 172.30.0.1:6443\n' } },
        clusterInfo: undefined,
      },
    },
    [],
  ],
  [
    'what is given is a name',
    {
      facts: {
        ...noOther.facts,
        daemonSets: withHost('api.example.com'),
        deployments: aMissing('forbidden'),
        systemPods: [],
      },
    },
    [],
  ],
])('%s', (_, changes, expected) => {
  expect(codesOf(apiEndpointRedundant, aSnapshot(changes))).toEqual(expected);
});

test('what can be given instead is named', () => {
  expect(findingsOf(apiEndpointRedundant, aSnapshot(noOther))).toMatchObject([
    { variant: 'noOther', params: { urls: 'https://172.30.0.1:6443 https://172.30.0.2:6443', count: '2' } },
  ]);
  expect(findingsOf(apiEndpointRedundant, aSnapshot(oneOfSeveral))).toMatchObject([
    { variant: 'oneOfSeveral', params: { apiHost: 'api.example.com', apiPort: '6443' } },
  ]);
});

const namesAll = { ...vip, data: { ClusterConfiguration: 'controlPlaneEndpoint: 172.30.0.1:6443\n' } };

standardCases(apiEndpointRedundant, {
  healthy: { facts: { endpointSlices: two, kubeadmConfig: namesAll, clusterInfo: undefined } },
  faulty: { KPR2003: { oneOfSeveral, noOther } },
  notApplicable: { facts: { endpointSlices: [] } },
  hostile: (text) => ({
    facts: {
      ...noOther.facts,
      endpointSlices: slices('172.30.0.1', text),
    },
  }),
});
