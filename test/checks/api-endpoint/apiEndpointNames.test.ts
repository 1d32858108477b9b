import { expect, test } from 'vitest';
import { apiEndpointResolves } from '../../../checks/api-endpoint/apiEndpointResolves.ts';
import { apiEndpointWellformed } from '../../../checks/api-endpoint/apiEndpointWellformed.ts';
import { valueOf } from '../../../src/model/Fact.ts';
import type { Container, Pod } from '../../../src/model/kubernetes.ts';
import {
  aMissing,
  aSnapshot,
  type ClusterChanges,
  codesOf,
  findingsOf,
  type SnapshotChanges,
} from '../../support/aSnapshot.ts';
import { anAgentPod, healthyFacts } from '../../support/healthy.ts';
import { waitingForApi } from './waitingForApi.ts';
import { standardCases } from '../../support/standardCases.ts';

const facts = healthyFacts(['n1', 'n2']);
type EnvVar = NonNullable<Container['env']>[number];

const env = (host: Partial<EnvVar>, port = '6443'): readonly EnvVar[] => [
  { name: 'KUBERNETES_SERVICE_HOST', ...host },
  { name: 'KUBERNETES_SERVICE_PORT', value: port },
];

/** The DaemonSet's template with this environment in every container. */
function agentsWith(variables: readonly EnvVar[]): ClusterChanges {
  const change = (one: Container): Container => ({ ...one, env: variables });
  const [daemonSet] = valueOf(facts.daemonSets) ?? [];
  const spec = daemonSet?.spec?.template?.spec;
  const changed = {
    containers: spec?.containers?.map(change) ?? [],
    initContainers: spec?.initContainers?.map(change) ?? [],
  };
  const daemonSets = daemonSet === undefined ? [] : [{ ...daemonSet, spec: { template: { spec: changed } } }];
  return { daemonSets };
}

test.each([
  ['https://10.0.0.1', '6443', 'is a URL; it takes the address or name alone'],
  ['10.0.0.1:6443', '6443', 'has a port behind the host; that belongs in KUBERNETES_SERVICE_PORT'],
  ['api.example:6443', '', 'has a port behind the host; that belongs in KUBERNETES_SERVICE_PORT'],
  ['10.0.0.1 ', '6443', 'contains white space'],
  ['', '6443', 'is empty'],
  ['auto', '6443', 'was not replaced by Helm: auto needs ConfigMap kube-public/cluster-info while it installs'],
  ['[fd00::1]', '6443', 'has brackets; clients put them around IPv6 addresses themselves'],
  ['api.example/', '6443', 'has a path; it takes the address or name alone'],
  ['10.0.0.1', '', 'is no port between 1 and 65535'],
  ['10.0.0.1', '70000', 'is no port between 1 and 65535'],
  ['10.0.0.1', '6443/tcp', 'is no port between 1 and 65535'],
])('malformed: %j %j', (host, port, why) => {
  const snapshot = aSnapshot({ facts: agentsWith(env({ value: host }, port)) });
  expect(codesOf(apiEndpointWellformed, snapshot)).toEqual(['KPR2004 kube-system/cilium']);
  expect(findingsOf(apiEndpointWellformed, snapshot)).toMatchObject([{ variant: 'malformed', params: { why } }]);
});

test.each(['10.0.0.1', 'api.example', 'fd00::1', 'localhost', 'ABCDEF.gr7.eu-west-1.eks.amazonaws.com'])(
  'well formed: %s',
  (host) => {
    expect(codesOf(apiEndpointWellformed, aSnapshot({ facts: agentsWith(env({ value: host })) }))).toEqual([]);
  },
);

test('without agents nothing is known of it', () => {
  expect(codesOf(apiEndpointWellformed, aSnapshot({ facts: { daemonSets: [], systemPods: [] } }))).toEqual([
    'unknown absent',
  ]);
});

const named = agentsWith(env({ value: 'api.example' }));
const referring = agentsWith(env({ valueFrom: { configMapKeyRef: { name: 'cluster-info', key: 'host' } } }));
const podOf = (pod: Pod): ClusterChanges => ({ systemPods: [anAgentPod('n1'), pod] });
const stuck = anAgentPod('n2', {
  initContainerStatuses: [
    {
      name: 'config',
      ready: false,
      state: { waiting: { reason: 'CreateContainerConfigError', message: 'configmap "cluster-info" not found' } },
    },
  ],
});
const unresolved = {
  host: 'api.example',
  resolved: [],
  connect: 'unresolved',
  detail: 'Name or service not known',
} as const;

test.each<[string, SnapshotChanges, string[]]>([
  ['an address', {}, ['skipped: agents were given an address, not a name']],
  [
    'a name that resolves',
    { facts: named, nodes: { n1: { apiProbe: { host: 'api.example' } }, n2: { apiProbe: { host: 'api.example' } } } },
    [],
  ],
  [
    'a name that does not, on one node',
    { facts: named, nodes: { n1: { apiProbe: { host: 'api.example' } }, n2: { apiProbe: unresolved } } },
    ['KPR2004 n2'],
  ],
  [
    'a name that nobody tried',
    { facts: named, nodes: { n1: { apiProbe: { host: 'api.example' } }, n2: { apiProbe: aMissing('notCollected') } } },
    ['unknown n2 notCollected'],
  ],
  [
    'a name by the last words of the agent',
    {
      facts: {
        ...named,
        ...podOf(waitingForApi('n2', 'api.example:6443', 'dial tcp: lookup api.example on 10.0.0.2:53: no such host')),
      },
      nodes: { n1: { apiProbe: { host: 'api.example' } }, n2: { apiProbe: aMissing('unreachable') } },
    },
    ['KPR2004 n2'],
  ],
  [
    'a ConfigMap that is not there',
    { facts: { ...referring, ...podOf(stuck) }, nodes: { n2: { apiProbe: aMissing('absent') } } },
    ['KPR2004 n2'],
  ],
])('%s', (_, changes, expected) => {
  expect(codesOf(apiEndpointResolves, aSnapshot(changes))).toEqual(expected);
});

const resolving = { n1: { apiProbe: { host: 'api.example' } }, n2: { apiProbe: { host: 'api.example' } } };

standardCases(apiEndpointWellformed, {
  faulty: {
    KPR2004: {
      malformed: { facts: agentsWith(env({ value: 'https://10.0.0.1' })) },
      unresolved: { raisedBy: apiEndpointResolves },
      reference: { raisedBy: apiEndpointResolves },
    },
  },
  notApplicable: { never: 'agents always have an address of the API server' },
  hostile: (text) => ({ facts: agentsWith(env({ value: `https://${text}` })) }),
});

standardCases(apiEndpointResolves, {
  requiredUnseen: ['cluster daemonSets'],
  healthy: { facts: named, nodes: resolving },
  faulty: {
    KPR2004: {
      malformed: { raisedBy: apiEndpointWellformed },
      unresolved: { facts: named, nodes: { ...resolving, n2: { apiProbe: unresolved } } },
      reference: { facts: { ...referring, ...podOf(stuck) }, nodes: { n2: { apiProbe: aMissing('absent') } } },
    },
  },
  notApplicable: {},
  hostile: (text) => ({
    facts: named,
    nodes: { ...resolving, n2: { apiProbe: { ...unresolved, detail: text } } },
  }),
});
