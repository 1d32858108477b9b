import { describe, expect, test } from 'vitest';
import { compareTables } from '../../../src/expect/parity/compareTables.ts';
import type { FirmDifference } from '../../../src/expect/parity/Difference.ts';
import type { AgentProgress } from '../../../src/expect/settling/AgentProgress.ts';
import { type Circumstances, type RowState, standingOf } from '../../../src/expect/settling/standingOf.ts';
import { aService, expectation } from '../../support/lbObjects.ts';
import { parseMapsDump } from '../../support/parseMapsDump.ts';

function theOnly(dump: string): FirmDifference {
  const [one] = compareTables(expectation({ services: [aService()] }), parseMapsDump(dump));
  if (one === undefined) throw new Error('nothing differs');
  return one;
}
const master =
  'SVC: ID=1 ADDR=10.96.0.9:80/TCP SLOT=0 LBALG=undef AFFTimeout=0 COUNT=2 QCOUNT=0 FLAGS=ClusterIP+non-routable';
const gone = theOnly('REV: ID=9 ADDR=10.96.9.9:80');
const damaged = theOnly(`REV: ID=1 ADDR=10.96.0.9:80\n${master}`);

const starting: AgentProgress = { kind: 'starting', ageSeconds: 27, waitsFor: ['k8s-endpoints'] };
const synchronised: AgentProgress = { kind: 'synchronised', ageSeconds: 27 };
const hindered: AgentProgress = { kind: 'hindered', ageSeconds: 27, why: 'its calls fail' };
const old: AgentProgress = { kind: 'noExcuse' };

const usual: Circumstances = {
  lasted: undefined,
  change: undefined,
  row: 'unknown',
  agent: old,
  canReadAgain: true,
};
const kindOf = (change: Partial<Circumstances>, difference = gone): string =>
  standingOf(difference, { ...usual, ...change }).kind;

describe('nothing is excused without evidence', () => {
  test('an agent that has long been up, or does not answer, has no excuse', () => {
    expect(standingOf(gone, usual)).toEqual({ kind: 'firm', proof: undefined });
  });

  test.each<[string, FirmDifference, Partial<Circumstances>]>([
    ['a damaged row is never on its way, however young the agent is', damaged, { agent: starting }],
    ['what the agent says that it failed at is not, either', gone, { agent: starting, row: 'failed' }],
    ['nor is anything where the agent does not get on', gone, { agent: hindered }],
    ['nor what the agent calls done after it has listed everything', gone, { agent: synchronised, row: 'written' }],
    ['nor what is the same 10 s later, with nothing left to do', gone, { agent: synchronised, lasted: 10 }],
  ])('%s', (_, difference, change) => {
    expect(kindOf(change, difference)).toBe('firm');
    expect(kindOf({ ...change, canReadAgain: false }, difference)).toBe('firm');
  });
});

describe('what may be on its way', () => {
  test.each<[string, Partial<Circumstances>, string]>([
    ['it was not there before', { lasted: 0 }, 'it was not there, or was another one, when the node was read before'],
    ['its Service changed', { change: 'its Service changed' }, 'its Service changed'],
    ['the agent still writes', { row: 'waiting' }, 'the agent has not written it yet'],
    ['the agent waits', { agent: starting, lasted: 12 }, 'the agent started 27 s before and waits for k8s-endpoints'],
    ['the agent prunes', { agent: synchronised, lasted: 2 }, 'the agent started 27 s before'],
  ])('%s: settling where it can be read again, else unknown', (_, change, why) => {
    expect(standingOf(gone, { ...usual, ...change })).toMatchObject({ kind: 'settling', why });
    expect(standingOf(gone, { ...usual, ...change, canReadAgain: false })).toMatchObject({ kind: 'unknown', why });
  });

  test('a row that changed while it was read, damaged or not', () => {
    expect(standingOf({ ...damaged, torn: true }, usual)).toMatchObject({
      kind: 'settling',
      why: 'it changed while the maps were read',
    });
  });

  test('damage that only the later reading shows', () => {
    expect(kindOf({ lasted: 0 }, damaged)).toBe('settling');
  });
});

function proofOf(change: Partial<Circumstances>): string | undefined {
  const standing = standingOf(gone, { ...usual, ...change });
  return standing.kind === 'firm' ? standing.proof : 'not firm';
}

test('what excuses nothing needs no proof, and what would is disproved', () => {
  expect(proofOf({ lasted: 12 })).toBeUndefined();
  expect(proofOf({ lasted: 12, agent: synchronised })).toBe('the same at two readings 12 s apart');
  expect(proofOf({ agent: hindered })).toBe('its calls fail');
  expect(proofOf({ row: 'failed', agent: starting })).toBe('the agent itself says that it failed');
});

test('only the start of an agent can be blamed on it', () => {
  const rows: readonly RowState[] = ['unknown', 'waiting'];
  expect(rows.map((row) => standingOf(gone, { ...usual, row, agent: starting }))).toMatchObject([
    { byStart: true },
    { byStart: false },
  ]);
});
