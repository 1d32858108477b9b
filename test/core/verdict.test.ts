import { describe, expect, test } from 'vitest';
import { pass } from '../../src/core/Outcome.ts';
import type { CheckResult } from '../../src/core/runChecks.ts';
import { verdictOf, type VerdictOptions } from '../../src/core/verdict.ts';
import type { Severity } from '../../src/core/Problem.ts';
import { missing } from '../../src/model/Fact.ts';
import { aCheck, aFinding } from './snapshots.ts';

const check = aCheck('rule', () => pass);
const unknowns = [{ node: 'n1', fact: 'kernel', why: missing('timeout', 'no answer') }];
const passed: CheckResult = { check, result: 'pass' };
const skipped: CheckResult = { check, result: 'skipped', reason: 'off' };
const unknown: CheckResult = { check, result: 'unknown', unknowns, isPartial: true };
const unknownEverywhere: CheckResult = { check, result: 'unknown', unknowns, isPartial: false };
const failed = (severity: Severity): CheckResult => ({
  check,
  result: 'fail',
  findings: [aFinding({ severity })],
  unknowns: [],
});
const failedPartly: CheckResult = { check, result: 'fail', findings: [aFinding({ severity: 'warning' })], unknowns };

const options: VerdictOptions = {
  phase: 'doctor',
  failOn: 'error',
  strict: false,
  allowUnknown: new Set(),
  interrupted: false,
  isAnyNodeRead: true,
};

describe('the verdict and the exit code', () => {
  test.each<[string, readonly CheckResult[], Partial<VerdictOptions>, string, number]>([
    ['nothing was examined', [], {}, 'unknown', 3],
    ['nothing applied', [skipped], {}, 'unknown', 3],
    ['… in a gate', [skipped], { phase: 'verify' }, 'unknown', 3],
    ['nothing was judged anywhere', [skipped, unknownEverywhere], {}, 'unknown', 3],
    ['… and it may be unknown', [unknownEverywhere], { phase: 'verify', allowUnknown: 'all' }, 'unknown', 3],
    ['one rule was judged on some nodes', [skipped, unknown], {}, 'unknown', 0],
    ['no node was read', [passed], { isAnyNodeRead: false }, 'error', 2],
    ['… whatever the API’s objects tell', [failed('error')], { isAnyNodeRead: false, failOn: 'never' }, 'error', 2],
    [
      'only the comparison was judged',
      [skipped],
      { phase: 'verify', against: { severities: [], isUnknown: false, isJudged: true } },
      'pass',
      0,
    ],
    [
      'not even the comparison was judged',
      [skipped],
      { phase: 'verify', allowUnknown: 'all', against: { severities: [], isUnknown: true, isJudged: false } },
      'unknown',
      3,
    ],
    ['all pass or do not apply', [passed, skipped], {}, 'pass', 0],
    ['an error', [passed, failed('error')], {}, 'fail', 1],
    ['a warning is below the default', [failed('warning')], {}, 'pass', 0],
    ['--fail-on warning: a warning', [failed('warning')], { failOn: 'warning' }, 'fail', 1],
    ['--fail-on warning: an error', [failed('error')], { failOn: 'warning' }, 'fail', 1],
    ['--fail-on warning: a note', [failed('info')], { failOn: 'warning' }, 'pass', 0],
    ['--fail-on info: a note', [failed('info')], { failOn: 'info' }, 'fail', 1],
    ['--fail-on never: an error', [failed('error')], { failOn: 'never' }, 'pass', 0],
    ['doctor reports what is unknown', [passed, unknown], {}, 'unknown', 0],
    ['doctor --strict', [passed, unknown], { strict: true }, 'unknown', 3],
    ['unknown beside a lesser finding', [failedPartly], { strict: true }, 'unknown', 3],
    ['a finding is certain, so it goes first', [failed('error'), unknown], { strict: true }, 'fail', 1],
    [
      '--fail-on never leaves unknown alone',
      [failed('error'), unknown],
      { failOn: 'never', strict: true },
      'unknown',
      3,
    ],
    ['verify', [passed, unknown], { phase: 'verify' }, 'unknown', 3],
    ['preflight', [passed, unknown], { phase: 'preflight' }, 'unknown', 3],
    ['allowed in general', [unknown], { phase: 'verify', allowUnknown: 'all' }, 'pass', 0],
    ['allowed by id', [unknown], { phase: 'verify', allowUnknown: new Set(['rule']) }, 'pass', 0],
    ['allowed by code', [unknown], { phase: 'verify', allowUnknown: new Set(['KPR1007']) }, 'pass', 0],
    ['another one allowed', [unknown], { phase: 'verify', allowUnknown: new Set(['other']) }, 'unknown', 3],
    ['as before', [passed], { against: { severities: [], isUnknown: false, isJudged: true } }, 'pass', 0],
    ['not as before', [passed], { against: { severities: ['error'], isUnknown: true, isJudged: true } }, 'fail', 1],
    [
      'nearly as before',
      [passed],
      { against: { severities: ['warning'], isUnknown: false, isJudged: true } },
      'pass',
      0,
    ],
    [
      '--fail-on warning: nearly as before',
      [passed],
      { failOn: 'warning', against: { severities: ['warning'], isUnknown: false, isJudged: true } },
      'fail',
      1,
    ],
    [
      'whether as before is unknown',
      [passed],
      { phase: 'verify', against: { severities: [], isUnknown: true, isJudged: true } },
      'unknown',
      3,
    ],
    [
      'it may be unknown whether as before',
      [passed],
      {
        phase: 'verify',
        allowUnknown: new Set(['against']),
        against: { severities: [], isUnknown: true, isJudged: true },
      },
      'pass',
      0,
    ],
    [
      '… but nothing else',
      [unknown],
      {
        phase: 'verify',
        allowUnknown: new Set(['against']),
        against: { severities: [], isUnknown: true, isJudged: true },
      },
      'unknown',
      3,
    ],
    ['interrupted, whatever is known', [failed('error'), unknown], { interrupted: true }, 'interrupted', 130],
    ['interrupted before a node was read', [], { interrupted: true, isAnyNodeRead: false }, 'interrupted', 130],
  ])('%s', (_, results, more, verdict, exitCode) => {
    expect(verdictOf(results, { ...options, ...more })).toEqual({ verdict, exitCode });
  });
});
