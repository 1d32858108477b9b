import { expect, test } from 'vitest';
import { mapsWouldFit } from '../../../checks/change/mapsWouldFit.ts';
import { aMissing, aSnapshot, codesOf, findingsOf, type SnapshotChanges } from '../../support/aSnapshot.ts';
import { anIntent } from '../../support/anIntent.ts';
import { aService, aSlice, ciliumConfig } from '../../support/healthy.ts';
import { standardCases } from '../../support/standardCases.ts';

const addresses = Array.from({ length: 200 }, (_, at) => `10.244.9.${at + 1}`);
/** 200 endpoints: 201 rows for its ClusterIP, and 201 for each address of a node and for all of them. */
const large = aService('large', {
  type: 'NodePort',
  ports: [{ port: 80, protocol: 'TCP', nodePort: 30_080, name: '' }],
});
const sized = (size: number, options: Readonly<Record<string, string>> = {}): SnapshotChanges => {
  const config = new Map([...ciliumConfig, ['bpf-lb-map-max', String(size)], ...Object.entries(options)]);
  const node = { startedConfig: config };
  return {
    intent: anIntent('enable'),
    facts: { services: [large], endpointSlices: [aSlice('large', addresses)], ciliumConfig: config },
    nodes: { n1: node, n2: node },
  };
};

test.each<[string, SnapshotChanges, string[]]>([
  ['large enough', sized(2048), []],
  ['as many as there are', sized(650), ['KPR8004 n1,n2']],
  ['too small', sized(512), ['KPR8004 n1,n2']],
  ['only the map of Services', sized(2048, { 'bpf-lb-service-map-max': '512' }), ['KPR8004 n1,n2']],
  ['only the map of backends', sized(2048, { 'bpf-lb-service-backend-map-max': '128' }), ['KPR8004 n1,n2']],
  ['too small after the next start', { ...sized(512), nodes: { n1: {}, n2: {} } }, ['KPR8004 n1,n2']],
  [
    'back to kube-proxy',
    { ...sized(512), intent: anIntent('rollback') },
    ['skipped: the maps are not to serve more than now'],
  ],
  ['Services were not read', { ...sized(512), facts: { services: aMissing('forbidden') } }, ['unknown forbidden']],
])('%s', (_, changes, expected) => {
  expect(codesOf(mapsWouldFit, aSnapshot(changes))).toEqual(expected);
});

test('it tells how many rows, and a size that has room for twice as many', () => {
  const [found] = findingsOf(mapsWouldFit, aSnapshot(sized(512)));
  expect(found?.params).toMatchObject({ map: 'cilium_lb4_services_v2', rows: '603', now: '512', size: '2048' });
});

standardCases(mapsWouldFit, {
  healthy: { intent: anIntent('enable') },
  faulty: {
    KPR8004: { full: sized(512), tight: { ...sized(650), intent: anIntent('remove-kube-proxy') } },
  },
  notApplicable: {},
  hostile: { never: 'maps and options are its own, the rest are numbers' },
});
