import { expect, test } from 'vitest';
import { sampleNodes } from '../../src/expect/sampleNodes.ts';
import { known } from '../../src/model/Fact.ts';
import type { Snapshot } from '../../src/model/Snapshot.ts';
import { aSnapshot } from '../support/aSnapshot.ts';

/** Two of three nodes in zone a, one in zone b. */
function clusterOf(size: number): Snapshot {
  const names = Array.from({ length: size }, (_, at) => `n${at + 1}`);
  const snapshot = aSnapshot({ nodes: Object.fromEntries(names.map((name) => [name, {}])) });
  const zones = names.map((name, at) => ({
    metadata: { name, labels: { 'topology.kubernetes.io/zone': at % 3 === 2 ? 'b' : 'a' } },
  }));
  return { ...snapshot, facts: { ...snapshot.facts, nodes: known(zones, 'kubectl get nodes') } };
}

const inZoneB = (names: ReadonlySet<string>): number =>
  [...names].filter((name) => Number(name.slice(1)) % 3 === 0).length;

test('each zone has its share', () => {
  const drawn = sampleNodes(clusterOf(30), { size: 9, seed: 1 });
  expect(drawn.size).toBe(9);
  expect(inZoneB(drawn)).toBe(3);
});

test('a small zone is in every sample that has room for all zones', () => {
  for (let seed = 0; seed < 20; seed++) expect(inZoneB(sampleNodes(clusterOf(6), { size: 2, seed }))).toBe(1);
});

const fiveOfThirty = (seed: number): string => [...sampleNodes(clusterOf(30), { size: 5, seed })].join(' ');

test('other seeds draw other nodes, the same seed the same ones', () => {
  expect(fiveOfThirty(7)).toBe(fiveOfThirty(7));
  expect(new Set([1, 2, 3, 4, 5].map(fiveOfThirty)).size).toBe(5);
});

test('more than there are is all of them, and none where no agent is to run', () => {
  const cluster = clusterOf(6);
  const nodes = cluster.nodes.map((node) =>
    node.name === 'n1' ? { ...node, coverage: { kind: 'excluded', why: 'Windows' } as const } : node,
  );
  expect([...sampleNodes({ ...cluster, nodes }, { size: 50, seed: 1 })].toSorted()).toEqual([
    'n2',
    'n3',
    'n4',
    'n5',
    'n6',
  ]);
});
