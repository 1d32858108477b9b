import { expect, test } from 'vitest';
import { checks } from '../../../checks/index.ts';
import { kubeProxyAbsent } from '../../../checks/kube-proxy/kubeProxyAbsent.ts';
import { tablesMatch } from '../../../checks/tables/tablesMatch.ts';
import { type Finding, finding } from '../../../src/core/Finding.ts';
import type { AnyCheck } from '../../../src/core/Check.ts';
import type { CheckResult } from '../../../src/core/runChecks.ts';
import { type Change, changes } from '../../../src/model/Intent.ts';
import { missing } from '../../../src/model/Fact.ts';
import { mayBeUnknown, weigh } from '../../../src/remedy/change/weigh.ts';

const failed = (check: AnyCheck, unknown = false): CheckResult => {
  const [problem] = check.raises;
  const [variant = ''] = Object.keys(problem?.variants ?? {});
  if (problem === undefined) throw new Error('a check without a problem');
  const found: Finding = { ...finding(problem, variant, {}), severity: 'error' };
  const why = missing('timeout', 'made up');
  return {
    check,
    result: 'fail',
    findings: [found],
    unknowns: unknown ? [{ node: 'n1', fact: undefined, why }] : [],
  };
};
const resultOf = (one: CheckResult, change: Change): string => {
  const [weighed] = weigh([one], change);
  return weighed?.result === 'fail' ? (weighed.findings[0]?.severity ?? '') : (weighed?.result ?? '');
};

test('that kube-proxy runs is no objection to removing it, nor to going back to it', () => {
  const runs = failed(kubeProxyAbsent);
  expect(changes.map((change) => [change, resultOf(runs, change)])).toEqual([
    ['enable', 'error'],
    ['remove-kube-proxy', 'skipped'],
    ['upgrade', 'error'],
    ['rollback', 'skipped'],
  ]);
});

test('what is not known beside it stays unknown', () => {
  expect(resultOf(failed(kubeProxyAbsent, true), 'remove-kube-proxy')).toBe('unknown');
});

test('a damaged table keeps nobody from going back, and from everything else', () => {
  const damaged = failed(tablesMatch);
  expect(changes.map((change) => resultOf(damaged, change))).toEqual(['error', 'error', 'error', 'warning']);
});

test('an unknown result decides about every change but the way back, where only some do', () => {
  for (const { codes } of checks)
    for (const change of ['enable', 'remove-kube-proxy', 'upgrade'] as const)
      expect(mayBeUnknown(change, codes)).toBe(false);
  expect(mayBeUnknown('rollback', tablesMatch.codes)).toBe(true);
  expect(mayBeUnknown('rollback', ['KPR2002'])).toBe(false);
});
