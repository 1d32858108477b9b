import { assert, integer, property, record, string } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { allPairsUpTo, othersAsked, planReach } from '../../../src/expect/reach/planReach.ts';
import { type NodePlaces, reachPlaces } from '../../../src/expect/reach/reachPlaces.ts';
import { known, missing } from '../../../src/model/Fact.ts';
import type { Node, Pod } from '../../../src/model/kubernetes.ts';
import type { ClusterFacts } from '../../../src/model/Snapshot.ts';
import { aNode, healthyFacts } from '../../support/healthy.ts';

/** Nodes with one place each, in zones by turns. */
const nodesIn = (count: number, zones = 1): readonly NodePlaces[] =>
  Array.from({ length: count }, (_, i) => ({
    node: `n${i}`,
    zone: `z${i % zones}`,
    places: [{ node: `n${i}`, kind: 'pod', address: `10.${i >> 8}.${i & 255}.7`, port: 80 }],
  }));
const othersIn = (nodes: readonly NodePlaces[], seed = 'one') => {
  const plan = planReach(nodes, seed);
  return (asker: string): string[] =>
    plan(asker)
      .map(({ node }) => node)
      .filter((node) => node !== asker);
};

describe('who asks whom', () => {
  test.each([1, 2, 3, allPairsUpTo])('of %i nodes each asks all others, once', (count) => {
    const nodes = nodesIn(count);
    const others = othersIn(nodes);
    for (const { node } of nodes)
      expect(others(node).toSorted()).toEqual(
        nodes
          .map((one) => one.node)
          .filter((one) => one !== node)
          .toSorted(),
      );
  });

  const large = record({
    count: integer({ min: allPairsUpTo + 1, max: 200 }),
    zones: integer({ min: 1, max: 5 }),
    seed: string(),
  });

  test('of more each asks three others, and is asked by three', () => {
    assert(
      property(large, ({ count, zones, seed }) => {
        const nodes = nodesIn(count, zones);
        const others = othersIn(nodes, seed);
        const asked = nodes.flatMap(({ node }) => others(node));
        for (const { node } of nodes) expect(new Set(others(node)).size).toBe(othersAsked);
        for (const { node } of nodes) expect(asked.filter((one) => one === node)).toHaveLength(othersAsked);
      }),
      { numRuns: 20 },
    );
  });

  test('zones are crossed: each node asks one in another, unless its own has more than half of all', () => {
    assert(
      property(large, ({ count, zones, seed }) => {
        const nodes = nodesIn(count, zones);
        const zoneOf = new Map(nodes.map(({ node, zone }) => [node, zone]));
        const others = othersIn(nodes, seed);
        for (const { node, zone } of nodes) {
          const size = nodes.filter((one) => one.zone === zone).length;
          if (size <= count / 2) expect(others(node).some((other) => zoneOf.get(other) !== zone)).toBe(true);
        }
      }),
      { numRuns: 20 },
    );
  });

  test('a thousand nodes: no more for each than a few, the same for the same seed, and others for another', () => {
    const nodes = nodesIn(1000, 3);
    const all = (seed: string) => nodes.map(({ node }) => node).map(othersIn(nodes, seed));
    expect(all('a')).toEqual(all('a'));
    expect(all('a')).not.toEqual(all('b'));
    expect(all('a').flat()).toHaveLength(1000 * othersAsked);
  });

  test('who is not ready is not asked, and asks', () => {
    const nodes = nodesIn(3);
    expect(othersIn(nodes)('another').toSorted()).toEqual(['n0', 'n1', 'n2']);
    expect(othersIn(nodesIn(100))('another')).toHaveLength(othersAsked);
  });

  test('a node alone asks its own pods, and not itself', () => {
    const [only] = nodesIn(1);
    const host = { node: 'n0', kind: 'node', address: '172.30.0.11', port: 10_250 } as const;
    const plan = planReach(only === undefined ? [] : [{ ...only, places: [...only.places, host] }], 'one');
    expect(plan('n0')).toEqual(only?.places);
  });

  test('nobody is there', () => {
    expect(planReach([], 'a')('n1')).toEqual([]);
  });
});

const aPod = (name: string, node: string, ip: string, more: Partial<Pod> = {}): Pod => ({
  metadata: { name, namespace: 'shop' },
  spec: { nodeName: node, containers: [{ name: 'main', ports: [{ containerPort: 8080 }] }] },
  status: { phase: 'Running', podIPs: [{ ip }], conditions: [{ type: 'Ready', status: 'True' }] },
  ...more,
});
const facts = (changes: Partial<ClusterFacts>): ClusterFacts => ({
  ...healthyFacts(['n1', 'n2']),
  ciliumNodes: known([], ''),
  ...changes,
});
const placesOf = (changes: Partial<ClusterFacts>): string[] =>
  reachPlaces(facts(changes), new Set(['n1', 'n2'])).flatMap(({ places }) =>
    places.map(({ node, kind, address, port }) => `${node} ${kind} ${address} ${port}`),
  );
const notReady: Node = aNode('n2', {
  status: { ...aNode('n2').status, conditions: [{ type: 'Ready', status: 'Unknown' }] },
});
const cordoned: Node = aNode('n2', {
  spec: { taints: [{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }] },
});
const pods = (...all: Pod[]): Partial<ClusterFacts> => ({ pods: known(all, '') });

describe('what there is to try', () => {
  test.each<[string, Partial<ClusterFacts>, string[]]>([
    ['no pod and no health endpoint: nothing, not even nodes', pods(), []],
    [
      'a pod at its own port, and nodes',
      pods(aPod('a', 'n1', '10.244.0.7')),
      ['n1 pod 10.244.0.7 8080', 'n1 node 172.30.0.11 10250', 'n2 node 172.30.0.12 10250'],
    ],
    [
      'servers of cluster DNS before others, and no more than two',
      pods(
        aPod('a', 'n1', '10.244.0.7'),
        aPod('b', 'n1', '10.244.0.8'),
        aPod('coredns', 'n1', '10.244.0.10', { metadata: { name: 'coredns', namespace: 'kube-system' } }),
      ),
      ['n1 pod 10.244.0.10 53', 'n1 pod 10.244.0.7 8080', 'n1 node 172.30.0.11 10250', 'n2 node 172.30.0.12 10250'],
    ],
    [
      'pods in the network of the host, ended ones and those that go: none of them',
      pods(
        aPod('host', 'n1', '172.30.0.11', { spec: { nodeName: 'n1', hostNetwork: true } }),
        aPod('job', 'n1', '10.244.0.7', { status: { phase: 'Succeeded', podIPs: [{ ip: '10.244.0.7' }] } }),
        aPod('going', 'n2', '10.244.1.7', { metadata: { name: 'going', deletionTimestamp: '2026-11-21T10:00:00Z' } }),
      ),
      [],
    ],
    [
      'a pod that is not ready refuses, too, and has no port to be named',
      pods(
        aPod('a', 'n1', '10.244.0.7', { spec: { nodeName: 'n1' }, status: { phase: 'Running', podIP: '10.244.0.7' } }),
      ),
      ['n1 pod 10.244.0.7 80', 'n1 node 172.30.0.11 10250', 'n2 node 172.30.0.12 10250'],
    ],
    [
      'IPv6 alone: nodes by their IPv6 address',
      {
        ...pods(aPod('a', 'n1', 'fd00::7')),
        nodes: known(
          [aNode('n1', { status: { ...aNode('n1').status, addresses: [{ type: 'InternalIP', address: 'fd30::1' }] } })],
          '',
        ),
      },
      ['n1 pod fd00::7 8080', 'n1 node fd30::1 10250'],
    ],
    [
      'the health endpoint, where there is nothing else',
      { ...pods(), ciliumNodes: known([{ metadata: { name: 'n2' }, spec: { health: { ipv4: '10.244.2.4' } } }], '') },
      ['n1 node 172.30.0.11 10250', 'n2 health 10.244.2.4 4240', 'n2 node 172.30.0.12 10250'],
    ],
    [
      'a node that is not ready is not asked',
      { ...pods(aPod('a', 'n2', '10.244.1.7')), nodes: known([aNode('n1'), notReady], '') },
      ['n1 node 172.30.0.11 10250'],
    ],
    [
      'a cordoned one is',
      { ...pods(aPod('a', 'n2', '10.244.1.7')), nodes: known([cordoned], '') },
      ['n2 pod 10.244.1.7 8080', 'n2 node 172.30.0.12 10250'],
    ],
    ['no right to list nodes', { nodes: missing('forbidden', '') }, []],
    ['what is no address', pods(aPod('a', 'n1', 'none')), []],
  ])('%s', (_, changes, expected) => {
    expect(placesOf(changes)).toEqual(expected);
  });
});
