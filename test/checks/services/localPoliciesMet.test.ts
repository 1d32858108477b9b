import { expect, it } from 'vitest';
import { localPoliciesMet } from '../../../checks/services/localPoliciesMet.ts';
import { aSnapshot, codesOf } from '../../support/aSnapshot.ts';
import { onNode } from '../../support/lbObjects.ts';
import { balanced, shop, shopCluster, shopSlice } from '../../support/shopCluster.ts';
import { standardCases } from '../../support/standardCases.ts';

const external = { externalTrafficPolicy: 'Local', ports: [{ name: 'http', port: 80, nodePort: 31_080 }] };
const elsewhere = shopSlice({ endpoints: [onNode('10.244.7.5', 'windows-1')] });
const named = (name: string) => ({
  services: [{ ...shop({ internalTrafficPolicy: 'Local' }), metadata: { name, namespace: 'default' } }],
  slices: [
    shopSlice({ metadata: { name: 'shop-1', namespace: 'default', labels: { 'kubernetes.io/service-name': name } } }),
  ],
});

standardCases(localPoliciesMet, {
  healthy: shopCluster({ services: [balanced(shop(external), '192.0.2.1')], slices: [shopSlice()] }),
  faulty: {
    KPR5008: {
      nowhere: shopCluster({ services: [balanced(shop(external), '192.0.2.1')], slices: [elsewhere] }),
      arrivesHere: shopCluster({ services: [balanced(shop(external), '172.30.0.11')], slices: [shopSlice()] }),
      someNodes: shopCluster(named('shop')),
    },
  },
  notApplicable: {},
  hostile: (text) => shopCluster(named(text)),
});

it.each([
  ['the address is that of a node with a backend', balanced(shop(external), '172.30.0.12'), []],
  ['NodePorts, which a load balancer chooses by health checks', shop({ ...external, type: 'NodePort' }), []],
  ['inside the cluster, on nodes without one', shop({ internalTrafficPolicy: 'Local' }), ['KPR5008 n1']],
])('%s', (_, service, expected) => {
  expect(codesOf(localPoliciesMet, aSnapshot(shopCluster({ services: [service], slices: [shopSlice()] })))).toEqual(
    expected,
  );
});

it('that none of the nodes has a backend which were looked at tells nothing of the others', () => {
  const nowhere = shopCluster({ services: [balanced(shop(external), '192.0.2.1')], slices: [elsewhere] });
  const leftOut = { ...nowhere, nodes: { ...nowhere.nodes, n3: { coverage: { kind: 'notSelected' } } } } as const;
  expect(codesOf(localPoliciesMet, aSnapshot(nowhere))).toEqual(['KPR5008 default/shop']);
  expect(codesOf(localPoliciesMet, aSnapshot(leftOut))).toEqual([]);
});
