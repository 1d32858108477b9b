import { expect, test } from 'vitest';
import { mapsHaveRoom } from '../../../checks/agents/mapsHaveRoom.ts';
import { aMissing, aSnapshot, codesOf, findingsOf, type NodeChanges } from '../../support/aSnapshot.ts';
import { noNode, standardCases } from '../../support/standardCases.ts';

const size = (map: string, entries: number): NodeChanges => ({ mapSizes: [{ map, entries, maxEntries: 1000 }] });
const pressure = (map: string, ratio: number): NodeChanges => ({ metrics: { mapPressure: new Map([[map, ratio]]) } });

const explicit = (key: string, map: string): NodeChanges => ({
  ...pressure(map, 0.97),
  startedConfig: new Map([[key, '1024']]),
});

test.each<[string, NodeChanges, Readonly<Record<string, string>>]>([
  ['by the common size', size('cilium_lb4_services_v2', 1000), { key: 'bpf-lb-map-max', size: '131072' }],
  [
    'which is set',
    { ...size('cilium_lb4_services_v2', 1000), startedConfig: new Map([['bpf-lb-map-max', '20']]) },
    { key: 'bpf-lb-map-max', size: '40' },
  ],
  [
    'by its own',
    { ...size('cilium_lb4_backends_v3', 1000), startedConfig: new Map([['bpf-lb-service-backend-map-max', '100']]) },
    { key: 'bpf-lb-service-backend-map-max', size: '200' },
  ],
  ['by a share of memory', pressure('ct4_global', 0.97), { ratio: '0.005', now: '0.0025' }],
  [
    'where a share of memory does not count',
    explicit('bpf-ct-global-tcp-max', 'ct4_global'),
    { key: 'bpf-ct-global-tcp-max', size: '2048', now: '1024' },
  ],
])('a size is doubled where it is set: %s', (_, n2, params) => {
  expect(findingsOf(mapsHaveRoom, aSnapshot({ nodes: { n2 } }))[0]?.params).toMatchObject(params);
});

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
  ['affinity drops its oldest', size('cilium_lb4_affinity', 1000), ['warning trackingFixed cilium_lb4_affinity']],
  ['a map of something else', pressure('policy_v2_00123', 1), []],
])('%s', (_, n2, expected) => {
  const found = findingsOf(mapsHaveRoom, aSnapshot({ nodes: { n2 } }));
  expect(
    found.map(({ severity, variant, params }) => `${severity} ${variant} ${params['map'] ?? params['maps']}`),
  ).toEqual(expected);
  expect(found.flatMap(({ nodes }) => nodes)).toEqual(expected.map(() => 'n2'));
});

test('maps that get their size by one option are one finding', () => {
  const mapSizes = ['cilium_lb4_services_v2', 'cilium_lb4_backends_v3', 'cilium_lb4_reverse_nat'].map((map, i) => ({
    map,
    entries: i === 2 ? 950 : 1000,
    maxEntries: 1000,
  }));
  const found = findingsOf(mapsHaveRoom, aSnapshot({ nodes: { n2: { mapSizes } } }));
  expect(found.map(({ variant, params }) => `${variant} ${params['maps']}`)).toEqual([
    'full cilium_lb4_services_v2 and cilium_lb4_backends_v3',
    'nearlyFull cilium_lb4_reverse_nat',
  ]);
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
      trackingFixed: { nodes: { n2: explicit('bpf-ct-global-tcp-max', 'ct4_global') } },
      trackingNat: { nodes: { n2: explicit('bpf-nat-global-max', 'snat_v4_external') } },
    },
  },
  notApplicable: noNode,
  hostile: (text) => ({ nodes: { n2: size(`cilium_lb4_services_v2${text}`, 1000) } }),
});
