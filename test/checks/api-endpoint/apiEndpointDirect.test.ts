import { expect, test } from 'vitest';
import { apiEndpointDirect } from '../../../checks/api-endpoint/apiEndpointDirect.ts';
import type { Container, DaemonSet, Deployment, Pod } from '../../../src/model/kubernetes.ts';
import type { ClusterFacts } from '../../../src/model/Snapshot.ts';
import { valueOf } from '../../../src/model/Fact.ts';
import {
  aMissing,
  aSnapshot,
  type ClusterChanges,
  codesOf,
  findingsOf,
  type SnapshotChanges,
} from '../../support/aSnapshot.ts';
import { kubeProxyDaemonSet, kubeProxyPod } from '../kube-proxy/kubeProxyObjects.ts';
import { aService, aSlice, ciliumConfig, healthyFacts } from '../../support/healthy.ts';
import { standardCases } from '../../support/standardCases.ts';

const facts: ClusterFacts = healthyFacts(['n1', 'n2']);
const daemonSets = valueOf(facts.daemonSets) ?? [];
const systemPods = valueOf(facts.systemPods) ?? [];
const deployments = valueOf(facts.deployments) ?? [];

interface Workload {
  readonly spec?: { readonly template?: { readonly spec?: Spec } };
}
interface Spec {
  readonly containers?: readonly Container[];
  readonly initContainers?: readonly Container[];
}
/** Changes every container of a pod or template. */
const specWith = <S extends Spec>(spec: S, change: (container: Container) => Container): S => ({
  ...spec,
  containers: spec.containers?.map(change),
  initContainers: spec.initContainers?.map(change),
});
const withoutEnv = (container: Container): Container => ({ ...container, env: [] });
const withHost =
  (value: string) =>
  (container: Container): Container => ({ ...container, env: [{ name: 'KUBERNETES_SERVICE_HOST', value }] });

const withHostAndPort =
  (host: string, port: string) =>
  (container: Container): Container => ({
    ...container,
    env: [
      { name: 'KUBERNETES_SERVICE_HOST', value: host },
      { name: 'KUBERNETES_SERVICE_PORT', value: port },
    ],
  });

const templateWith = <W extends Workload>(one: W, change: (container: Container) => Container): W => ({
  ...one,
  spec: { ...one.spec, template: { spec: specWith(one.spec?.template?.spec ?? {}, change) } },
});
const templates = (change: (container: Container) => Container): DaemonSet[] =>
  daemonSets.map((one) => templateWith(one, change));
const operator = (change: (container: Container) => Container): Deployment[] =>
  deployments.map((one) => templateWith(one, change));
const podWith = (pod: Pod, change: (container: Container) => Container): Pod => ({
  ...pod,
  spec: specWith(pod.spec ?? {}, change),
});
const pods = (change: (container: Container) => Container, only?: string): Pod[] =>
  systemPods.map((pod) => (only === undefined || pod.spec?.nodeName === only ? podWith(pod, change) : pod));
const both = (change: (container: Container) => Container): ClusterChanges => ({
  daemonSets: templates(change),
  systemPods: pods(change),
});

const kubeProxy: ClusterChanges = {
  daemonSets: [...templates(withoutEnv), kubeProxyDaemonSet()],
  systemPods: [...pods(withoutEnv), kubeProxyPod('n1'), kubeProxyPod('n2')],
};

test.each<[string, SnapshotChanges, string[]]>([
  ['healthy', {}, []],
  ['not set', { facts: both(withoutEnv) }, ['KPR2001 n1,n2']],
  ['the ClusterIP', { facts: both(withHost('10.96.0.1')) }, ['KPR2001 n1,n2']],
  ['the name of the Service', { facts: both(withHost('kubernetes.default.svc.cluster.local')) }, ['KPR2001 n1,n2']],
  ['another name', { facts: both(withHost('kubernetes.example.com')) }, []],
  [
    'a reference',
    {
      facts: both((one) => ({
        ...one,
        env: [{ name: 'KUBERNETES_SERVICE_HOST', valueFrom: { configMapKeyRef: { name: 'api', key: 'host' } } }],
      })),
    },
    [],
  ],
  [
    'only the init container that asks',
    { facts: both((one) => (one.name === 'config' ? withoutEnv(one) : one)) },
    ['KPR2001 n1,n2'],
  ],
  ['set in pods by a webhook', { facts: { daemonSets: templates(withoutEnv) } }, []],
  ['a pod from before the change', { facts: { systemPods: pods(withoutEnv, 'n2') } }, ['KPR2001 n2']],
  [
    'pods that may not be read',
    { facts: { daemonSets: templates(withoutEnv), systemPods: aMissing('forbidden') } },
    ['KPR2001 kube-system/cilium'],
  ],
  ['the operator alone', { facts: { deployments: operator(withoutEnv) } }, ['KPR2001 kube-system/cilium-operator']],
  [
    'URLs in cilium-config',
    {
      facts: {
        ...both(withoutEnv),
        ciliumConfig: new Map([...ciliumConfig, ['k8s-api-server-urls', 'https://172.30.0.1:6443']]),
      },
    },
    [],
  ],
  [
    'an empty list of URLs',
    { facts: { ...both(withoutEnv), ciliumConfig: new Map([...ciliumConfig, ['k8s-api-server-urls', '']]) } },
    ['KPR2001 n1,n2'],
  ],
  [
    'replacement off',
    {
      facts: { ...both(withoutEnv), ciliumConfig: new Map([['kube-proxy-replacement', 'false']]) },
      nodes: { n1: { status: { kpr: { mode: 'False' } } }, n2: { status: { kpr: { mode: 'False' } } } },
    },
    ['skipped: kube-proxy replacement is off, so kube-proxy serves the ClusterIP'],
  ],
  [
    'GKE',
    { facts: both(withoutEnv), distribution: 'gke' },
    ['skipped: GKE manages the agents and how they reach the API server'],
  ],
  ['Services not read', { facts: { services: aMissing('forbidden') } }, ['unknown forbidden']],
  ['no agents found', { facts: { daemonSets: [], systemPods: [] } }, ['unknown absent']],
])('%s', (_, changes, expected) => {
  expect(codesOf(apiEndpointDirect, aSnapshot(changes))).toEqual(expected);
});

test('without kube-proxy it is an error, beside it a warning', () => {
  const [alone] = findingsOf(apiEndpointDirect, aSnapshot({ facts: both(withoutEnv) }));
  expect(alone).toMatchObject({
    variant: 'clusterIP',
    severity: 'error',
    params: { host: '10.96.0.1', apiHost: '172.30.0.1', apiPort: '6443', who: 'cilium-agent and config' },
  });
  const [beside] = findingsOf(apiEndpointDirect, aSnapshot({ facts: kubeProxy }));
  expect(beside).toMatchObject({ variant: 'clusterIPWithKubeProxy', severity: 'warning', nodes: ['n1', 'n2'] });
});

const off = { status: { kpr: { mode: 'False' } } };

const balanced = aService('intranet', {
  type: 'LoadBalancer',
  ports: [{ port: 6443, protocol: 'TCP', nodePort: 31_443 }],
});
const services = valueOf(facts.services) ?? [];
const vip = { ...balanced, status: { loadBalancer: { ingress: [{ ip: '10.77.0.8' }] } } };
const through = (host: string, ready: boolean, nodes: SnapshotChanges['nodes'] = {}): SnapshotChanges => ({
  facts: {
    ...both(withHostAndPort(host, '6443')),
    services: [...services, vip],
    endpointSlices: [aSlice('intranet', ready ? ['172.30.0.1'] : [])],
  },
  nodes,
});
/** The VIP is a server of default/kubernetes, too. */
const taken = (endpoint: string): SnapshotChanges => ({
  facts: {
    ...through('10.77.0.8', true).facts,
    endpointSlices: [
      aSlice('intranet', [endpoint]),
      aSlice('kubernetes', ['10.77.0.8'], { ports: [{ name: 'https', port: 6443, protocol: 'TCP' }] }),
    ],
  },
});
const resolvedTo = (address: string) => ({ apiProbe: { host: 'api.example.com', port: '6443', resolved: [address] } });

test.each<[string, SnapshotChanges, string[]]>([
  ['the address of a Service with backends', through('10.77.0.8', true), ['otherService default/intranet']],
  ['the address of a Service without any', through('10.77.0.8', false), ['otherServiceEmpty default/intranet']],
  [
    'a name of it',
    through('api.example.com', true, { n1: resolvedTo('10.77.0.8') }),
    ['otherService default/intranet'],
  ],
  ['another address', through('10.77.0.9', true), []],
  ['a server itself, whose address a Service of other pods takes', taken('10.244.1.5'), []],
  ['a server itself, for which a Service balances', taken('172.30.0.12'), ['otherService default/intranet']],
])('a Service of the cluster itself: %s', (_, changes, expected) => {
  const found = findingsOf(apiEndpointDirect, aSnapshot(changes));
  expect(found.map(({ variant, params }) => `${variant} ${params['service']}`)).toEqual(expected);
});

standardCases(apiEndpointDirect, {
  faulty: {
    KPR2001: {
      clusterIP: { facts: both(withoutEnv) },
      clusterIPWithKubeProxy: { facts: kubeProxy },
      outdatedPods: { facts: { systemPods: pods(withoutEnv, 'n2') } },
      otherService: through('10.77.0.8', true),
      otherServiceEmpty: through('10.77.0.8', false),
    },
  },
  notApplicable: {
    facts: { ciliumConfig: new Map([['kube-proxy-replacement', 'false']]) },
    nodes: { n1: off, n2: off },
  },
  hostile: (text) => ({
    facts: both((one) => ({ ...withoutEnv(one), name: one.name === 'config' ? `x${text}` : one.name })),
  }),
});
