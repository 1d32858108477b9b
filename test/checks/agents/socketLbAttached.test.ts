import { expect, test } from 'vitest';
import { socketLbAttached } from '../../../checks/agents/socketLbAttached.ts';
import { aMissing, aSnapshot, codesOf } from '../../support/aSnapshot.ts';

test.each([
  ['healthy', {}, []],
  ['no program at all', { n2: { cgroupPrograms: [] } }, ['KPR1007 n2']],
  ['programs not read', { n2: { cgroupPrograms: aMissing('timeout') } }, ['unknown n2 timeout']],
])('%s', (_, nodes, expected) => {
  expect(codesOf(socketLbAttached, aSnapshot({ nodes }))).toEqual(expected);
});
