import { expect, test } from 'vitest';
import { wayBackPrepared } from '../../../checks/change/wayBackPrepared.ts';
import { type Change, changes } from '../../../src/model/Intent.ts';
import { aSnapshot, codesOf, findingsOf, type SnapshotChanges } from '../../support/aSnapshot.ts';
import { anIntent } from '../../support/anIntent.ts';
import { standardCases } from '../../support/standardCases.ts';

const without = (change: Change): SnapshotChanges => ({ intent: anIntent(change, { capture: undefined }) });
const of = (served: number, file = 'x.kpr', all = 2): SnapshotChanges => ({
  intent: anIntent('remove-kube-proxy', {
    capture: { file, takenAt: '2026-11-21T09:00:00Z', nodes: { all, served } },
  }),
});

test.each(changes)('before %s a capture is asked for', (change) => {
  const [found] = findingsOf(wayBackPrepared, aSnapshot(without(change)));
  expect(found?.severity).toBe(change === 'enable' || change === 'remove-kube-proxy' ? 'error' : 'warning');
});

test('one that tells of no node is none', () => {
  expect(codesOf(wayBackPrepared, aSnapshot(of(0, 'x.kpr', 0)))).toEqual(['KPR8006']);
});

test('back to kube-proxy, what its rules were is not needed', () => {
  const capture = { file: 'x.kpr', takenAt: '2026-11-21T09:00:00Z', nodes: { all: 2, served: 0 } };
  expect(codesOf(wayBackPrepared, aSnapshot({ intent: anIntent('rollback', { capture }) }))).toEqual([]);
});

standardCases(wayBackPrepared, {
  healthy: { intent: anIntent('enable') },
  faulty: { KPR8006: { none: without('enable'), incomplete: of(1), advised: without('upgrade') } },
  notApplicable: {},
  hostile: (text) => of(1, text),
});
