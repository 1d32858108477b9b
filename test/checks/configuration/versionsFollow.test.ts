import { expect, test } from 'vitest';
import { versionsFollow } from '../../../checks/configuration/versionsFollow.ts';
import { aMissing, aSnapshot, codesOf, type SnapshotChanges } from '../../support/aSnapshot.ts';
import { anIntent } from '../../support/anIntent.ts';
import { standardCases } from '../../support/standardCases.ts';

const upgrade = (toVersion: string): SnapshotChanges => ({ intent: anIntent('upgrade', { toVersion }) });
const noAgentTells: SnapshotChanges = {
  ...upgrade('1.20.2'),
  facts: { daemonSets: [] },
  nodes: { n1: { status: aMissing('timeout') }, n2: { status: aMissing('timeout') } },
};

test.each<[string, SnapshotChanges, string[]]>([
  ['a patch', upgrade('1.19.7'), []],
  ['the next minor version', upgrade('1.20.2'), []],
  ['the one after that', upgrade('1.21'), ['KPR7005']],
  ['nobody tells what runs', noAgentTells, ['unknown absent']],
  ['no upgrade', { intent: anIntent('enable') }, ['skipped: no upgrade is planned']],
])('%s', (_, changes, expected) => {
  expect(codesOf(versionsFollow, aSnapshot(changes))).toEqual(expected);
});

standardCases(versionsFollow, {
  healthy: upgrade('1.20'),
  faulty: { KPR7005: { skips: upgrade('v1.21.0') } },
  notApplicable: {},
  hostile: { never: 'versions are numbers by then' },
});
