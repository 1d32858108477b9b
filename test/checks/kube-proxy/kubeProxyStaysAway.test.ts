import { expect, test } from 'vitest';
import { kubeProxyStaysAway } from '../../../checks/kube-proxy/kubeProxyStaysAway.ts';
import { valueOf } from '../../../src/model/Fact.ts';
import type { ConfigMap, DaemonSet } from '../../../src/model/kubernetes.ts';
import {
  aMissing,
  aSnapshot,
  type ClusterChanges,
  codesOf,
  findingsOf,
  type SnapshotChanges,
} from '../../support/aSnapshot.ts';
import { aNode, healthyFacts } from '../../support/healthy.ts';
import { kubeProxyDaemonSet } from './kubeProxyObjects.ts';
import { standardCases } from '../../support/standardCases.ts';

const kubeProxyConfig: ConfigMap = {
  metadata: { name: 'kube-proxy', namespace: 'kube-system' },
  data: { 'config.conf': 'mode: ""' },
};
const kubeadm = (text: string): ConfigMap => ({
  metadata: { name: 'kubeadm-config', namespace: 'kube-system' },
  data: { ClusterConfiguration: text },
});
const asKubeadm = kubeadm(
  'apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nkubernetesVersion: v1.31.0\nproxy: {}\n',
);
const disabled = kubeadm('apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nproxy:\n  disabled: true\n');
const version = (minor: number) => ({ gitVersion: `v1.${minor}.0`, major: 1, minor });
const daemonSets = valueOf(healthyFacts(['n1', 'n2']).daemonSets) ?? [];

test.each<[string, SnapshotChanges, string[]]>([
  ['healthy, not made with kubeadm', {}, []],
  ['the ConfigMap', { facts: { kubeProxyConfig } }, ['KPR3002 kube-system/kube-proxy']],
  ['kubeadm not told', { facts: { kubeadmConfig: asKubeadm } }, ['KPR3002 kube-system/kubeadm-config']],
  ['kubeadm told', { facts: { kubeadmConfig: disabled } }, []],
  [
    'both',
    { facts: { kubeProxyConfig, kubeadmConfig: asKubeadm } },
    ['KPR3002 kube-system/kube-proxy,kube-system/kubeadm-config'],
  ],
  [
    'no proxy.disabled before 1.31, which knows no such field',
    { facts: { kubeadmConfig: asKubeadm, version: version(30) } },
    [],
  ],
  ['kind, which nobody upgrades with kubeadm', { facts: { kubeadmConfig: asKubeadm }, distribution: 'kind' }, []],
  [
    'Cluster API, which makes new nodes',
    {
      facts: {
        kubeadmConfig: asKubeadm,
        nodes: [
          aNode('n1', { metadata: { name: 'n1', annotations: { 'cluster.x-k8s.io/machine': 'm1' } } }),
          aNode('n2'),
        ],
      },
    },
    [],
  ],
  ['kubeadm’s configuration is no YAML', { facts: { kubeadmConfig: kubeadm('a: [') } }, []],
  [
    'kube-proxy still runs',
    { facts: { kubeProxyConfig, kubeadmConfig: asKubeadm, daemonSets: [...daemonSets, kubeProxyDaemonSet()] } },
    ['skipped: kube-proxy has not gone yet: its DaemonSet still runs (kube-proxy-absent)'],
  ],
  [
    'parked',
    { facts: { kubeProxyConfig, kubeadmConfig: asKubeadm, daemonSets: [...daemonSets, kubeProxyDaemonSet(0)] } },
    ['KPR3002 kube-system/kube-proxy'],
  ],
  [
    'replacement off',
    {
      facts: { kubeProxyConfig, ciliumConfig: new Map() },
      nodes: { n1: { status: { kpr: { mode: 'False' } } }, n2: { status: { kpr: { mode: 'False' } } } },
    },
    ['skipped: kube-proxy replacement is off, so kube-proxy is needed'],
  ],
  [
    'whether it is on is not known',
    {
      facts: { ciliumConfig: aMissing('forbidden') },
      nodes: {
        n1: { status: aMissing('timeout'), startedConfig: aMissing('timeout') },
        n2: { status: aMissing('timeout'), startedConfig: aMissing('timeout') },
      },
    },
    ['unknown forbidden'],
  ],
  ['ConfigMap not read', { facts: { kubeProxyConfig: aMissing('forbidden') } }, ['unknown forbidden']],
])('%s', (_, changes, expected) => {
  expect(codesOf(kubeProxyStaysAway, aSnapshot(changes))).toEqual(expected);
});

test.each<[string, ClusterChanges, string]>([
  [
    'kubeadm up to 1.31 looks at the ConfigMap',
    { kubeProxyConfig, kubeadmConfig: disabled, version: version(31) },
    'configMap',
  ],
  ['later ones do not', { kubeProxyConfig, kubeadmConfig: disabled, version: version(32) }, 'configMapAlone'],
  ['without kubeadm', { kubeProxyConfig, kubeadmConfig: undefined }, 'configMapAlone'],
  ['kubeadm alone', { kubeadmConfig: asKubeadm }, 'kubeadmConfig'],
  ['both', { kubeProxyConfig, kubeadmConfig: asKubeadm }, 'configMapAndKubeadmConfig'],
])('which way: %s', (_, facts, variant) => {
  expect(findingsOf(kubeProxyStaysAway, aSnapshot({ facts }))).toMatchObject([{ variant, severity: 'warning' }]);
});

test('a parked DaemonSet is named with what parks it', () => {
  const one = kubeProxyDaemonSet(0);
  const spec = {
    ...one.spec,
    template: {
      spec: { ...one.spec?.template?.spec, nodeSelector: { 'kubernetes.io/os': 'linux', 'non-existing': 'true' } },
    },
  };
  expect(findingsOf(kubeProxyStaysAway, aSnapshot({ facts: { daemonSets: [{ ...one, spec }] } }))).toMatchObject([
    { variant: 'parked', params: { what: 'kube-system/kube-proxy', selector: 'non-existing=true' } },
  ]);
});

const parked = (nodeSelector: Readonly<Record<string, string>>): DaemonSet => {
  const one = kubeProxyDaemonSet(0);
  return { ...one, spec: { template: { spec: { ...one.spec?.template?.spec, nodeSelector } } } };
};
const off = { status: { kpr: { mode: 'False' } } };

standardCases(kubeProxyStaysAway, {
  faulty: {
    KPR3002: {
      configMap: { facts: { kubeProxyConfig, kubeadmConfig: disabled, version: version(31) } },
      kubeadmConfig: { facts: { kubeadmConfig: asKubeadm } },
      configMapAndKubeadmConfig: { facts: { kubeProxyConfig, kubeadmConfig: asKubeadm } },
      configMapAlone: { facts: { kubeProxyConfig } },
      parked: { facts: { daemonSets: [...daemonSets, parked({ 'non-existing': 'true' })] } },
    },
  },
  notApplicable: { facts: { kubeProxyConfig, ciliumConfig: new Map() }, nodes: { n1: off, n2: off } },
  hostile: (text) => ({ facts: { daemonSets: [...daemonSets, parked({ [`x${text}`]: text })] } }),
});
