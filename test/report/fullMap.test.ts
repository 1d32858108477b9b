import { expect, test } from 'vitest';
import { captureOf, reportOf, snapshotOf, sysdumpOf } from '../support/readRecording.ts';
import { screenOf } from '../support/screenOf.ts';
import type { Snapshot } from '../../src/model/Snapshot.ts';
import { aSnapshot } from '../support/aSnapshot.ts';
import { aFrontendKey } from '../support/keys.ts';

/** What the agent says of frontends that did not fit: a name and a number of its own for each. */
const refused = (node: number, frontends: number) =>
  Array.from({ length: frontends }, (_, at) => {
    const address = `10.96.${node}.${at}:80/TCP`;
    const error = `upsert service: Unable to update service entry ${address} (1) => ${at} 0[0] (${at}) [0x2 0x0]: Unable to update element for LB bpf map: update: key too big for map: argument list too long`;
    return {
      frontend: aFrontendKey(address),
      type: 'ClusterIP',
      service: `shop/${at === 0 ? 'dns' : `cart-${at}`}`,
      status: 'Error',
      forSeconds: 90,
      error,
    };
  });
const fullOn = (node: number, frontends: number) => ({
  mapSizes: [{ map: 'cilium_lb4_services_v2', entries: 64, maxEntries: 64 }],
  frontendStates: refused(node, frontends),
});

const context = 'production-frankfurt';
const server = 'https://172.30.0.1:6443';
const kubectl = `kubectl --context=${context}`;

const madeUp = (): Promise<Snapshot> =>
  Promise.resolve({
    ...aSnapshot({ nodes: { n1: fullOn(1, 22), n2: fullOn(2, 19) } }),
    origin: { kind: 'capture', file: 'map-full.kpr', context, server, kubectl },
  });

test.each<[string, () => Promise<Snapshot>]>([
  ['made up', madeUp],
  ['of a real cluster, as a capture', () => snapshotOf(captureOf({ name: 'map-full' }))],
  ['of a real cluster, as a sysdump', () => snapshotOf(sysdumpOf({ name: 'map-full' }))],
])('maps that are full are one cause, and fit thirty rows: %s', async (_, snapshot) => {
  const report = reportOf(await snapshot(), 'doctor');
  const { lines } = await screenOf(report, 80, 24);
  expect(
    report.findings.filter(({ severity, effectOf }) => severity !== 'info' && effectOf === undefined),
  ).toHaveLength(1);
  expect(lines.length).toBeLessThanOrEqual(30);
  expect(lines[2]).toContain('FAIL: load-balancing maps are full on n1 and n2');
  expect(lines.slice(-2).join(' ')).toMatch(/load-balancing maps are full on n1 and n2. kubectl kpr explain KPR1010$/);
});
