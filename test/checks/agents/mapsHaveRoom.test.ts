import { expect, test } from 'vitest';
import { mapsHaveRoom } from '../../../checks/agents/mapsHaveRoom.ts';
import { aMissing, aSnapshot, codesOf, findingsOf, type NodeChanges } from '../../support/aSnapshot.ts';
import { noNode, standardCases } from '../../support/standardCases.ts';

const size = (map: string, entries: number): NodeChanges => ({ mapSizes: [{ map, entries, maxEntries: 1000 }] });
const pressure = (map: string, ratio: number): NodeChanges => ({ metrics: { mapPressure: new Map([[map, ratio]]) } });

test.each<[string, NodeChanges, string[]]>([
  ['healthy', {}, []],
  ['full', size('cilium_lb4_services_v2', 1000), ['error full cilium_lb4_services_v2']],
  ['nearly full', size('cilium_lb6_backends_v3', 901), ['warning nearlyFull cilium_lb6_backends_v3']],
  ['89 %', size('cilium_lb4_services_v2', 899), []],
  ['no capacity known', { mapSizes: [{ map: 'cilium_lb4_services_v2', entries: 5, maxEntries: 0 }] }, []],
  ['by the metric', pressure('lb4_services_v2', 0.95), ['warning nearlyFull cilium_lb4_services_v2']],
  [
    'by both: once, by the fuller',
    { ...size('cilium_lb4_services_v2', 1000), ...pressure('cilium_lb4_services_v2', 0.9) },
    ['error full cilium_lb4_services_v2'],
  ],
  ['a connection table', pressure('ct4_global', 0.97), ['warning tracking cilium_ct4_global']],
  ['NAT', pressure('snat_v4_external', 1), ['warning tracking cilium_snat_v4_external']],
  ['affinity drops its oldest', size('cilium_lb4_affinity', 1000), ['warning tracking cilium_lb4_affinity']],
  ['a map of something else', pressure('policy_v2_00123', 1), []],
])('%s', (_, n2, expected) => {
  const found = findingsOf(mapsHaveRoom, aSnapshot({ nodes: { n2 } }));
  expect(found.map(({ severity, variant, params }) => `${severity} ${variant} ${params['map']}`)).toEqual(expected);
  expect(found.flatMap(({ nodes }) => nodes)).toEqual(expected.map(() => 'n2'));
});

test.each<[NodeChanges, string[]]>([
  [{}, []],
  [{ mapSizes: aMissing('timeout') }, []],
  [{ mapSizes: aMissing('timeout'), metrics: aMissing('unreachable') }, ['unknown n2 timeout']],
  [{ mapSizes: aMissing('timeout'), ...pressure('ct4_global', 0.1) }, ['unknown n2 timeout']],
  [{ metrics: aMissing('timeout') }, []],
])('one witness is enough, none is unknown (%#)', (n2, expected) => {
  expect(codesOf(mapsHaveRoom, aSnapshot({ nodes: { n2 } }))).toEqual(expected);
});

standardCases(mapsHaveRoom, {
  faulty: {
    KPR1010: {
      full: { nodes: { n2: size('cilium_lb4_services_v2', 1000) } },
      nearlyFull: { nodes: { n2: size('cilium_lb6_backends_v3', 901) } },
      tracking: { nodes: { n2: pressure('ct4_global', 0.97) } },
    },
  },
  notApplicable: noNode,
  hostile: (text) => ({ nodes: { n2: size(`cilium_lb4_services_v2${text}`, 1000) } }),
});
