import { expect, test } from 'vitest';
import { versionsFollow } from '../../../checks/configuration/versionsFollow.ts';
import { aMissing, aSnapshot, codesOf, type SnapshotChanges } from '../../support/aSnapshot.ts';
import { anIntent } from '../../support/anIntent.ts';
import { standardCases } from '../../support/standardCases.ts';

const upgrade = (toVersion: string): SnapshotChanges => ({ intent: anIntent('upgrade', { toVersion }) });
/** n1 was away while all others went to 1.19. */
const behind = (toVersion: string): SnapshotChanges => ({
  ...upgrade(toVersion),
  nodes: { n1: { status: { version: '1.18.4' } } },
});

test.each<[string, SnapshotChanges, string[]]>([
  ['a patch', upgrade('1.19.7'), []],
  ['the next minor version', upgrade('1.20.2'), []],
  ['the next one, of which an agent is two behind', behind('1.20.2'), ['KPR7005 n1']],
  ['a patch, to which an agent takes one step', behind('1.19.7'), []],
  [
    'an agent that does not tell',
    { ...upgrade('1.20.2'), nodes: { n1: { status: aMissing('timeout') } } },
    ['unknown n1 timeout'],
  ],
  ['no upgrade', { intent: anIntent('enable') }, ['skipped: no upgrade is planned']],
])('%s', (_, changes, expected) => {
  expect(codesOf(versionsFollow, aSnapshot(changes))).toEqual(expected);
});

standardCases(versionsFollow, {
  healthy: upgrade('1.20'),
  faulty: { KPR7005: { skips: behind('v1.20.0') } },
  notApplicable: {},
  hostile: { never: 'versions are numbers by then' },
});
