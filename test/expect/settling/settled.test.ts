import { describe, expect, it } from 'vitest';
import { compareTables } from '../../../src/expect/parity/compareTables.ts';
import { type Difference, type FirmDifference, isFirm } from '../../../src/expect/parity/Difference.ts';
import type { ApiObjects } from '../../../src/expect/lb/expectTable.ts';
import { type ApiChanges, changesBetween } from '../../../src/expect/settling/apiChanges.ts';
import { type Moment, settled } from '../../../src/expect/settling/settled.ts';
import { aFrontendKey } from '../../support/keys.ts';
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
    isFirm(difference) ? difference.kind : `${difference.kind} ${difference.underlying.kind}`,
  );

const moment: Moment = {
  again: undefined,
  changes: nothing,
  changed: 'it changed',
  states: [],
  agent: { kind: 'noExcuse' },
  canReadAgain: true,
};
const afterChange = (differences: readonly FirmDifference[], changes: ApiChanges): readonly string[] =>
  kinds(settled(differences, { ...moment, changes }));
/** Two readings, so many seconds apart. */
const both = (
  one: readonly FirmDifference[],
  two: readonly FirmDifference[],
  secondsLater = 2,
  more: Partial<Moment> = {},
): readonly Difference[] => settled(one, { ...moment, ...more, again: { differences: two, secondsLater } });

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
const compared = (services = [aService()], ...backends: readonly string[]): readonly FirmDifference[] =>
  compareTables(expectation({ services }), parseMapsDump(dump(...backends)));

const first = '10.1.1.1:8080/TCP';
const stale = '10.1.9.9:8080/TCP';

const versioned = (resourceVersion: string, sessionAffinity: string) =>
  objects({ services: [aService({ meta: { uid: 'u', resourceVersion }, sessionAffinity })] });

describe('objects that changed while the nodes were read', () => {
  const differences = compared([aService()], first, stale);

  it('nothing changed: firm', () => {
    expect(kinds(differences)).toEqual(['backendsStale']);
    expect(afterChange(differences, nothing)).toEqual(['backendsStale']);
  });

  it.each([
    ['its endpoints', objects({ endpointSlices: [aSlice([onNode('10.1.1.1', 'n1')])] })],
    ['itself', objects({ services: [aService({ sessionAffinity: 'ClientIP' })] })],
    ['its EndpointSlice is gone', objects({ endpointSlices: [] })],
  ])('%s', (_, after) => {
    expect(afterChange(differences, changesBetween(objects(), after))).toEqual(['settling backendsStale']);
  });

  it('another Service is no excuse', () => {
    const after = objects({ services: [aService(), aService({ name: 'other', clusterIP: '10.96.0.10' })] });
    expect(afterChange(differences, changesBetween(objects(), after))).toEqual(['backendsStale']);
  });

  it('a Service that was deleted leaves rows for a moment', () => {
    const gone = objects({ services: [], endpointSlices: [] });
    const orphans = compared([], first);
    expect(kinds(orphans)).toEqual(['frontendOrphan']);
    expect(afterChange(orphans, changesBetween(objects(), gone))).toEqual(['settling frontendOrphan']);
    expect(afterChange(orphans, changesBetween(gone, gone))).toEqual(['frontendOrphan']);
  });

  it('resource versions decide where there are any', () => {
    expect(changesBetween(versioned('1', 'None'), versioned('1', 'ClientIP')).owners).toEqual(new Set());
    expect(changesBetween(versioned('1', 'None'), versioned('2', 'None')).owners).toEqual(new Set(['shop/cart']));
  });
});

describe('two readings of a node', () => {
  it('firm is what both show', () => {
    const one = compared([aService()], first, stale);
    expect(both(one, one)).toEqual(one);
  });

  it('a rolling update has other backends each time', () => {
    const one = compared([aService()], first, '10.1.9.1:8080/TCP');
    const two = compared([aService()], first, '10.1.9.2:8080/TCP');
    expect(kinds(both(one, two))).toEqual(['settling backendsStale']);
  });

  it('what stays of them is firm', () => {
    const one = compared([aService()], '10.1.9.1:8080/TCP', stale);
    const two = compared([aService()], stale, '10.1.9.2:8080/TCP');
    expect(both(one, two)).toMatchObject([{ kind: 'backendsStale', stale: [stale] }]);
  });

  it('what only the first showed is gone', () => {
    expect(both(compared([aService()], first, stale), compared([aService()], first, '10.1.2.1:8080/TCP'))).toEqual([]);
  });

  it('ten seconds apart, what both show is no longer on its way, whatever changed meanwhile', () => {
    const one = compared([aService()], first, stale);
    const changes = changesBetween(objects(), objects({ endpointSlices: [aSlice([onNode('10.1.1.1', 'n1')])] }));
    expect(kinds(both(one, one, 2, { changes }))).toEqual(['settling backendsStale']);
    expect(both(one, one, 10.2, { changes })).toMatchObject([
      { kind: 'backendsStale', proof: 'the same at two readings 10 s apart' },
    ]);
  });
});

const said = (status: string, forSeconds?: number): Partial<Moment> => ({
  states: [
    {
      frontend: aFrontendKey('10.96.0.9:80/TCP'),
      type: 'ClusterIP',
      service: 'shop/cart',
      status,
      forSeconds,
      error: '',
    },
  ],
});

describe('what the agent says of its row', () => {
  const differences = compared([aService()], first, stale);
  it.each([
    ['it is to be written still', said('Pending', 2), ['settling backendsStale']],
    ['it is to be written for long', said('Pending', 40), ['backendsStale']],
    ['it is written', said('Done', 40), ['backendsStale']],
    ['it could not be written', said('Error', 1), ['backendsStale']],
    ['nothing', {}, ['backendsStale']],
  ])('%s', (_, more, expected) => {
    expect(kinds(settled(differences, { ...moment, ...more }))).toEqual(expected);
  });

  it('of a file, what is to be written still is not known', () => {
    const [one] = settled(differences, { ...moment, ...said('Pending', 2), canReadAgain: false });
    expect(one).toMatchObject({ kind: 'undecided', why: 'the agent has not written it yet' });
  });
});
