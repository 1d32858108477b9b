import { describe, expect, it } from 'vitest';
import { compareTables } from '../../../src/expect/parity/compareTables.ts';
import type { Difference } from '../../../src/expect/parity/Difference.ts';
import type { ApiObjects } from '../../../src/expect/lb/expectTable.ts';
import { changesBetween, confirm, settle } from '../../../src/expect/parity/settle.ts';
import { parseMapsDump } from '../../support/parseMapsDump.ts';
import { aService, aSlice, expectation, onNode, twoBackends } from '../../support/lbObjects.ts';

const objects = (changes: Partial<ApiObjects> = {}): ApiObjects => ({
  services: [aService()],
  endpointSlices: [twoBackends],
  pods: [],
  localRedirectPolicies: [],
  ...changes,
});
const nothing = changesBetween(objects(), objects());
const kinds = (differences: readonly Difference[]): readonly string[] =>
  differences.map((difference) =>
    difference.kind === 'settling' ? `settling ${difference.underlying.kind}` : difference.kind,
  );

const dump = (...backends: readonly string[]): string =>
  [
    ...backends.map((key, at) => `BE: ID=${at + 1} ADDR=${key} STATE=active`),
    'REV: ID=1 ADDR=10.96.0.9:80',
    `SVC: ID=1 ADDR=10.96.0.9:80/TCP SLOT=0 LBALG=undef AFFTimeout=0 COUNT=${backends.length} QCOUNT=0 FLAGS=ClusterIP+non-routable`,
    ...backends.map(
      (_, at) =>
        `SVC: ID=1 ADDR=10.96.0.9:80/TCP SLOT=${at + 1} BEID=${at + 1} COUNT=0 QCOUNT=0 FLAGS=ClusterIP+non-routable`,
    ),
  ].join('\n');
const compared = (services = [aService()], ...backends: readonly string[]): readonly Difference[] =>
  compareTables(expectation({ services }), parseMapsDump(dump(...backends)));

const first = '10.1.1.1:8080/TCP';
const stale = '10.1.9.9:8080/TCP';

const versioned = (resourceVersion: string, sessionAffinity: string) =>
  objects({ services: [aService({ meta: { uid: 'u', resourceVersion }, sessionAffinity })] });

describe('objects that changed while the nodes were read', () => {
  const differences = compared([aService()], first, stale);

  it('nothing changed: firm', () => {
    expect(kinds(differences)).toEqual(['backendsStale']);
    expect(kinds(settle(differences, { changes: nothing, agentAgeSeconds: 3600 }))).toEqual(['backendsStale']);
  });

  it.each([
    ['its endpoints', objects({ endpointSlices: [aSlice([onNode('10.1.1.1', 'n1')])] })],
    ['itself', objects({ services: [aService({ sessionAffinity: 'ClientIP' })] })],
    ['its EndpointSlice is gone', objects({ endpointSlices: [] })],
  ])('%s', (_, after) => {
    expect(
      kinds(settle(differences, { changes: changesBetween(objects(), after), agentAgeSeconds: undefined })),
    ).toEqual(['settling backendsStale']);
  });

  it('another Service is no excuse', () => {
    const after = objects({ services: [aService(), aService({ name: 'other', clusterIP: '10.96.0.10' })] });
    expect(
      kinds(settle(differences, { changes: changesBetween(objects(), after), agentAgeSeconds: undefined })),
    ).toEqual(['backendsStale']);
  });

  it('a Service that was deleted leaves rows for a moment', () => {
    const gone = objects({ services: [], endpointSlices: [] });
    const orphans = compared([], first);
    expect(kinds(orphans)).toEqual(['frontendOrphan']);
    expect(kinds(settle(orphans, { changes: changesBetween(objects(), gone), agentAgeSeconds: undefined }))).toEqual([
      'settling frontendOrphan',
    ]);
    expect(kinds(settle(orphans, { changes: changesBetween(gone, gone), agentAgeSeconds: undefined }))).toEqual([
      'frontendOrphan',
    ]);
  });

  it('resource versions decide where there are any', () => {
    expect(changesBetween(versioned('1', 'None'), versioned('1', 'ClientIP')).owners).toEqual(new Set());
    expect(changesBetween(versioned('1', 'None'), versioned('2', 'None')).owners).toEqual(new Set(['shop/cart']));
  });
});

it('an agent that started just now is settling', () => {
  const differences = compared([aService()], first, stale);
  expect(settle(differences, { changes: nothing, agentAgeSeconds: 30 })).toMatchObject([
    { kind: 'settling', why: 'the agent started 30 s before' },
  ]);
  expect(kinds(settle(differences, { changes: nothing, agentAgeSeconds: 121 }))).toEqual(['backendsStale']);
});

describe('two readings of a node', () => {
  it('firm is what both show', () => {
    const one = compared([aService()], first, stale);
    expect(confirm(one, one)).toEqual(one);
  });

  it('a rolling update has other backends each time', () => {
    const one = compared([aService()], first, '10.1.9.1:8080/TCP');
    const two = compared([aService()], first, '10.1.9.2:8080/TCP');
    expect(kinds(confirm(one, two))).toEqual(['settling backendsStale']);
  });

  it('what stays of them is firm', () => {
    const one = compared([aService()], '10.1.9.1:8080/TCP', stale);
    const two = compared([aService()], stale, '10.1.9.2:8080/TCP');
    expect(confirm(one, two)).toMatchObject([{ kind: 'backendsStale', stale: [stale] }]);
  });

  it('what only the first showed is gone', () => {
    expect(confirm(compared([aService()], first, stale), compared([aService()], first, '10.1.2.1:8080/TCP'))).toEqual(
      [],
    );
  });
});
