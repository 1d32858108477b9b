import { expect, it } from 'vitest';
import { balancersAddressed } from '../../../checks/services/balancersAddressed.ts';
import { aSnapshot, codesOf } from '../../support/aSnapshot.ts';
import { aService } from '../../support/healthy.ts';
import { balanced, shop, shopCluster } from '../../support/shopCluster.ts';
import { standardCases } from '../../support/standardCases.ts';

const refusing = (message: string) => ({
  ...balanced(shop()),
  status: {
    loadBalancer: {},
    conditions: [{ type: 'cilium.io/IPAMRequestSatisfied', status: 'False', reason: 'no_pool', message }],
  },
});

standardCases(balancersAddressed, {
  healthy: shopCluster({ services: [balanced(shop(), '192.0.2.1')] }),
  faulty: {
    KPR5013: {
      refused: shopCluster({ services: [refusing('There are no pools')] }),
      pending: shopCluster({ services: [balanced(shop())] }),
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

it('a name in place of an address is one', () => {
  const named = { ...balanced(shop()), status: { loadBalancer: { ingress: [{}] } } };
  expect(codesOf(balancersAddressed, aSnapshot(shopCluster({ services: [named] })))).toEqual([]);
});
