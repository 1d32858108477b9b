import { expect, it } from 'vitest';
import { frontendsBacked } from '../../../checks/services/frontendsBacked.ts';
import { topologyHonoured } from '../../../checks/services/topologyHonoured.ts';
import { aSnapshot, codesOf } from '../../support/aSnapshot.ts';
import { aNode } from '../../support/healthy.ts';
import { shop, shopCluster, shopSlice } from '../../support/shopCluster.ts';
import { standardCases } from '../../support/standardCases.ts';

const inZone = (name: string, zone: string) =>
  aNode(name, { metadata: { name, labels: { 'topology.kubernetes.io/zone': zone } } });
const zones = { nodes: [inZone('n1', 'a'), inZone('n2', 'b')] };
const near = (trafficDistribution: string) => ({ services: [shop({ trafficDistribution })], slices: [shopSlice()] });
const on = { 'enable-service-topology': 'true' };

standardCases(topologyHonoured, {
  healthy: shopCluster({ ...near('PreferClose'), settings: on, facts: zones }),
  faulty: {
    KPR5009: {
      portName: { raisedBy: frontendsBacked },
      endpointIsService: { raisedBy: frontendsBacked },
      noSuchPort: { raisedBy: frontendsBacked },
      protocol: { raisedBy: frontendsBacked },
      family: { raisedBy: frontendsBacked },
      familyOff: { raisedBy: frontendsBacked },
      noRange: { raisedBy: frontendsBacked },
      deniesAll: { raisedBy: frontendsBacked },
      otherProxy: { raisedBy: frontendsBacked },
      notThisProxy: { raisedBy: frontendsBacked },
      headless: { raisedBy: frontendsBacked },
      zone: { raisedBy: frontendsBacked },
      outOfRotation: { raisedBy: frontendsBacked },
      endpointIsFrontend: { raisedBy: frontendsBacked },
      onlyNames: { raisedBy: frontendsBacked },
      sliceOfOtherProxy: { raisedBy: frontendsBacked },
      topologyOff: shopCluster({ ...near('PreferClose'), facts: zones }),
      distributionUnknown: shopCluster({ ...near('PreferSameNode'), settings: on }),
    },
  },
  notApplicable: {},
  hostile: (text) => shopCluster({ ...near(`PreferSameNode${text}`), facts: zones }),
});

it.each([
  [
    'the annotation counts as the field does',
    shopCluster({
      services: [shop({}, { annotations: { 'service.kubernetes.io/topology-mode': 'Auto' } })],
      facts: zones,
    }),
    ['KPR5009 default/shop'],
  ],
  [
    'in one zone nothing is lost',
    shopCluster(near('PreferClose')),
    ['skipped: no Service asks for a topology that nodes have'],
  ],
  [
    '1.20 knows the newer words',
    shopCluster({ ...near('PreferSameZone'), settings: on, version: '1.20.1', facts: zones }),
    [],
  ],
])('%s', (_, cluster, expected) => {
  expect(codesOf(topologyHonoured, aSnapshot(cluster))).toEqual(expected);
});
