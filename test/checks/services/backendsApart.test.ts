import { expect, it } from 'vitest';
import { backendsApart } from '../../../checks/services/backendsApart.ts';
import { aSnapshot, codesOf } from '../../support/aSnapshot.ts';
import { aService, aSlice } from '../../support/healthy.ts';
import { balanced, shop, shopCluster, shopSlice } from '../../support/shopCluster.ts';
import { standardCases } from '../../support/standardCases.ts';

const behind = (ports: { name: string; port: number; protocol: string }[], name = 'other') =>
  shopCluster({
    services: [balanced(shop(), '192.0.2.1'), balanced(aService(name), '192.0.2.2')],
    slices: [
      shopSlice(),
      aSlice(name, ['10.244.1.5'], {
        metadata: { name: 'other-1', namespace: 'default', labels: { 'kubernetes.io/service-name': name } },
        ports,
      }),
    ],
  });
const same = [{ name: 'http', port: 8080, protocol: 'TCP' }];

standardCases(backendsApart, {
  healthy: behind([{ name: 'http', port: 8081, protocol: 'TCP' }]),
  faulty: { KPR5010: { shared: behind(same) } },
  notApplicable: {},
  hostile: (text) => behind(same, text),
});

it('an address of each family is no second way to the same backend', () => {
  const cluster = shopCluster({ services: [balanced(shop(), '192.0.2.1', '2001:db8::1')], slices: [shopSlice()] });
  expect(codesOf(backendsApart, aSnapshot(cluster))).toEqual([]);
});
