import { describe, expect, test } from 'vitest';
import { tablesAgree } from '../../../checks/tables/tablesAgree.ts';
import { Derivations } from '../../../src/core/Derivations.ts';
import type { LbTable } from '../../../src/model/lb/LbTable.ts';
import type { Snapshot } from '../../../src/model/Snapshot.ts';
import { buildReport } from '../../../src/report/buildReport.ts';
import { aMissing, aSnapshot, codesOf, findingsOf, resultOf } from '../../support/aSnapshot.ts';
import { backend, cart, cartKey, type Row, shopFacts, tableWith } from '../../support/shopTables.ts';
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

describe('where the API does not decide, nodes should be equal', () => {
  test('they are', () => {
    expect(codesOf(tablesAgree, mesh([meshed], [meshed], [meshed]))).toEqual([]);
    expect(codesOf(tablesAgree, mesh([alone], [alone]))).toEqual([]);
  });

  test('one is not', () => {
    const snapshot = mesh([meshed], [alone], [meshed]);
    expect(codesOf(tablesAgree, snapshot)).toEqual(['KPR4007 n2']);
    expect(messagesOf(snapshot)).toEqual([
      `The table here differs from that of 2 of 3 nodes (rows: 1), e.g. ${cartKey} ClusterIP+non-routable ${backend(1)} ${backend(2)}`,
    ]);
    expect(findingsOf(tablesAgree, snapshot)[0]).toMatchObject({
      expected: `ClusterIP+non-routable ${backend(1)} ${backend(2)} ${remote(1)}`,
      found: `ClusterIP+non-routable ${backend(1)} ${backend(2)}`,
      evidence: [{ node: 'n2', command: 'cilium-dbg bpf lb list' }],
    });
  });

  test('of two nodes, one is said to differ from the other', () => {
    const snapshot = mesh([meshed], [alone]);
    expect(codesOf(tablesAgree, snapshot)).toEqual(['KPR4007 n2']);
    expect(messagesOf(snapshot)[0]).toContain('differs from that of 1 of 2 nodes');
  });

  test('several differ alike: one finding', () => {
    expect(codesOf(tablesAgree, mesh([meshed], [alone], [meshed], [alone], [meshed]))).toEqual(['KPR4007 n2,n4']);
  });

  test('several differ in different ways: one finding each', () => {
    expect(codesOf(tablesAgree, mesh([meshed], [alone], [meshed], [meshedWith(2)])).sort()).toEqual([
      'KPR4007 n2',
      'KPR4007 n4',
    ]);
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
    expect(codesOf(tablesAgree, snapshot).sort()).toEqual(['KPR4007 n1,n2', 'KPR4007 n4', 'KPR4007 n5']);
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
  faulty: { KPR4007: { minority: mesh([meshed], [alone], [meshed]) } },
  notApplicable: { nodes: { n2: { coverage: { kind: 'excluded', why: 'windows' } } } },
  hostile: { never: 'rows are named by their addresses' },
});
