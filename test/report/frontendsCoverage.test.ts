import { expect, it } from 'vitest';
import { Derivations } from '../../src/core/Derivations.ts';
import { runChecks } from '../../src/core/runChecks.ts';
import { buildReport } from '../../src/report/buildReport.ts';
import type { FrontendsCoverage } from '../../src/report/ReportDocument.ts';
import { tablesMatch } from '../../checks/tables/tablesMatch.ts';
import { renderTable } from '../../src/report/renderTable.ts';
import { aSnapshot } from '../support/aSnapshot.ts';
import { healthyTable } from '../support/healthy.ts';
import { aPod } from '../support/lbObjects.ts';
import { sampleNames } from '../support/lbSamples.ts';
import { sampleSnapshot } from '../support/sampleSnapshot.ts';
import { shop, shopCluster, shopSlice } from '../support/shopCluster.ts';
import { parseMapsDump } from '../support/parseMapsDump.ts';

const plain = (text: string): string => text;
const paint = { error: plain, warning: plain, info: plain, ok: plain, unknown: plain, dim: plain, bold: plain };
const verified = (
  snapshot: ReturnType<typeof aSnapshot>,
): { readonly coverage: FrontendsCoverage; readonly line: string } => {
  const derivations = new Derivations(snapshot);
  const document = buildReport(runChecks([tablesMatch], derivations), derivations, {
    phase: 'verify',
    failOn: 'error',
    strict: false,
    allowUnknown: new Set(),
    interrupted: false,
    toolVersion: '0.0.0',
    durationMs: 0,
  });
  const { frontends } = document.coverage;
  if (frontends === null) throw new Error('nothing was compared');
  const view = { width: 400, unicode: true, paint, detail: 'normal', now: 0 } as const;
  const line = renderTable(document, view)
    .split('\n')
    .find((one) => one.startsWith('verified: '));
  return { coverage: frontends, line: line ?? '' };
};

/** The healthy rows, and one of `default/shop` without a backend. */
const withEmptyRow = {
  ...healthyTable,
  frontends: new Map([
    ...healthyTable.frontends,
    ...parseMapsDump(
      'SVC: ID=9 ADDR=10.96.10.1:80/TCP SLOT=0 LBALG=undef AFFTimeout=0 COUNT=0 QCOUNT=0 FLAGS=ClusterIP+non-routable',
    ).frontends,
  ]),
  revNat: undefined,
};

it('what is asked for is served, differs, is not served or not known, and for which reason', () => {
  const slices = [shopSlice({ ports: [{ name: 'web', port: 8080, protocol: 'TCP' }] })];
  const pods = [aPod('edge', [{ containerPort: 80, hostPort: 31_000 }])];
  const tables = { n1: { lbTable: withEmptyRow }, n2: { lbTable: withEmptyRow } };
  const { coverage, line } = verified(aSnapshot(shopCluster({ services: [shop()], slices, pods, ...tables })));
  expect(coverage).toMatchObject({ asked: 5, served: 3, differ: 0, notKnown: 0 });
  expect(line).toBe(
    'verified: 2 of 2 nodes; 5 frontends asked for: 3 served, 2 not served (1 port names do not meet, 1 hostPort in the NodePort range)',
  );
});

it('a row that is missing differs', () => {
  const { coverage } = verified(aSnapshot(shopCluster({ services: [shop()], slices: [shopSlice()] })));
  expect(coverage).toMatchObject({ asked: 4, served: 3, differ: 1, notServed: [], notKnown: 0 });
});

it('what is left to kube-proxy is not asked for', () => {
  const ports = [{ name: 'http', port: 80, nodePort: 31_080 }];
  const settings = { 'kube-proxy-replacement': 'false' };
  const services = [shop({ type: 'NodePort', ports })];
  expect(verified(aSnapshot(shopCluster({ services, slices: [shopSlice()], settings }))).coverage).toMatchObject({
    asked: 4,
  });
});

it.each(sampleNames)('of the recorded healthy cluster %s all is served but what has no ready backend', (sample) => {
  const { coverage } = verified(sampleSnapshot(sample));
  const { asked, served, differ, notServed, notKnown } = coverage;
  expect({ differ, notKnown }).toEqual({ differ: 0, notKnown: 0 });
  expect(notServed.map(({ reason }) => reason)).toEqual(['notReady']);
  expect(asked).toBe(served + notServed.reduce((sum, { frontends }) => sum + frontends, 0));
});
