import { expect, test } from 'vitest';
import { Derivations } from '../../../src/core/Derivations.ts';
import {
  type ConnectWish,
  planConnections,
  type PlannedConnections,
} from '../../../src/expect/connect/planConnections.ts';
import type { ConnectOrigin } from '../../../src/model/Connections.ts';
import { valueOf } from '../../../src/model/Fact.ts';
import { aMissing, aSnapshot, type SnapshotChanges } from '../../support/aSnapshot.ts';
import { healthyFacts } from '../../support/healthy.ts';

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

const named = (count: number): readonly string[] => Array.from({ length: count }, (_, i) => `n${i + 1}`);
const originsOn = (names: readonly string[]): readonly ConnectOrigin[] => names.map((node) => ({ kind: 'node', node }));

test('a thousand nodes: within the budget, every address, from many places, and no place has much to do', () => {
  const names = named(1000);
  const budget = 2000;
  const nodes = Object.fromEntries(names.map((name) => [name, {}]));
  const planned = plan({ origins: originsOn(names), budget }, { nodes });
  expect(planned.connections).toBeLessThanOrEqual(budget);
  expect(planned.leftOut).toBe(planned.pairs - planned.connections);
  const targets = new Set(shown(planned).map((one) => one.split(' ')[1]));
  expect(targets).toEqual(new Set(ofNode('').map((one) => one.trim().split(' ')[0])));
  expect(planned.plans.length).toBeGreaterThan(600);
  expect(Math.max(...planned.plans.map(({ targets }) => targets.length))).toBeLessThan(5);
});

test('from a node that is examined alone its Services are tried', () => {
  const nodes = { n2: { coverage: { kind: 'notSelected' } } } as const;
  expect(shown(plan({ origins: originsOn(['n1']) }, { nodes }))).toEqual(ofNode('n1'));
});

test('from a node that was not read nothing is tried', () => {
  const agent = { status: aMissing('timeout'), lbTable: aMissing('timeout') };
  expect(shown(plan({}, { nodes: { n2: agent } }))).toEqual(ofNode('n1'));
});

test('nothing of a Service whose pods are not ready', () => {
  const endpointSlices = (valueOf(healthyFacts(['n1', 'n2']).endpointSlices) ?? []).filter(
    ({ metadata }) => metadata.namespace !== 'kube-system',
  );
  const some = plan({}, { facts: { endpointSlices } });
  expect(shown(some).filter((one) => one.includes('10.96.0.10'))).toEqual([]);
});
