import { expect, it } from 'vitest';
import { affinityEffective } from '../../../checks/services/affinityEffective.ts';
import { aSnapshot, codesOf } from '../../support/aSnapshot.ts';
import { shop, shopCluster } from '../../support/shopCluster.ts';
import { standardCases } from '../../support/standardCases.ts';

const sticky = shop({ sessionAffinity: 'ClientIP' });
const agents = (version: string, sessionAffinity: boolean) => {
  const status = { version, kpr: { sessionAffinity } };
  return { n1: { status }, n2: { status } };
};
const annotated = (key: string) => shopCluster({ services: [shop({}, { annotations: { [key]: 'ClientIP' } })] });

standardCases(affinityEffective, {
  healthy: shopCluster({ services: [sticky] }),
  faulty: {
    KPR5006: {
      annotation: annotated('service.cilium.io/session-affinity'),
      off: shopCluster({ services: [sticky], ...agents('1.18.4', false) }),
    },
  },
  notApplicable: {},
  hostile: (text) =>
    shopCluster({
      services: [
        {
          ...shop({}, { annotations: { 'x/session-affinity': text } }),
          metadata: { name: text, namespace: 'default', annotations: { 'x/session-affinity': '' } },
        },
      ],
    }),
});

it('1.19 and later have no switch for it', () => {
  expect(
    codesOf(affinityEffective, aSnapshot(shopCluster({ services: [sticky], ...agents('1.19.6', false) }))),
  ).toEqual([]);
});
