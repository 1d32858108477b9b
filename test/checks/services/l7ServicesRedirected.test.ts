import { l7ServicesRedirected } from '../../../checks/services/l7ServicesRedirected.ts';
import { expect, test } from 'vitest';
import type { Pod } from '../../../src/model/kubernetes.ts';
import { aSnapshot, codesOf, type SnapshotChanges } from '../../support/aSnapshot.ts';
import { anAgentPod } from '../../support/healthy.ts';
import { parseMapsDump } from '../../support/parseMapsDump.ts';
import { shop, shopCluster, shopSlice } from '../../support/shopCluster.ts';
import { standardCases } from '../../support/standardCases.ts';

const placeholder = shopSlice({
  endpoints: [{ addresses: ['192.192.192.192'] }],
  ports: [{ name: '', port: 9999, protocol: 'TCP' }],
});
const table = (flags: string) =>
  parseMapsDump(
    `SVC: ID=1 ADDR=10.96.10.1:80/TCP SLOT=0 LBALG=undef AFFTimeout=0 COUNT=0 QCOUNT=0 FLAGS=ClusterIP+non-routable${flags}`,
  );
const gateway = (flags: string, settings: Readonly<Record<string, string>> = {}, name = 'shop') =>
  shopCluster({
    services: [{ ...shop(), metadata: { name, namespace: 'default' } }],
    slices: [
      {
        ...placeholder,
        metadata: { ...placeholder.metadata, labels: { 'kubernetes.io/service-name': name } },
      },
    ],
    settings,
    n1: { lbTable: table(flags) },
    n2: { lbTable: table(flags) },
  });

const external = { 'enable-envoy-config': 'true', 'external-envoy-proxy': 'true' };
const envoy = (
  reason: string | undefined,
  since = '2026-11-21T09:00:00Z',
  meta: Partial<Pod['metadata']> = {},
): Pod => ({
  metadata: { name: 'cilium-envoy-2', namespace: 'kube-system', labels: { 'k8s-app': 'cilium-envoy' }, ...meta },
  spec: { nodeName: 'n2', containers: [{ name: 'cilium-envoy' }] },
  status: {
    conditions: [{ type: 'Ready', status: reason === undefined ? 'True' : 'False', lastTransitionTime: since }],
    containerStatuses: [{ name: 'cilium-envoy', ready: false, state: { waiting: { reason: reason ?? '' } } }],
  },
});
const withEnvoy = (
  pod: Pod,
  flags = '+l7-load-balancer',
  settings: Readonly<Record<string, string>> = external,
): SnapshotChanges => {
  const changes = gateway(flags, settings);
  return { ...changes, facts: { ...changes.facts, systemPods: [anAgentPod('n1'), anAgentPod('n2'), pod] } };
};
const broken = envoy('CrashLoopBackOff');

test.each<[string, SnapshotChanges, string[]]>([
  ['Envoy is ready', withEnvoy(envoy(undefined)), []],
  ['Envoy is not ready', withEnvoy(broken), ['KPR5012 n2']],
  ['Envoy is starting', withEnvoy(envoy('ContainerCreating', '2026-11-21T09:59:30Z')), []],
  ['Envoy is being replaced', withEnvoy(envoy('Error', undefined, { deletionTimestamp: '2026-11-21T09:59:30Z' })), []],
  ['Envoy is of somebody else', withEnvoy(envoy('Error', undefined, { namespace: 'gateways' })), []],
  ['agents run their own Envoy', withEnvoy(broken, undefined, { 'enable-envoy-config': 'true' }), []],
])('%s', (_, changes, expected) => {
  expect(codesOf(l7ServicesRedirected, aSnapshot(changes))).toEqual(expected);
});

const onHost = (selector: string): Readonly<Record<string, string>> => ({
  'enable-envoy-config': 'true',
  'gateway-api-hostnetwork-enabled': 'true',
  'gateway-api-hostnetwork-nodelabelselector': selector,
});
test.each([
  ['on one node', 'kubernetes.io/hostname=n1', ['KPR5012 n1']],
  ['on all', '', ['KPR5012 default/shop']],
  ['on none of these', 'role=edge', []],
])('where Envoy is to listen in the network of the host %s, rows are redirected there', (_, selector, expected) => {
  expect(codesOf(l7ServicesRedirected, aSnapshot(gateway('', onHost(selector))))).toEqual(expected);
});

standardCases(l7ServicesRedirected, {
  healthy: gateway('+l7-load-balancer', { 'enable-envoy-config': 'true' }),
  faulty: {
    KPR5012: {
      notRedirected: gateway('', { 'enable-envoy-config': 'true' }),
      envoyOff: gateway(''),
      envoyDown: withEnvoy(envoy('CrashLoopBackOff')),
    },
  },
  notApplicable: {},
  hostile: (text) => gateway('', {}, text),
});
