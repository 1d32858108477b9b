import { expect, test } from 'vitest';
import { kubernetesSliceCurrent } from '../../../checks/api-endpoint/kubernetesSliceCurrent.ts';
import type { EndpointSlice } from '../../../src/model/kubernetes.ts';
import type { ServerProbe } from '../../../src/model/NodeFacts.ts';
import { aMissing, aSnapshot, codesOf, findingsOf, type SnapshotChanges } from '../../support/aSnapshot.ts';
import { aNode, aSlice } from '../../support/healthy.ts';
import { standardCases } from '../../support/standardCases.ts';

const slices = (...addresses: string[]): EndpointSlice[] => [
  aSlice('kubernetes', addresses, { ports: [{ port: 6443 }], metadata: { name: 'kubernetes' } }),
];
const probe = (address: string, connect: ServerProbe['connect'], detail = ''): ServerProbe => ({
  via: address === '10.96.0.1' ? 'clusterIP' : 'server',
  address,
  port: 6443,
  connect,
  detail,
});
const cluster = (
  addresses: readonly string[],
  n1: readonly ServerProbe[] | undefined,
  n2 = n1,
  more: SnapshotChanges = {},
): SnapshotChanges => ({
  ...more,
  facts: { endpointSlices: slices(...addresses), ...more.facts },
  nodes: {
    n1: { serversProbe: n1 ?? aMissing('notCollected') },
    n2: { serversProbe: n2 ?? aMissing('notCollected') },
  },
});
const open = (address: string) => probe(address, 'open');
const dead = cluster(['172.30.0.1', '172.30.0.59'], [open('172.30.0.1'), probe('172.30.0.59', 'timeout')]);
/** n1 and n2 are control-plane nodes. */
const stray = cluster(['172.30.0.11', '172.30.0.12', '172.30.0.59'], undefined);
/** The agents reached the first one. */
const unconfirmed = cluster(['172.30.0.1', '172.30.0.59'], undefined);

test.each<[string, SnapshotChanges, string[]]>([
  ['a server that no node reaches', dead, ['KPR2006 default/kubernetes']],
  [
    'one that a node reaches',
    cluster(
      ['172.30.0.1', '172.30.0.59'],
      [open('172.30.0.1'), probe('172.30.0.59', 'timeout')],
      [open('172.30.0.1'), open('172.30.0.59')],
    ),
    [],
  ],
  ['none is reached: the way is lost', cluster(['172.30.0.1'], [probe('172.30.0.1', 'timeout')]), []],
  ['all answer', cluster(['172.30.0.1', '172.30.0.2'], [open('172.30.0.1'), open('172.30.0.2')]), []],
  ['an address that is of no node, beside some that are', stray, ['KPR2006 default/kubernetes']],
  ['an address that nothing confirms', unconfirmed, ['KPR2006 default/kubernetes']],
  [
    'servers of a provider',
    { ...unconfirmed, distribution: 'eks' },
    ['skipped: the API servers are the provider’s, and none was dialled'],
  ],
  [
    'an address of another network of a node',
    {
      ...cluster(['172.30.0.11', '192.0.2.7'], undefined),
      nodes: {
        n1: { serversProbe: aMissing('notCollected') },
        n2: {
          serversProbe: aMissing('notCollected'),
          interfaces: [{ name: 'eth1', up: true, addresses: ['192.0.2.7'] }],
        },
      },
    },
    [],
  ],
  ['one server, not dialled', cluster(['192.0.2.1'], undefined), []],
  ['several, of which nothing is known', cluster(['192.0.2.1', '192.0.2.2'], undefined), ['unknown notCollected']],
])('%s', (_, changes, expected) => {
  expect(codesOf(kubernetesSliceCurrent, aSnapshot(changes))).toEqual(expected);
});

test('what was tried is told, once for each dead server', () => {
  expect(findingsOf(kubernetesSliceCurrent, aSnapshot(dead))).toMatchObject([
    { variant: 'dead', params: { addresses: '172.30.0.59:6443', others: '172.30.0.1:6443', how: 'timeout' } },
  ]);
});

standardCases(kubernetesSliceCurrent, {
  requiredUnseen: [],
  faulty: { KPR2006: { dead, stray, unconfirmed } },
  notApplicable: { facts: { endpointSlices: [] } },
  hostile: (text) =>
    cluster(['172.30.0.1', '172.30.0.59'], [open('172.30.0.1'), probe('172.30.0.59', 'failed', text)], undefined, {
      facts: { nodes: [aNode('n1')] },
    }),
});
