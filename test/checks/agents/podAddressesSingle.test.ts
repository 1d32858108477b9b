import { describe, expect, test } from 'vitest';
import { podAddressesSingle } from '../../../checks/agents/podAddressesSingle.ts';
import type { CiliumNode, Pod, Service } from '../../../src/model/kubernetes.ts';
import { aSnapshot, findingsOf, type SnapshotChanges } from '../../support/aSnapshot.ts';
import { ciliumConfig } from '../../support/healthy.ts';
import { standardCases } from '../../support/standardCases.ts';

interface APod {
  readonly spec?: Pod['spec'];
  readonly meta?: Partial<Pod['metadata']>;
  readonly status?: Pod['status'];
}
const pod = (name: string, node: string, ips: readonly string[], { spec, meta, status }: APod = {}): Pod => ({
  metadata: { name, namespace: 'shop', ...meta },
  spec: { nodeName: node, ...spec },
  status: {
    phase: 'Running',
    podIP: ips[0] ?? '',
    podIPs: ips.map((ip) => ({ ip })),
    conditions: [{ type: 'Ready', status: 'True' }],
    ...status,
  },
});
const node = (name: string, ...podCIDRs: readonly string[]): CiliumNode => ({
  metadata: { name },
  spec: { ipam: { podCIDRs: [...podCIDRs] } },
});
const pooled = (name: string, ...cidrs: readonly string[]): CiliumNode => ({
  metadata: { name },
  spec: { ipam: { pools: { allocated: [{ cidrs: [...cidrs] }] } } },
});
const inPools = (name: string, ...allocated: readonly (readonly [pool: string, cidr: string])[]): CiliumNode => ({
  metadata: { name },
  spec: { ipam: { pools: { allocated: allocated.map(([pool, cidr]) => ({ pool, cidrs: [cidr] })) } } },
});
const service = (name: string, ...ips: readonly string[]): Service => ({
  metadata: { name, namespace: 'shop' },
  spec: { clusterIP: ips[0] ?? '', clusterIPs: [...ips] },
});
const cluster = (pods: readonly Pod[], ciliumNodes?: readonly CiliumNode[], services?: readonly Service[]) =>
  ({
    facts: { pods, ...(ciliumNodes && { ciliumNodes }), ...(services && { services }) },
  }) satisfies SnapshotChanges;

const twice = [pod('a', 'n1', ['10.244.1.7']), pod('b', 'n2', ['10.244.1.7'])];
const one = [node('n1', '10.244.1.0/24'), node('n2', '10.244.1.0/24')];

const startedConfig = new Map([...ciliumConfig, ['ipam', 'kubernetes']]);
const fromNodes = { ...cluster([], one), nodes: { n2: { startedConfig } } };

/** Variants with their nodes and what they say. */
const found = (changes: SnapshotChanges): readonly string[] =>
  findingsOf(podAddressesSingle, aSnapshot(changes)).map(
    ({ variant, nodes, params }) => `${variant} ${nodes.join()}: ${String(Object.values(params)[0])}`,
  );

describe('found', () => {
  test.each<[string, SnapshotChanges, readonly string[]]>([
    ['two pods with one address', cluster(twice), ['podsTwice n1,n2: shop/a and shop/b have 10.244.1.7']],
    [
      'of both families, one',
      cluster([pod('a', 'n1', ['10.244.1.7', 'fd00::7']), pod('b', 'n2', ['10.244.2.7', 'FD00:0::7'])]),
      ['podsTwice n1,n2: shop/a and shop/b have fd00::7'],
    ],
    ['two nodes with one range', cluster([], one), ['rangeTwice n1,n2: 10.244.1.0/24']],
    ['the same of Nodes', fromNodes, ['rangeOfNodeTwice n1,n2: 10.244.1.0/24']],
    [
      'a range within another',
      cluster([], [node('n1', '10.244.1.128/25'), node('n2', '10.244.0.0/16')]),
      ['rangeTwice n1,n2: 10.244.0.0/16 and 10.244.1.128/25'],
    ],
    [
      'of pools',
      cluster([], [pooled('n1', '10.1.0.0/27', '10.1.0.64/27'), pooled('n2', '10.1.0.32/27', '10.1.0.64/27')]),
      ['rangeTwice n1,n2: 10.1.0.64/27'],
    ],
    [
      'of one pool',
      cluster([], [inPools('n1', ['default', '10.1.0.0/27']), inPools('n2', ['default', '10.1.0.0/27'])]),
      ['rangeTwice n1,n2: 10.1.0.0/27'],
    ],
    [
      'of two pools',
      cluster([], [inPools('n1', ['default', '10.1.0.0/27']), inPools('n2', ['other', '10.1.0.0/27'])]),
      ['poolsOverlap n1,n2: 10.1.0.0/27'],
    ],
    [
      'of two pools on one node',
      cluster([], [inPools('n1', ['default', '10.1.0.0/27'], ['other', '10.1.0.0/27'])]),
      ['poolsOverlap n1: 10.1.0.0/27'],
    ],
    [
      'a pod with the address of a Service',
      cluster([pod('a', 'n1', ['10.96.0.5'])], [], [service('cart', '10.96.0.5')]),
      ['podLikeService n1: shop/a has 10.96.0.5 of shop/cart'],
    ],
    [
      'Services in the range of a node',
      cluster([], [node('n2', '10.96.0.0/24')], [service('web', '10.96.1.1'), service('cart', '10.96.0.5')]),
      ['servicesAmongPods n2: n2: 10.96.0.0/24 holds 10.96.0.5 of shop/cart'],
    ],
  ])('%s', (_, changes, expected) => {
    expect(found(changes)).toEqual(expected);
  });
});

describe('nothing, where it is as it should be', () => {
  const alone = { agent: undefined, coverage: { kind: 'excluded', why: 'windows' } } as const;
  test.each<[string, SnapshotChanges]>([
    ['pods of the host network', cluster(twice.map((one) => ({ ...one, spec: { ...one.spec, hostNetwork: true } })))],
    ['one has ended', cluster([twice[0]!, pod('b', 'n2', ['10.244.1.7'], { status: { phase: 'Succeeded' } })])],
    ['one has failed', cluster([twice[0]!, pod('b', 'n2', ['10.244.1.7'], { status: { phase: 'Failed' } })])],
    [
      'one is being deleted',
      cluster([twice[0]!, pod('b', 'n2', ['10.244.1.7'], { meta: { deletionTimestamp: '2026-11-21T10:00:00Z' } })]),
    ],
    [
      'one is on a node that is lost',
      cluster([
        twice[0]!,
        pod('b', 'n2', ['10.244.1.7'], { status: { conditions: [{ type: 'Ready', status: 'False' }] } }),
      ]),
    ],
    ['one is on a node without an agent', { ...cluster(twice), nodes: { n2: alone } }],
    ['one is on a node that has gone', cluster([twice[0]!, pod('b', 'n9', ['10.244.1.7'])])],
    ['two of one node', cluster([twice[0]!, pod('b', 'n1', ['10.244.1.7'])])],
    ['no address yet', cluster([pod('a', 'n1', []), pod('b', 'n2', [])])],
    ['the other node of the range has gone', cluster([], [one[0]!, node('n9', '10.244.1.0/24')])],
    ['one node has a range twice', cluster([], [node('n1', '10.244.1.0/24', '10.244.1.0/24')])],
    [
      'neighbours',
      cluster([], [node('n1', '10.244.0.0/24', 'fd00::/64'), node('n2', '10.244.1.0/24', 'fd00:0:0:1::/64')]),
    ],
    ['what is no range', cluster([], [node('n1', 'x', ''), node('n2', 'x', '10.244.1.0/99')])],
    // Cilium’s own default pool holds kubeadm’s Services; nodes take ranges of it from its beginning.
    [
      'Services in the pool, and in no node’s range',
      cluster([], [node('n1', '10.0.0.0/24')], [service('web', '10.96.0.1')]),
    ],
    ['headless Services', cluster([], [node('n1', '10.0.0.0/24')], [service('db', 'None')])],
  ])('%s', (_, changes) => {
    expect(found(changes)).toEqual([]);
  });
});

standardCases(podAddressesSingle, {
  faulty: {
    KPR1020: {
      rangeTwice: cluster([], one),
      rangeOfNodeTwice: fromNodes,
      poolsOverlap: cluster([], [inPools('n1', ['default', '10.1.0.0/27']), inPools('n2', ['other', '10.1.0.0/27'])]),
      podsTwice: cluster(twice),
      podLikeService: cluster([pod('a', 'n1', ['10.96.0.5'])], [], [service('cart', '10.96.0.5')]),
      servicesAmongPods: cluster([], [node('n2', '10.96.0.0/24')], [service('cart', '10.96.0.5')]),
    },
  },
  notApplicable: cluster([], []),
  hostile: (text) => cluster([pod(text, 'n1', ['10.244.1.7']), twice[1]!]),
});
