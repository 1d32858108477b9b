import { describe, expect, test } from 'vitest';
import { known, missing } from '../../src/model/Fact.ts';
import type { DaemonSet, LabelSelectorRequirement, Node, PodSpec } from '../../src/model/kubernetes.ts';
import { detectDistribution } from '../../src/parse/detectDistribution.ts';
import { nodeCoverage } from '../../src/parse/nodeCoverage.ts';
import { aNode } from '../support/healthy.ts';

const unread = missing('forbidden', 'no');
const node = (changes: {
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  providerID?: string;
  osImage?: string;
  kubeletVersion?: string;
}): Node => ({
  metadata: { name: 'n1', labels: changes.labels ?? {}, annotations: changes.annotations ?? {} },
  spec: changes.providerID === undefined ? {} : { providerID: changes.providerID },
  status: {
    nodeInfo: { osImage: changes.osImage ?? 'Ubuntu 24.04', kubeletVersion: changes.kubeletVersion ?? 'v1.36.3' },
  },
});

describe('how a cluster was made', () => {
  const kubeadmConfig = known({ metadata: { name: 'kubeadm-config' } }, 's');
  const none = known(undefined, 's');
  const detect = (
    gitVersion: string,
    nodes: readonly Node[],
    config: typeof kubeadmConfig | typeof none = none,
    daemonSets: readonly DaemonSet[] = [],
  ) =>
    detectDistribution({
      version: known({ gitVersion, major: 1, minor: 36 }, 's'),
      nodes: known(nodes, 's'),
      daemonSets: known(daemonSets, 's'),
      kubeadmConfig: config,
    });

  test.each([
    ['k3s', 'v1.31.4+k3s1', {}],
    ['rke2', 'v1.31.4+rke2r1', {}],
    ['k0s', 'v1.31.4+k0s', {}],
    ['k0s', 'v1.31.4', { kubeletVersion: 'v1.31.4+k0s' }],
    ['eks', 'v1.31.4-eks-2d5f260', {}],
    ['gke', 'v1.31.4-gke.1000', {}],
    ['talos', 'v1.36.3', { osImage: 'Talos (v1.12.0)' }],
    ['openshift', 'v1.31.4', { osImage: 'Red Hat Enterprise Linux CoreOS 418.94 (Plow)' }],
    ['openshift', 'v1.31.4', { labels: { 'node.openshift.io/os_id': 'rhcos' } }],
    ['aks', 'v1.31.4', { labels: { 'kubernetes.azure.com/cluster': 'rg' } }],
    ['microk8s', 'v1.31.4', { labels: { 'microk8s.io/cluster': 'true' } }],
    ['kubeadm', 'v1.36.3', { annotations: { 'kubeadm.alpha.kubernetes.io/cri-socket': 'x' } }],
    ['other', 'v1.36.3', {}],
  ])('%s: %s %j', (distribution, gitVersion, changes) => {
    expect(detect(gitVersion, [node({}), node(changes)])).toBe(distribution);
  });

  test('kind has a kubeadm-config too, and is kind', () => {
    expect(detect('v1.36.3', [node({ providerID: 'kind://docker/kind/n1' })], kubeadmConfig)).toBe('kind');
    expect(detect('v1.36.3', [node({})], kubeadmConfig)).toBe('kubeadm');
  });

  test('OpenShift by its namespaces', () => {
    expect(detect('v1.31.4', [node({})], none, [{ metadata: { name: 'x', namespace: 'openshift-dns' } }])).toBe(
      'openshift',
    );
  });

  test('nothing could be read', () => {
    expect(detectDistribution({ version: unread, nodes: unread, daemonSets: unread, kubeadmConfig: unread })).toBe(
      'other',
    );
  });
});

const daemonSet = (spec: PodSpec & { affinity?: object } = {}, name = 'cilium'): DaemonSet => ({
  metadata: { name, namespace: 'kube-system' },
  spec: { template: { spec } },
});
const labelled = (labels: Record<string, string>) => aNode('n1', { metadata: { name: 'n1', labels } });

describe('whether an agent is to run on a node', () => {
  const affinity = (
    ...terms: { matchExpressions?: LabelSelectorRequirement[]; matchFields?: LabelSelectorRequirement[] }[]
  ) =>
    daemonSet({
      affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } } },
    });
  const linux = labelled({ 'kubernetes.io/os': 'linux', pool: 'a', cores: '8' });

  test.each([
    ['a Linux node', linux, daemonSet({ nodeSelector: { 'kubernetes.io/os': 'linux' } })],
    [
      'a tainted node',
      Object.assign(aNode('n1'), { spec: { taints: [{ key: 'k', effect: 'NoSchedule' }] } }),
      daemonSet(),
    ],
    [
      'one term of several fits',
      linux,
      affinity(
        { matchExpressions: [{ key: 'x', operator: 'Exists' }] },
        { matchExpressions: [{ key: 'pool', operator: 'In', values: ['b', 'a'] }] },
      ),
    ],
    ['by its name', linux, affinity({ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n1'] }] })],
    [
      'more cores',
      linux,
      affinity({
        matchExpressions: [
          { key: 'cores', operator: 'Gt', values: ['4'] },
          { key: 'x', operator: 'DoesNotExist' },
        ],
      }),
    ],
    [
      'an operator of tomorrow',
      linux,
      affinity({ matchExpressions: [{ key: 'pool', operator: 'Like', values: ['z*'] }] }),
    ],
  ])('%s is covered', (_, one, set) => {
    expect(nodeCoverage(one, [set])).toEqual({ kind: 'covered' });
  });

  test.each([
    ['Windows', labelled({ 'kubernetes.io/os': 'windows' }), daemonSet(), /Windows/],
    [
      'Windows without labels',
      aNode('n1', { metadata: { name: 'n1' }, status: { nodeInfo: { operatingSystem: 'windows' } } }),
      daemonSet(),
      /Windows/,
    ],
    ['virtual kubelet', labelled({ type: 'virtual-kubelet' }), daemonSet(), /virtual kubelet/],
    ['Fargate', labelled({ 'eks.amazonaws.com/compute-type': 'fargate' }), daemonSet(), /Fargate/],
    [
      'node selector',
      linux,
      daemonSet({ nodeSelector: { pool: 'b' } }),
      /node selector pool=b of the DaemonSet cilium/,
    ],
    [
      'affinity',
      linux,
      affinity({ matchExpressions: [{ key: 'pool', operator: 'NotIn', values: ['a'] }] }),
      /node affinity/,
    ],
    [
      'another name',
      linux,
      affinity({ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n2'] }] }),
      /node affinity/,
    ],
    [
      'fewer cores',
      linux,
      affinity({ matchExpressions: [{ key: 'cores', operator: 'Lt', values: ['8'] }] }),
      /node affinity/,
    ],
    ['an empty term fits nothing', linux, affinity({}), /node affinity/],
  ])('%s is excluded', (_, one, set, why) => {
    expect(nodeCoverage(one, [set])).toEqual({ kind: 'excluded', why: expect.stringMatching(why) });
  });

  test('one of several DaemonSets is enough; without any nothing is excluded', () => {
    expect(
      nodeCoverage(linux, [daemonSet({ nodeSelector: { pool: 'b' } }), daemonSet({ nodeSelector: { pool: 'a' } })]),
    ).toEqual({ kind: 'covered' });
    expect(nodeCoverage(linux, [])).toEqual({ kind: 'covered' });
  });
});
