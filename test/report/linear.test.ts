import { expect, test } from 'vitest';
import { checks } from '../../checks/index.ts';
import { Derivations } from '../../src/core/Derivations.ts';
import { runChecks } from '../../src/core/runChecks.ts';
import { SnapshotBuilder } from '../../src/parse/SnapshotBuilder.ts';
import { buildReport } from '../../src/report/buildReport.ts';
import { orderFindings } from '../../src/report/orderFindings.ts';
import { aCheck, aFinding } from '../core/snapshots.ts';
import { kpr9002 } from '../../checks/examination/problems/KPR9002.ts';
import { kpr2002 } from '../../checks/api-endpoint/problems/KPR2002.ts';
import { pass } from '../../src/core/Outcome.ts';
import { type ClusterSize, largeCluster } from '../support/largeCluster.ts';

interface Size extends ClusterSize {
  /** Whether nodes answer. */
  readonly isRead: boolean;
  /** Services that have no shape of the API. */
  readonly malformed: number;
}

/** From the documents to the report. */
function examine(size: Size): void {
  const { documents, nodes } = largeCluster(size);
  const { services } = documents;
  const others = Array.from({ length: size.malformed }, (_, i) => ({
    metadata: { name: `m${i}` },
    spec: { ports: i },
  }));
  const builder = new SnapshotBuilder({
    origin: { kind: 'sysdump', file: 'x' },
    takenAt: '2026-01-01T00:00:00Z',
    selectedNodes: undefined,
    ciliumNamespace: undefined,
  });
  const listed = 'value' in services && Array.isArray(services.value) ? services.value : [];
  builder.documents({ ...documents, services: { value: [...listed, ...others], source: 'kubectl get services' } });
  for (const node of size.isRead ? nodes() : []) builder.node(node);
  const derivations = new Derivations(builder.build());
  const doctor = checks.filter(({ phases }) => phases.includes('doctor'));
  buildReport(runChecks(doctor, derivations), derivations, {
    phase: 'doctor',
    failOn: 'error',
    strict: false,
    allowUnknown: new Set(),
    interrupted: false,
    toolVersion: '0.0.0',
    durationMs: 1,
  });
}

/**
 * Of processor time: the machine may be busy with other things. The least of two, as garbage is collected now or then.
 */
function costOf(work: () => void): number {
  const once = (): number => {
    const before = process.cpuUsage().user;
    work();
    return process.cpuUsage().user - before;
  };
  return Math.min(once(), once());
}

const size: Size = { nodes: 2, services: 10, backends: 3, isRead: false, malformed: 0 };

// Four times as much would be sixteen times the work of whatever compares each with each.
test.each<[what: string, size: (times: number) => Size]>([
  ['nodes', (times) => ({ ...size, nodes: 1500 * times })],
  ['Services', (times) => ({ ...size, services: 1000 * times, isRead: true })],
  ['Services that are malformed', (times) => ({ ...size, malformed: 5000 * times })],
])(
  'four times as many %s take no more than eight times as long',
  (_, of) => {
    examine(of(1));
    const one = costOf(() => examine(of(1)));
    expect(costOf(() => examine(of(4))) / one).toBeLessThan(8);
  },
  120_000,
);

const findingsOf = (count: number) =>
  Array.from({ length: count }, (_, i) => [
    aFinding({ problem: kpr9002, nodes: [`n${i}`] }),
    aFinding({ problem: kpr2002, nodes: [`n${i}`] }),
  ]).flat();

test('four times as many findings, each with its cause, take no more than eight times as long', () => {
  const check = aCheck('nodes-read', () => pass);
  const order = (count: number) =>
    orderFindings([{ check, result: 'fail', findings: findingsOf(count), unknowns: [] }]);
  expect(order(2).map(({ finding, causes }) => [finding.code, finding.nodes[0], causes])).toEqual([
    ['KPR2002', 'n0', []],
    ['KPR9002', 'n0', ['KPR2002']],
    ['KPR2002', 'n1', []],
    ['KPR9002', 'n1', ['KPR2002']],
  ]);
  order(4000);
  const one = costOf(() => void order(4000));
  expect(costOf(() => void order(16_000)) / one).toBeLessThan(8);
}, 120_000);
