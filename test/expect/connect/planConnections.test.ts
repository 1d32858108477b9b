import { expect, test } from 'vitest';
import { Derivations } from '../../../src/core/Derivations.ts';
import {
  type ConnectWish,
  planConnections,
  type PlannedConnections,
} from '../../../src/expect/connect/planConnections.ts';
import type { ConnectOrigin } from '../../../src/model/Connections.ts';
import { aSnapshot, type SnapshotChanges } from '../../support/aSnapshot.ts';

const nodes: readonly ConnectOrigin[] = [
  { kind: 'node', node: 'n1' },
  { kind: 'node', node: 'n2' },
];
const plan = (wish: Partial<ConnectWish>, changes: SnapshotChanges = {}): PlannedConnections =>
  planConnections(new Derivations(aSnapshot(changes)), { origins: nodes, budget: 100, ...wish });
const shown = ({ plans }: PlannedConnections): readonly string[] =>
  plans.flatMap(({ origin, targets }) =>
    targets.map(
      ({ target: { place }, times }) =>
        `${origin.kind === 'here' ? 'here' : origin.node} ${place.address}:${place.port}/${place.protocol} ${times}`,
    ),
  );

const ofNode = (node: string): readonly string[] => [
  `${node} 10.96.0.1:443/TCP 1`,
  `${node} 10.96.0.10:53/UDP 2`,
  `${node} 10.96.0.10:53/TCP 2`,
];

test('every ClusterIP from every node, as often as it has backends', () => {
  const planned = plan({});
  expect(shown(planned)).toEqual([...ofNode('n1'), ...ofNode('n2')]);
  expect(planned).toMatchObject({ connections: 10, pairs: 6, leftOut: 0 });
});

test('what the budget does not allow is tried once, then from fewer places, which take turns', () => {
  expect(plan({ budget: 6 })).toMatchObject({ connections: 6, leftOut: 0 });
  const few = plan({ budget: 3 });
  expect(few).toMatchObject({ connections: 3, pairs: 6, leftOut: 3 });
  expect(new Set(shown(few).map((one) => one.split(' ')[1])).size).toBe(3);
  expect(few.plans.length).toBe(2);
  expect(plan({ budget: 1 }).connections).toBe(1);
});

test('of one Service or namespace', () => {
  expect(shown(plan({ wants: ({ owner }) => owner.namespace === 'kube-system' }))).toHaveLength(4);
  expect(shown(plan({ wants: ({ owner }) => owner.name === 'kubernetes' }))).toHaveLength(2);
  expect(plan({ wants: () => false })).toMatchObject({ plans: [], connections: 0 });
});

test('a ClusterIP is nothing for clients outside, and rows that are wrong have findings of their own', () => {
  expect(plan({ origins: [{ kind: 'here' }] })).toMatchObject({ plans: [], connections: 0 });
  const table = new Map();
  expect(shown(plan({}, { nodes: { n2: { lbTable: { frontends: table } } } }))).toEqual(ofNode('n1'));
});
