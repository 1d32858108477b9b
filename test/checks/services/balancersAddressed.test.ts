import { expect, it } from 'vitest';
import { balancersAddressed } from '../../../checks/services/balancersAddressed.ts';
import type { Pod, Service } from '../../../src/model/kubernetes.ts';
import { aSnapshot, codesOf, findingsOf, type SnapshotChanges } from '../../support/aSnapshot.ts';
import { aService, anAgentPod } from '../../support/healthy.ts';
import { balanced, shop, shopCluster } from '../../support/shopCluster.ts';
import { standardCases } from '../../support/standardCases.ts';

const refusing = (message: string, reason = 'no_pool') => ({
  ...balanced(shop()),
  status: {
    loadBalancer: {},
    conditions: [{ type: 'cilium.io/IPAMRequestSatisfied', status: 'False', reason, message }],
  },
});

const ofClass = (loadBalancerClass: string): Service => balanced(shop({ loadBalancerClass }));
const operator = (isReady: boolean, at: number): Pod => ({
  metadata: { name: `cilium-operator-${at}`, namespace: 'kube-system', labels: { 'io.cilium/app': 'operator' } },
  status: { conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False' }] },
});
const withOperators = (services: readonly Service[], ready: readonly boolean[]): SnapshotChanges =>
  shopCluster({
    services,
    settings: { 'enable-l2-announcements': 'true' },
    facts: { systemPods: [anAgentPod('n1'), anAgentPod('n2'), ...ready.map(operator)] },
  });

/** Somebody scaled the operator. */
function stopped(services: readonly Service[], replicas = 0, ready: readonly boolean[] = []): SnapshotChanges {
  const cluster = withOperators(services, ready);
  const deployments = [{ metadata: { name: 'cilium-operator', namespace: 'kube-system' }, spec: { replicas } }];
  return { ...cluster, facts: { ...cluster.facts, deployments } };
}

standardCases(balancersAddressed, {
  healthy: shopCluster({ services: [balanced(shop(), '192.0.2.1')] }),
  faulty: {
    KPR5013: {
      refused: shopCluster({ services: [refusing('There are no pools')] }),
      pending: shopCluster({ services: [balanced(shop())] }),
      classOff: shopCluster({ services: [ofClass('io.cilium/bgp-control-plane')] }),
      operatorDown: withOperators([ofClass('io.cilium/l2-announcer')], [false, false]),
      operatorStopped: stopped([ofClass('io.cilium/l2-announcer')]),
      leftToClass: shopCluster({ services: [ofClass('example.org/balancer')] }),
    },
  },
  notApplicable: {},
  hostile: (text) => shopCluster({ services: [refusing(text)] }),
});

it('a Service that was made just now is not late', () => {
  const young = shop({}, { creationTimestamp: '2026-11-21T09:58:00Z' });
  expect(codesOf(balancersAddressed, aSnapshot(shopCluster({ services: [balanced(young)] })))).toEqual([]);
});

it('where one is refused, one that was made just now waits for the same', () => {
  const young = balanced(aService('young', {}, { creationTimestamp: '2026-11-21T09:59:58Z' }));
  const cluster = shopCluster({ services: [refusing('There are no pools'), young] });
  expect(codesOf(balancersAddressed, aSnapshot(cluster))).toEqual(['KPR5013 default/shop,default/young']);
});

it.each<[string, string, boolean]>([
  ['another one’s class', 'metallb.io/x', false],
  ['a class of Cilium’s', 'io.cilium/l2-announcer', true],
])('where pools are used up, %s', (_, loadBalancerClass, isTold) => {
  const young = balanced(aService('young', { loadBalancerClass }, { creationTimestamp: '2026-11-21T09:59:58Z' }));
  const cluster = shopCluster({ services: [refusing('There are no pools'), young] });
  const about = isTold ? 'default/shop,default/young' : 'default/shop';
  expect(codesOf(balancersAddressed, aSnapshot(cluster))).toEqual([`KPR5013 ${about}`]);
});

it('why one may not share an address, is not why others have none', () => {
  const other = balanced(aService('other'));
  const cluster = shopCluster({ services: [refusing('sharing', 'already_allocated_incompatible_service'), other] });
  const variants = findingsOf(balancersAddressed, aSnapshot(cluster)).map(({ variant }) => variant);
  expect(variants).toEqual(['refused', 'pending']);
});

it.each<[string, Service, readonly boolean[], string]>([
  ['one of two operators is ready', ofClass('io.cilium/l2-announcer'), [false, true], 'leftToClass'],
  ['no operator is known', ofClass('io.cilium/l2-announcer'), [], 'leftToClass'],
  ['nobody knows that Cilium is to give it', balanced(shop()), [false], 'pending'],
])('%s', (_, service, ready, variant) => {
  const found = findingsOf(balancersAddressed, aSnapshot(withOperators([service], ready)));
  expect(found.map((one) => one.variant)).toEqual([variant]);
});

it('a name in place of an address is one', () => {
  const named = { ...balanced(shop()), status: { loadBalancer: { ingress: [{}] } } };
  expect(codesOf(balancersAddressed, aSnapshot(shopCluster({ services: [named] })))).toEqual([]);
});

it.each<[string, SnapshotChanges, string]>([
  ['it is to have pods, and has none yet', stopped([ofClass('io.cilium/l2-announcer')], 2), 'leftToClass'],
  ['a pod of it is there still', stopped([ofClass('io.cilium/l2-announcer')], 0, [true]), 'leftToClass'],
  ['another one is to give the address', stopped([ofClass('example.org/balancer')]), 'leftToClass'],
  ['nobody knows that Cilium is to give it', stopped([balanced(shop())]), 'pending'],
])('the operator is scaled to 0: not where %s', (_, cluster, variant) => {
  expect(findingsOf(balancersAddressed, aSnapshot(cluster)).map((one) => one.variant)).toEqual([variant]);
});

it('what is left to two controllers is two findings', () => {
  const services = [ofClass('a.example.org/x'), balanced(aService('other', { loadBalancerClass: 'b.example.org/x' }))];
  const found = findingsOf(balancersAddressed, aSnapshot(shopCluster({ services })));
  expect(found.map(({ params }) => params['name'])).toEqual(['a.example.org/x', 'b.example.org/x']);
});
