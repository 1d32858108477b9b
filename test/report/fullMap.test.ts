import { expect, test } from 'vitest';
import { reportOf, tableOf } from '../support/readRecording.ts';
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

test('a map that is full is one cause, and fits thirty rows', () => {
  const snapshot = aSnapshot({
    nodes: { n1: fullOn(1, 22), n2: fullOn(2, 19) },
  });
  const report = reportOf(
    {
      ...snapshot,
      origin: { kind: 'capture', file: 'map-full.kpr', context, server, kubectl },
    },
    'doctor',
  );
  const lines = tableOf(report).trimEnd().split('\n');
  expect(
    report.findings.filter(({ severity, effectOf }) => severity === 'error' && effectOf === undefined),
  ).toHaveLength(1);
  expect(lines.length).toBeLessThanOrEqual(30);
  expect(lines[2]).toContain('FAIL: the map cilium_lb4_services_v2 is full on n1 and n2');
  expect(lines.at(-1)).toContain('KPR1010');
});
