import { expect, test } from 'vitest';
import { leftoverNftables } from '../../../checks/kube-proxy/leftoverNftables.ts';
import {
  aMissing,
  aSnapshot,
  codesOf,
  findingsOf,
  resultOf,
  type NodeChanges,
  type SnapshotChanges,
} from '../../support/aSnapshot.ts';
import { standardCases } from '../../support/standardCases.ts';

const both = ['ip', 'ip6'].map((family) => ({ family, chains: undefined }));
const on = (n2: NodeChanges): SnapshotChanges => ({ nodes: { n2 } });
const kubernetes = (minor: number) => ({ gitVersion: `v1.${minor}.2`, major: 1, minor });

test.each<[string, SnapshotChanges, string[]]>([
  ['healthy', {}, []],
  ['both families on one node', on({ nftTables: both }), ['KPR3004 n2']],
  ['on both nodes, once', { nodes: { n1: { nftTables: both }, n2: { nftTables: both } } }, ['KPR3004 n1,n2']],
  ['while kube-proxy runs there', on({ nftTables: both, proxyHealth: { kind: 'kubeProxy', httpStatus: 200 } }), []],
  ['nothing there to ask with', on({ nftTables: aMissing('absent') }), ['unknown n2 absent']],
  ['no answer in time', on({ nftTables: aMissing('timeout') }), ['unknown n2 timeout']],
  [
    'not read, but kube-proxy had no such mode',
    { facts: { version: kubernetes(28) }, nodes: { n2: { nftTables: aMissing('absent') } } },
    [],
  ],
  [
    'in k3s, where it can’t be told whether kube-proxy runs',
    { distribution: 'k3s', ...on({ nftTables: both, proxyHealth: aMissing('notCollected') }) },
    ['unknown n2 notCollected'],
  ],
])('%s', (_, changes, expected) => {
  expect(codesOf(leftoverNftables, aSnapshot(changes))).toEqual(expected);
});

test('the commands name the tables that are there', () => {
  expect(findingsOf(leftoverNftables, aSnapshot(on({ nftTables: both.slice(0, 1) })))).toMatchObject([
    {
      severity: 'error',
      params: {
        tables: 'ip kube-proxy',
        list: 'list table ip kube-proxy',
        delete: 'delete table ip kube-proxy',
        proxyVersion: 'v1.36.3',
      },
    },
  ]);
});

test('where there is nothing to ask with, another way and the way on are told', () => {
  const result = resultOf(leftoverNftables, aSnapshot(on({ nftTables: aMissing('absent', 'neither perl nor nft') })));
  const why = result.result === 'unknown' ? result.unknowns[0]?.why.detail : undefined;
  expect(why).toContain('neither perl nor nft');
  expect(why).toContain('kube-proxy:v1.36.3 -- nft list tables');
  expect(why).toContain('--allow-unknown leftover-nftables');
});

const off = { status: { kpr: { mode: 'False' } } };

standardCases(leftoverNftables, {
  requiredUnseen: ['cluster daemonSets', 'cluster systemPods'],
  faulty: { KPR3004: { tables: on({ nftTables: both }) } },
  notApplicable: { facts: { ciliumConfig: new Map() }, nodes: { n1: off, n2: off } },
  hostile: (text) => on({ nftTables: [{ family: text, chains: undefined }] }),
});
