import { expect, test } from 'vitest';
import { healthPortAnswers } from '../../../checks/agents/healthPortAnswers.ts';
import type { Service } from '../../../src/model/kubernetes.ts';
import { aMissing, aSnapshot, codesOf, type NodeChanges, type SnapshotChanges } from '../../support/aSnapshot.ts';
import { aNode, aService, ciliumConfig } from '../../support/healthy.ts';
import { standardCases } from '../../support/standardCases.ts';

const balanced = (spec: Service['spec'] = {}): Service => aService('cart', { type: 'LoadBalancer', ...spec });
const on = (
  n2: NodeChanges,
  { provider = 'gce', services = [balanced()] }: { readonly provider?: string; readonly services?: Service[] } = {},
): SnapshotChanges => ({
  facts: {
    services,
    nodes: ['n1', 'n2'].map((name) => aNode(name, { spec: { providerID: `${provider}://project/zone/${name}` } })),
  },
  nodes: { n1: answering, n2: { ...answering, ...n2 } },
});
const answering: NodeChanges = { proxyHealth: { kind: 'cilium', httpStatus: 200 } };
const nobody: NodeChanges = { proxyHealth: { kind: 'nobody' } };
const contested: NodeChanges = {
  proxyHealth: { kind: 'kubeProxy', httpStatus: 200 },
  startedConfig: new Map([...ciliumConfig, ['kube-proxy-replacement-healthz-bind-address', '0.0.0.0:10256']]),
};

const bound = (address: string): NodeChanges => ({
  ...answering,
  startedConfig: new Map([...ciliumConfig, ['kube-proxy-replacement-healthz-bind-address', address]]),
});
const onLoopback = on(bound('127.0.0.1:10256'));

test.each<[string, SnapshotChanges, string[]]>([
  ['nobody answers', on(nobody), ['KPR1014 n2']],
  ['Cilium answers', on(answering), []],
  ['Cilium answers the node alone', onLoopback, ['KPR1014 n2']],
  ['the node alone, over IPv6', on(bound('[::1]:10256')), ['KPR1014 n2']],
  ['everywhere', on(bound('0.0.0.0:10256')), []],
  ['everywhere, over IPv6', on(bound('[::]:10256')), []],
  ['at an address of the node', on(bound('10.0.0.7:10256')), []],
  [
    'the node alone, where kube-proxy answers',
    on({ ...contested, ...bound('127.0.0.1:10256'), proxyHealth: { kind: 'other', excerpt: 'x' } }),
    [],
  ],
  ['a firewall’s own page answers', on({ proxyHealth: { kind: 'other', excerpt: 'x' } }), []],
  ['kube-proxy answers, and Cilium is to', on(contested), ['KPR1014 n2']],
  [
    'of another provider',
    on(nobody, { provider: 'hcloud' }),
    ['skipped: no node is of a provider whose load balancers ask port 10256'],
  ],
  [
    'with a health check port of its own',
    on(nobody, { services: [balanced({ externalTrafficPolicy: 'Local' })] }),
    ['skipped: no Service has a load balancer that asks port 10256'],
  ],
  [
    'a load balancer of somebody else',
    on(nobody, { services: [balanced({ loadBalancerClass: 'io.cilium/l2-announcer' })] }),
    ['skipped: no Service has a load balancer that asks port 10256'],
  ],
  ['not asked', on({ proxyHealth: aMissing('notCollected') }), ['unknown n2 notCollected']],
])('%s', (_, changes, expected) => {
  expect(codesOf(healthPortAnswers, aSnapshot(changes))).toEqual(expected);
});

standardCases(healthPortAnswers, {
  healthy: on(answering),
  faulty: { KPR1014: { nobody: on(nobody), loopback: onLoopback, contested: on(contested) } },
  notApplicable: {},
  hostile: (text) => on(nobody, { services: [balanced({ ports: [{ port: 80, name: text }] })] }),
});
