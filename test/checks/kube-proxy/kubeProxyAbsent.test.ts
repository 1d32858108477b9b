import { expect, test } from 'vitest';
import { kubeProxyAbsent } from '../../../checks/kube-proxy/kubeProxyAbsent.ts';
import { valueOf } from '../../../src/model/Fact.ts';
import type { DaemonSet, Pod } from '../../../src/model/kubernetes.ts';
import { aMissing, aSnapshot, codesOf, findingsOf, type SnapshotChanges } from '../../support/aSnapshot.ts';
import { aNode, ciliumConfig, healthyFacts } from '../../support/healthy.ts';
import { kubeProxyDaemonSet, kubeProxyPod, mirrorPod } from './kubeProxyObjects.ts';
import { reportOn, stepCommandsOf } from '../../support/reportOn.ts';
import { standardCases } from '../../support/standardCases.ts';

const facts = healthyFacts(['n1', 'n2']);
const withObjects = (daemonSets: readonly DaemonSet[], pods: readonly Pod[]) => ({
  daemonSets: [...(valueOf(facts.daemonSets) ?? []), ...daemonSets],
  systemPods: [...(valueOf(facts.systemPods) ?? []), ...pods],
});
const everywhere = withObjects([kubeProxyDaemonSet()], [kubeProxyPod('n1'), kubeProxyPod('n2')]);
const off = { status: { kpr: { mode: 'False' } } };
const answers = { proxyHealth: { kind: 'kubeProxy', httpStatus: 200 } } as const;
const other = (name: string, image: string, labels: Readonly<Record<string, string>> = {}): DaemonSet =>
  kubeProxyDaemonSet(2, {
    metadata: { name: 'other', namespace: 'monitoring', labels },
    spec: { template: { spec: { hostNetwork: true, containers: [{ name, image }] } } },
  });

const elsewhere = (status: NonNullable<DaemonSet['status']>): DaemonSet =>
  kubeProxyDaemonSet(2, { metadata: { name: 'kube-proxy', namespace: 'proxies' }, status });

test.each<[string, SnapshotChanges, string[]]>([
  ['healthy', {}, []],
  ['the DaemonSet of kubeadm', { facts: everywhere }, ['KPR3001 n1,n2']],
  ['a pod on one node only', { facts: withObjects([kubeProxyDaemonSet(1)], [kubeProxyPod('n2')]) }, ['KPR3001 n2']],
  [
    'a DaemonSet in a namespace whose pods were not read',
    { facts: withObjects([kubeProxyDaemonSet(2, { metadata: { name: 'proxy', namespace: 'net' } })], []) },
    ['KPR3001 n1,n2'],
  ],
  ['a DaemonSet that is parked', { facts: withObjects([kubeProxyDaemonSet(0)], []) }, []],
  ['mirror pods', { facts: withObjects([], [mirrorPod('n1'), mirrorPod('n2')]) }, ['KPR3001 n1,n2']],
  ['a pod that ended', { facts: withObjects([], [kubeProxyPod('n1', { status: { phase: 'Succeeded' } })]) }, []],
  [
    'a pod that crashes',
    {
      facts: withObjects(
        [kubeProxyDaemonSet(1)],
        [
          kubeProxyPod('n1', {
            status: {
              phase: 'Running',
              containerStatuses: [
                { name: 'kube-proxy', ready: false, state: { waiting: { reason: 'CrashLoopBackOff' } } },
              ],
            },
          }),
        ],
      ),
    },
    ['KPR3001 n1'],
  ],
  [
    'the same image that cleans up',
    {
      facts: withObjects(
        [],
        [
          kubeProxyPod('n1', {
            spec: {
              nodeName: 'n1',
              containers: [
                { name: 'debugger', image: 'registry.k8s.io/kube-proxy:v1.36.3', command: ['kube-proxy', '--cleanup'] },
              ],
            },
          }),
        ],
      ),
    },
    [],
  ],
  [
    'another name, but the image',
    { facts: withObjects([other('proxy', 'example.com:5000/eks/kube-proxy:v1.36.0-minimal@sha256:abc')], []) },
    ['KPR3001 n1,n2'],
  ],
  [
    'a tenant’s DaemonSet with its name and image',
    {
      facts: withObjects(
        [
          kubeProxyDaemonSet(2, {
            metadata: { name: 'kube-proxy', namespace: 'tenant' },
            spec: { template: { spec: { containers: [{ name: 'kube-proxy', image: 'kube-proxy:v1.36.3' }] } } },
          }),
        ],
        [],
      ),
    },
    [],
  ],
  [
    'the same, of whose pods in the host’s network none is let in',
    { facts: withObjects([elsewhere({ desiredNumberScheduled: 2, currentNumberScheduled: 0 })], []) },
    [],
  ],
  [
    'in a namespace of its own, where they are',
    { facts: withObjects([elsewhere({ desiredNumberScheduled: 2, currentNumberScheduled: 2 })], []) },
    ['KPR3001 n1,n2'],
  ],
  [
    'a relay of its metrics with its label',
    { facts: withObjects([other('pushprox-client', 'rancher/pushprox-client:v1', { component: 'kube-proxy' })], []) },
    [],
  ],
  [
    'a sidecar with a similar name',
    { facts: withObjects([other('kube-rbac-proxy', 'quay.io/brancz/kube-rbac-proxy:v1')], []) },
    [],
  ],
  [
    'a DaemonSet for Windows',
    {
      facts: withObjects(
        [
          kubeProxyDaemonSet(3, {
            spec: {
              template: {
                spec: { nodeSelector: { 'kubernetes.io/os': 'windows' }, containers: [{ name: 'kube-proxy' }] },
              },
            },
          }),
        ],
        [],
      ),
    },
    [],
  ],
  ['a process of the host', { nodes: { n2: answers } }, ['KPR3001 n2']],
  [
    'replacement off by intention',
    {
      facts: { ...everywhere, ciliumConfig: new Map([['kube-proxy-replacement', 'false']]) },
      nodes: { n1: off, n2: off },
    },
    ['skipped: kube-proxy replacement is off, so kube-proxy is needed'],
  ],
  ['one node where the replacement is not in effect', { facts: everywhere, nodes: { n1: off } }, ['KPR3001 n2']],
  [
    'an agent that does not answer, but is configured',
    { facts: everywhere, nodes: { n2: { status: aMissing('timeout') } } },
    ['KPR3001 n1,n2'],
  ],
  [
    'neither agent nor configuration known',
    {
      facts: { ...everywhere, ciliumConfig: aMissing('forbidden') },
      nodes: {
        n1: { status: aMissing('timeout'), startedConfig: aMissing('timeout') },
        n2: { status: aMissing('timeout'), startedConfig: aMissing('timeout') },
      },
    },
    ['unknown n1 timeout', 'unknown n2 timeout'],
  ],
  ['DaemonSets not read', { facts: { daemonSets: aMissing('forbidden') } }, ['unknown forbidden']],
  ['k3s, its port asked', { distribution: 'k3s' }, []],
  ['k3s, its port answers', { distribution: 'k3s', nodes: { n1: answers, n2: answers } }, ['KPR3001 n1,n2']],
  [
    'k3s, its port not asked',
    { distribution: 'k3s', nodes: { n2: { proxyHealth: aMissing('notCollected') } } },
    ['unknown n2 notCollected'],
  ],
  [
    'k3s, its port not asked, but a server has the flag',
    {
      distribution: 'k3s',
      facts: {
        nodes: [
          aNode('n1', {
            metadata: {
              name: 'n1',
              annotations: { 'k3s.io/node-args': '["server","--disable-kube-proxy","--flannel-backend","none"]' },
            },
          }),
          aNode('n2'),
        ],
      },
      nodes: { n2: { proxyHealth: aMissing('notCollected') } },
    },
    [],
  ],
  [
    'k3s, the flag turned off again',
    {
      distribution: 'k3s',
      facts: {
        nodes: [
          aNode('n1', {
            metadata: { name: 'n1', annotations: { 'k3s.io/node-args': '["server","--disable-kube-proxy","false"]' } },
          }),
          aNode('n2'),
        ],
      },
      nodes: { n2: { proxyHealth: aMissing('notCollected') } },
    },
    ['unknown n2 notCollected'],
  ],
])('%s', (_, changes, expected) => {
  expect(codesOf(kubeProxyAbsent, aSnapshot(changes))).toEqual(expected);
});

const openshift = kubeProxyDaemonSet(2, {
  metadata: { name: 'openshift-kube-proxy', namespace: 'openshift-kube-proxy' },
});
test.each<[string, SnapshotChanges, string]>([
  ['kubeadm', { facts: everywhere }, 'daemonSet'],
  ['EKS', { facts: everywhere, distribution: 'eks' }, 'eksAddon'],
  ['AKS', { facts: everywhere, distribution: 'aks' }, 'aksAddon'],
  ['Talos', { facts: everywhere, distribution: 'talos' }, 'talos'],
  ['OpenShift', { facts: withObjects([openshift], []), distribution: 'other' }, 'openshift'],
  ['RKE2', { facts: withObjects([], [mirrorPod('n1')]), distribution: 'rke2' }, 'rke2'],
  ['kops', { facts: withObjects([], [mirrorPod('n1')]), distribution: 'other' }, 'staticPod'],
  ['k3s', { nodes: { n1: answers }, distribution: 'k3s' }, 'k3s'],
  ['MicroK8s', { nodes: { n1: answers }, distribution: 'microk8s' }, 'microk8s'],
  ['by hand', { nodes: { n1: answers }, distribution: 'other' }, 'process'],
])('who brings it: %s', (_, changes, variant) => {
  expect(findingsOf(kubeProxyAbsent, aSnapshot(changes))).toMatchObject([{ variant, severity: 'warning' }]);
});

test.each<[string, SnapshotChanges]>([
  [
    'both want the health port',
    {
      facts: everywhere,
      nodes: {
        n2: {
          startedConfig: new Map([...ciliumConfig, ['kube-proxy-replacement-healthz-bind-address', '0.0.0.0:10256']]),
        },
      },
    },
  ],
  [
    'kube-ipvs0 taken for a device',
    {
      facts: everywhere,
      nodes: {
        n2: {
          status: {
            kpr: {
              devices: [
                { name: 'eth0', addresses: [] },
                { name: 'kube-ipvs0', addresses: [] },
              ],
            },
          },
        },
      },
    },
  ],
])('an error where they hinder each other: %s', (_, changes) => {
  expect(findingsOf(kubeProxyAbsent, aSnapshot(changes))).toMatchObject([{ severity: 'error', nodes: ['n1', 'n2'] }]);
});

test('one finding for all nodes, about the DaemonSet', () => {
  expect(findingsOf(kubeProxyAbsent, aSnapshot({ facts: everywhere }))).toMatchObject([
    {
      nodes: ['n1', 'n2'],
      objects: [{ kind: 'DaemonSet', namespace: 'kube-system', name: 'kube-proxy' }],
      params: { what: 'kube-system/kube-proxy', conflict: '' },
    },
  ]);
});

test('a sysdump has no DaemonSet of kube-proxy: its pods say that there is one', () => {
  const pods = { facts: withObjects([], [kubeProxyPod('n1'), kubeProxyPod('n2')]) };
  const [sysdump] = findingsOf(
    kubeProxyAbsent,
    aSnapshot({ ...pods, origin: { kind: 'sysdump', file: 'sysdump.zip' } }),
  );
  expect(sysdump).toMatchObject({
    variant: 'daemonSet',
    objects: [{ kind: 'DaemonSet', namespace: 'kube-system', name: 'kube-proxy' }],
  });
  // Where all DaemonSets were read, it is one that was deleted without its pods.
  const [live] = findingsOf(kubeProxyAbsent, aSnapshot(pods));
  expect(live).toMatchObject({ variant: 'pod' });
});

const process = { nodes: { n1: answers } };
const mirrored = { facts: withObjects([], [mirrorPod('n1')]) };

const nodeConfig = (value: string, labels: Readonly<Record<string, string>>) => ({
  ciliumNodeConfigs: [
    {
      metadata: { name: 'migration', namespace: 'kube-system' },
      spec: { nodeSelector: { matchLabels: labels }, defaults: { 'kube-proxy-replacement': value } },
    },
  ],
});
const migrated = { 'io.cilium.migration/kube-proxy-replacement': 'true' };
const halfway = (facts: SnapshotChanges['facts']): SnapshotChanges => ({
  facts: { ...everywhere, ...facts },
  nodes: { n2: off },
});
const ways = {
  exempted: halfway(nodeConfig('false', { 'kubernetes.io/hostname': 'n2' })),
  labelled: halfway({
    ciliumConfig: new Map([...ciliumConfig, ['kube-proxy-replacement', 'false']]),
    nodes: [aNode('n1', { metadata: { name: 'n1', labels: migrated } }), aNode('n2')],
    ...nodeConfig('true', migrated),
  }),
  unknown: halfway({}),
};

test.each<[string, SnapshotChanges, readonly string[]]>([
  [
    'a CiliumNodeConfig exempts it',
    ways.exempted,
    [
      `kubectl -n kube-system patch ciliumnodeconfig migration --type merge -p '{"spec":{"defaults":{"kube-proxy-replacement":null}}}'`,
      'kubectl -n kube-system delete pod cilium-n2',
    ],
  ],
  [
    'a CiliumNodeConfig asks for it by a label',
    ways.labelled,
    [
      'kubectl label node n2 --overwrite io.cilium.migration/kube-proxy-replacement=true',
      'kubectl -n kube-system delete pod cilium-n2',
    ],
  ],
  [
    'nothing tells why',
    ways.unknown,
    [
      `kubectl -n kube-system patch configmap cilium-config --type merge -p '{"data":{"kube-proxy-replacement":"true"}}'`,
      'kubectl -n kube-system delete pod cilium-n2',
    ],
  ],
])('where a node still needs kube-proxy, the next node is taken over: %s', (_, changes, commands) => {
  const [one] = reportOn(aSnapshot(changes), [kubeProxyAbsent]).findings;
  expect(one?.nodes).toEqual(['n1']);
  expect(one === undefined ? [] : stepCommandsOf(one)).toEqual(commands);
  expect(JSON.stringify(one)).not.toContain('delete daemonset');
});

test('a node that nobody serves is no reason to keep kube-proxy on others for good, nor to delete it now', () => {
  const snapshot = aSnapshot({ facts: withObjects([kubeProxyDaemonSet(1)], [kubeProxyPod('n1')]), nodes: { n2: off } });
  const [one] = reportOn(snapshot, [kubeProxyAbsent]).findings;
  expect(one?.variant).toBe('daemonSet');
  expect(one?.remedy.steps.at(-1)).toMatchObject({ withheld: true });
  expect(JSON.stringify(one)).not.toContain('delete daemonset');
});

const blocked = (reason: string) =>
  kubeProxyPod('n1', {
    status: {
      phase: 'Pending',
      containerStatuses: [{ name: 'kube-proxy', ready: false, state: { waiting: { reason } } }],
    },
  });
const saidOf = (reason: string) =>
  codesOf(kubeProxyAbsent, aSnapshot({ facts: withObjects([kubeProxyDaemonSet(1)], [blocked(reason)]) }));

test('a pod whose container cannot be made does not run', () => {
  expect(['ErrImageNeverPull', 'ImagePullBackOff', 'CreateContainerConfigError'].map(saidOf)).toEqual([[], [], []]);
  expect(saidOf('ContainerCreating')).toEqual(['KPR3001 n1']);
});

standardCases(kubeProxyAbsent, {
  requiredUnseen: ['cluster daemonSets'],
  faulty: {
    KPR3001: {
      daemonSet: { facts: everywhere },
      halfwayExempted: ways.exempted,
      halfwayLabelled: ways.labelled,
      halfway: ways.unknown,
      eksAddon: { facts: everywhere, distribution: 'eks' },
      aksAddon: { facts: everywhere, distribution: 'aks' },
      openshift: { facts: withObjects([openshift], []), distribution: 'other' },
      talos: { facts: everywhere, distribution: 'talos' },
      k0s: { facts: everywhere, distribution: 'k0s' },
      gke: { facts: everywhere, distribution: 'gke' },
      rke2: { ...mirrored, distribution: 'rke2' },
      staticPod: { ...mirrored, distribution: 'other' },
      pod: { facts: withObjects([], [kubeProxyPod('n1'), kubeProxyPod('n2')]) },
      k3s: { ...process, distribution: 'k3s' },
      microk8s: { ...process, distribution: 'microk8s' },
      process: { ...process, distribution: 'other' },
    },
  },
  notApplicable: {
    facts: { ...everywhere, ciliumConfig: new Map([['kube-proxy-replacement', 'false']]) },
    nodes: { n1: off, n2: off },
  },
  hostile: (text) => ({
    facts: withObjects([kubeProxyDaemonSet(2, { metadata: { name: text, namespace: text } })], []),
  }),
});
