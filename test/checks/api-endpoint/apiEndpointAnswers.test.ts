import { expect, test } from 'vitest';
import { apiCallsAnswered } from '../../../checks/api-endpoint/apiCallsAnswered.ts';
import { apiEndpointAnswers } from '../../../checks/api-endpoint/apiEndpointAnswers.ts';
import { valueOf } from '../../../src/model/Fact.ts';
import type { EndpointSlice, Pod } from '../../../src/model/kubernetes.ts';
import {
  aMissing,
  aSnapshot,
  codesOf,
  findingsOf,
  type NodeChanges,
  type SnapshotChanges,
} from '../../support/aSnapshot.ts';
import { anAgentPod, aService, aSlice, healthyFacts } from '../../support/healthy.ts';
import { waitingForApi } from './waitingForApi.ts';
import { noNode, standardCases } from '../../support/standardCases.ts';

const facts = healthyFacts(['n1', 'n2']);
const systemPods = valueOf(facts.systemPods) ?? [];
/** Node n2 could not be asked, and its agent pod's status is this. */
const unreachable = (pod: Pod): SnapshotChanges => ({
  facts: { systemPods: [...systemPods.filter(({ spec }) => spec?.nodeName !== 'n2'), pod] },
  nodes: { n2: { apiProbe: aMissing('unreachable') } },
});

const deadEnv = [
  { name: 'KUBERNETES_SERVICE_HOST', value: '10.0.0.9' },
  { name: 'KUBERNETES_SERVICE_PORT', value: '6443' },
];
const outdated: SnapshotChanges = {
  facts: {
    systemPods: systemPods.map((pod) =>
      pod.metadata.name === 'cilium-n2'
        ? Object.assign({}, pod, { spec: { ...pod.spec, containers: [{ name: 'cilium-agent', env: deadEnv }] } })
        : pod,
    ),
  },
  nodes: { n2: { apiProbe: { host: '10.0.0.9', connect: 'timeout' } } },
};

test.each<[string, SnapshotChanges, string[]]>([
  ['healthy', {}, []],
  ['refused', { nodes: { n2: { apiProbe: { connect: 'refused' } } } }, ['KPR2002 n2']],
  [
    'no reply on both, once',
    { nodes: { n1: { apiProbe: { connect: 'timeout' } }, n2: { apiProbe: { connect: 'timeout' } } } },
    ['KPR2002 n1,n2'],
  ],
  [
    'an address that the cluster does not know, but that answers',
    { nodes: { n2: { apiProbe: { host: '10.9.9.9', port: '443' } } } },
    [],
  ],
  ['a local proxy that answers', { nodes: { n2: { apiProbe: { host: '127.0.0.1', port: '7445' } } } }, []],
  ['a name that does not resolve', { nodes: { n2: { apiProbe: { host: 'api.example', connect: 'unresolved' } } } }, []],
  ['a value that is malformed', { nodes: { n2: { apiProbe: { host: 'https://10.0.0.1', connect: 'failed' } } } }, []],
  ['not probed', { nodes: { n2: { apiProbe: aMissing('notCollected') } } }, ['unknown n2 notCollected']],
  [
    'the last words of an agent that cannot be asked',
    unreachable(waitingForApi('n2', '10.0.0.9:6443', 'dial tcp 10.0.0.9:6443: i/o timeout')),
    ['KPR2002 n2'],
  ],
  [
    'last words about a name',
    unreachable(waitingForApi('n2', 'api.example:6443', 'dial tcp: lookup api.example on 10.0.0.2:53: no such host')),
    [],
  ],
  [
    'last words about the ClusterIP that nobody serves',
    unreachable(waitingForApi('n2', '10.96.0.1:443', 'dial tcp 10.96.0.1:443: i/o timeout')),
    [],
  ],
  [
    'last words about something else',
    unreachable(
      anAgentPod('n2', {
        containerStatuses: [
          {
            name: 'cilium-agent',
            ready: false,
            lastState: { terminated: { exitCode: 1, message: 'level=fatal msg="invalid option"' } },
          },
        ],
      }),
    ),
    ['unknown n2 unreachable'],
  ],
  [
    'old words of a container that runs',
    unreachable(
      anAgentPod('n2', {
        containerStatuses: [
          {
            name: 'cilium-agent',
            ready: true,
            lastState: {
              terminated: {
                exitCode: 1,
                message: 'Get "https://10.0.0.9:6443/api": dial tcp 10.0.0.9:6443: i/o timeout',
              },
            },
          },
        ],
      }),
    ),
    ['unknown n2 unreachable'],
  ],
])('%s', (_, changes, expected) => {
  expect(codesOf(apiEndpointAnswers, aSnapshot(changes))).toEqual(expected);
});

test.each<[string, SnapshotChanges, object]>([
  [
    'refused',
    { nodes: { n1: { apiProbe: { connect: 'refused' } }, n2: { apiProbe: { connect: 'refused' } } } },
    { variant: 'refused', params: { endpoint: '172.30.0.1:6443', known: '' } },
  ],
  [
    'refused, while it answers another node: the address is right',
    { nodes: { n2: { apiProbe: { connect: 'refused' } } } },
    { variant: 'fromHere', nodes: ['n2'], params: { outcome: 'the connection is refused' } },
  ],
  [
    'an agent that was made with another address than the template has',
    outdated,
    { variant: 'outdated', params: { endpoint: '10.0.0.9:6443', template: '172.30.0.1:6443' } },
  ],
  [
    'an unknown address',
    { nodes: { n2: { apiProbe: { host: '10.9.9.9', connect: 'timeout' } } } },
    {
      variant: 'timeout',
      expected: '172.30.0.1:6443 (EndpointSlice default/kubernetes)',
      params: { known: ', which the cluster does not know as an address of its API server' },
    },
  ],
  [
    'IPv6',
    { nodes: { n2: { apiProbe: { host: 'fd00::1', connect: 'failed', detail: 'Network is unreachable' } } } },
    { variant: 'failed', params: { endpoint: '[fd00::1]:6443', detail: 'Network is unreachable' } },
  ],
  [
    'KubePrism',
    { distribution: 'talos', nodes: { n2: { apiProbe: { host: 'localhost', port: '7445', connect: 'refused' } } } },
    {
      variant: 'localProxy',
      params: { endpoint: 'localhost:7445', proxy: 'KubePrism (machine.features.kubePrism, port 7445)' },
    },
  ],
  [
    'another server',
    unreachable(
      waitingForApi(
        'n2',
        '10.0.0.9:6443',
        'tls: failed to verify certificate: x509: certificate signed by unknown authority',
      ),
    ),
    {
      variant: 'certificate',
      params: {
        endpoint: '10.0.0.9:6443',
        detail: 'tls: failed to verify certificate: x509: certificate signed by unknown authority',
      },
    },
  ],
  [
    'refused in the init container',
    unreachable(waitingForApi('n2', '127.0.0.1:6443', 'dial tcp 127.0.0.1:6443: connect: connection refused')),
    { variant: 'localProxy', params: { detail: 'connect: connection refused' } },
  ],
])('what is said of it: %s', (_, changes, expected) => {
  expect(findingsOf(apiEndpointAnswers, aSnapshot(changes))).toMatchObject([expected]);
});

const probing = (n2: object): SnapshotChanges => ({ nodes: { n2: { apiProbe: n2 } } });

const onBoth = (apiProbe: NonNullable<NodeChanges['apiProbe']>): SnapshotChanges => ({
  nodes: { n1: { apiProbe }, n2: { apiProbe } },
});

const front = aService('api-front', {
  type: 'LoadBalancer',
  clusterIPs: ['10.96.7.7'],
  ports: [{ port: 6443, nodePort: 31443 }],
});
const services = [...(valueOf(facts.services) ?? []), front];
const refusing = (host: string, port: string, own: readonly EndpointSlice[]): SnapshotChanges => ({
  facts: { services, endpointSlices: [...(valueOf(facts.endpointSlices) ?? []), ...own] },
  nodes: { n2: { apiProbe: { host, port, connect: 'failed', detail: 'Operation not permitted' } } },
});

test.each([
  ['at its ClusterIP', '10.96.7.7', '6443', [], 'which has no ready backend'],
  ['at a node port', '172.30.0.11', '31443', [], 'which has no ready backend'],
  ['that has a backend', '10.96.7.7', '6443', [aSlice('api-front', ['172.30.0.1'])], 'whose backends do not answer'],
])('a Service of the cluster itself stands for the API server %s', (_, host, port, own, state) => {
  expect(findingsOf(apiEndpointAnswers, aSnapshot(refusing(host, port, own)))).toMatchObject([
    { variant: 'throughService', params: { service: 'default/api-front', state } },
  ]);
});

test('another port of that address is nobody’s', () => {
  const found = findingsOf(apiEndpointAnswers, aSnapshot(refusing('10.96.7.7', '443', [])));
  expect(found.map(({ variant }) => variant)).not.toContain('throughService');
});

standardCases(apiEndpointAnswers, {
  faulty: {
    KPR2002: {
      refused: onBoth({ connect: 'refused' }),
      timeout: onBoth({ connect: 'timeout' }),
      failed: onBoth({ connect: 'failed' }),
      certificate: unreachable(
        waitingForApi('n2', '10.0.0.9:6443', 'tls: failed to verify certificate: x509: unknown authority'),
      ),
      throughService: refusing('10.96.7.7', '6443', []),
      fromHere: probing({ connect: 'timeout' }),
      outdated,
      localProxy: probing({ host: 'localhost', port: '7445', connect: 'refused' }),
      lost: { raisedBy: apiCallsAnswered },
      forbidden: { raisedBy: apiCallsAnswered },
    },
  },
  notApplicable: noNode,
  hostile: (text) => probing({ connect: 'failed', detail: text }),
});
