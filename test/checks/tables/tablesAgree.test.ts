import { describe, expect, test } from 'vitest';
import { kpr4007 } from '../../../checks/tables/problems/KPR4007.ts';
import { tablesAgree } from '../../../checks/tables/tablesAgree.ts';
import { Derivations } from '../../../src/core/Derivations.ts';
import type { LbTable } from '../../../src/model/lb/LbTable.ts';
import type { Snapshot } from '../../../src/model/Snapshot.ts';
import { buildReport } from '../../../src/report/buildReport.ts';
import { aMissing, aSnapshot, codesOf, findingsOf, resultOf } from '../../support/aSnapshot.ts';
import { aSlice } from '../../support/healthy.ts';
import { backend, cart, cartKey, cartSlice, type Row, shopFacts, tableWith } from '../../support/shopTables.ts';
import { standardCases } from '../../support/standardCases.ts';

/** A Service of a cluster mesh: what comes from other clusters stands in no object of this one. */
const global = shopFacts([cart({}, { annotations: { 'service.cilium.io/global': 'true' } })]);
const remote = (last: number): string => `10.99.0.${last}:8080/TCP`;
const alone: Row = {};
const meshedWith = (last: number): Row => ({ backends: [backend(1), backend(2), remote(last)] });
const meshed = meshedWith(1);

/** Nodes n1, n2, … with these rows each. */
const mesh = (...tables: readonly (readonly Row[])[]): Snapshot =>
  aSnapshot({
    facts: global,
    nodes: Object.fromEntries(tables.map((rows, at) => [`n${at + 1}`, { lbTable: tableWith(...rows) }])),
  });
const messagesOf = (snapshot: Snapshot): string[] =>
  buildReport([resultOf(tablesAgree, snapshot)], new Derivations(snapshot), {
    phase: 'doctor',
    failOn: 'error',
    strict: false,
    allowUnknown: new Set(),
    interrupted: false,
    toolVersion: '',
    durationMs: 0,
  }).findings.map(({ message }) => message);

const kept = `ClusterIP+non-routable ${backend(1)} ${backend(2)}`;

describe('backends of other clusters', () => {
  test('nodes hold the same', () => {
    expect(codesOf(tablesAgree, mesh([meshed], [meshed], [meshed]))).toEqual([]);
    expect(codesOf(tablesAgree, mesh([alone], [alone]))).toEqual([]);
  });

  test('one does not, and is named with its row; nobody is sent to restart it', () => {
    const snapshot = mesh([meshed], [alone], [meshed]);
    expect(codesOf(tablesAgree, snapshot)).toEqual(['KPR4007 n2']);
    expect(messagesOf(snapshot)).toEqual([
      `Several clusters serve default/cart, and nodes do not hold the same backends of the others (rows: 1), e.g. ${cartKey}: n1 and n3: ${kept} ${remote(1)}, n2: ${kept}`,
    ]);
    expect(findingsOf(tablesAgree, snapshot)[0]).toMatchObject({
      variant: 'remote',
      objects: [{ kind: 'Service', namespace: 'default', name: 'cart' }],
      evidence: [{ node: 'n1' }, { node: 'n2', lines: [`${cartKey} ${kept}`] }],
    });
    const { remedy } = kpr4007.variants.remote;
    expect(remedy.steps.some(({ command }) => command.includes('delete pod'))).toBe(false);
  });

  test('of two nodes neither is the right one: both are named, with both rows', () => {
    const snapshot = mesh([meshed], [alone]);
    expect(codesOf(tablesAgree, snapshot)).toEqual(['KPR4007 n1,n2']);
    expect(messagesOf(snapshot)[0]).toContain(`n1: ${kept} ${remote(1)}, n2: ${kept}`);
  });

  test('several differ alike: one finding', () => {
    expect(codesOf(tablesAgree, mesh([meshed], [alone], [meshed], [alone], [meshed]))).toEqual(['KPR4007 n2,n4']);
  });

  test('several differ in different ways: one finding, with the row of each', () => {
    const snapshot = mesh([meshed], [alone], [meshed], [meshedWith(2)]);
    expect(codesOf(tablesAgree, snapshot)).toEqual(['KPR4007 n2,n4']);
    expect(messagesOf(snapshot)[0]).toContain(`n2: ${kept}, n4: ${kept} ${remote(2)}`);
  });

  test('a group that is the largest, and not as most nodes are in each row, is named, too', () => {
    const key = '10.96.10.2:80/TCP';
    const b = (last: number): Row => ({ key, backends: [`10.99.1.${last}:8080/TCP`] });
    const two = shopFacts([
      ...global.services.slice(-1),
      cart(
        { clusterIP: '10.96.10.2', clusterIPs: ['10.96.10.2'] },
        {
          name: 'other',
          annotations: { 'service.cilium.io/global': 'true' },
        },
      ),
    ]);
    const tables = [
      [meshedWith(1), b(1)],
      [meshedWith(1), b(1)],
      [meshedWith(2), b(1)],
      [meshedWith(2), b(2)],
      [meshedWith(2), b(3)],
    ].map((rows) => tableWith(...rows));
    const snapshot = aSnapshot({
      facts: two,
      nodes: Object.fromEntries(tables.map((lbTable, at) => [`n${at + 1}`, { lbTable }])),
    });
    expect(codesOf(tablesAgree, snapshot).sort()).toEqual(['KPR4007 n1,n2', 'KPR4007 n4,n5']);
  });
});

/** Two slices name one endpoint, and one of them says that it is not ready: both forms are right by the API. */
const twice = shopFacts(
  [cart()],
  [
    cartSlice([1, 2]),
    aSlice('cart', [], {
      metadata: { name: 'cart-zzzzz', namespace: 'default', labels: { 'kubernetes.io/service-name': 'cart' } },
      endpoints: [{ addresses: ['10.244.7.2'], conditions: { ready: false }, nodeName: 'n2' }],
    }),
  ],
);
const holding = (...tables: readonly Row[]): Snapshot =>
  aSnapshot({
    facts: twice,
    nodes: Object.fromEntries(tables.map((row, at) => [`n${at + 1}`, { lbTable: tableWith(row) }])),
  });
const one: Row = { backends: [backend(1)] };

describe('where the API does not decide, nodes should be equal', () => {
  test('they are', () => {
    expect(codesOf(tablesAgree, holding(alone, alone, alone))).toEqual([]);
    expect(codesOf(tablesAgree, holding(one, one, one))).toEqual([]);
  });

  test('one is not', () => {
    const snapshot = holding(alone, one, alone);
    expect(codesOf(tablesAgree, snapshot)).toEqual(['KPR4007 n2']);
    expect(messagesOf(snapshot)).toEqual([
      `The table here differs from that of 2 of 3 nodes (rows: 1), e.g. ${cartKey} ClusterIP+non-routable ${backend(1)}`,
    ]);
    expect(findingsOf(tablesAgree, snapshot)[0]).toMatchObject({
      variant: 'minority',
      expected: kept,
      found: `ClusterIP+non-routable ${backend(1)}`,
    });
  });

  test('a tie has no majority: all are named', () => {
    const snapshot = holding(alone, one);
    expect(codesOf(tablesAgree, snapshot)).toEqual(['KPR4007 n1,n2']);
    expect(messagesOf(snapshot)).toEqual([
      `Nodes hold different rows where the API asks the same of all, and none is in the majority (rows: 1), e.g. ${cartKey}: n1: ${kept}, n2: ClusterIP+non-routable ${backend(1)}`,
    ]);
  });
});

const local = (table: LbTable, n2 = table): Snapshot =>
  aSnapshot({ facts: shopFacts(), nodes: { n1: { lbTable: table }, n2: { lbTable: n2 } } });

describe('what is judged already is not said twice', () => {
  test('a row that is not as the API requires', () => {
    expect(codesOf(tablesAgree, local(tableWith({}), tableWith({ backends: [backend(9)] })))).toEqual([]);
    expect(codesOf(tablesAgree, local(tableWith({}), tableWith()))).toEqual([]);
  });

  test('a row that nobody asks for', () => {
    expect(codesOf(tablesAgree, local(tableWith({}), tableWith({}, { key: '10.96.66.6:80/TCP' })))).toEqual([]);
  });
});

describe('it takes two', () => {
  test('nodes', () => {
    const snapshot = mesh([meshed], [alone]);
    const [first] = snapshot.nodes;
    expect(codesOf(tablesAgree, { ...snapshot, nodes: first === undefined ? [] : [first] })).toEqual([
      'skipped: fewer than two nodes to compare',
    ]);
  });

  test('tables: what was not read is unknown, not equal', () => {
    const snapshot = aSnapshot({
      facts: global,
      nodes: { n1: { lbTable: tableWith(meshed) }, n2: { lbTable: aMissing('timeout') } },
    });
    expect(codesOf(tablesAgree, snapshot)).toEqual(['unknown n2 timeout']);
  });
});

standardCases(tablesAgree, {
  requiredUnseen: ['cluster nodes', 'cluster services', 'cluster endpointSlices'],
  healthy: mesh([meshed], [meshed], [meshed]),
  faulty: {
    KPR4007: {
      minority: holding(alone, one, alone),
      tie: holding(alone, one),
      remote: mesh([meshed], [alone], [meshed]),
    },
  },
  notApplicable: { nodes: { n2: { coverage: { kind: 'excluded', why: 'windows' } } } },
  hostile: { never: 'rows are named by their addresses' },
});
