import type { Finding } from '../../core/Finding.ts';
import type { CheckResult } from '../../core/runChecks.ts';
import type { Code } from '../../knowledge/codes.ts';
import type { Change } from '../../model/Intent.ts';

/** What a finding means for a change. */
interface Weights {
  /** The change itself puts it right, or asks for it. */
  readonly expected: readonly Code[];
  /** Only these keep somebody from it; absent: every error does. */
  readonly deciding?: readonly Code[];
}

const weights: Readonly<Record<Change, Weights>> = {
  // Whoever begins with a cluster that is not well does not know afterwards what came of the change.
  enable: { expected: [] },
  'remove-kube-proxy': { expected: ['KPR3001', 'KPR3002'] },
  upgrade: { expected: [] },
  // People go back because something is wrong: that must not keep them from it. What agents need to start again does.
  rollback: {
    expected: ['KPR3001', 'KPR3002', 'KPR3003', 'KPR3004', 'KPR3005', 'KPR3006'],
    deciding: ['KPR1001', 'KPR2001', 'KPR2002', 'KPR2004', 'KPR7007', 'KPR9001', 'KPR9002'],
  },
};

/** Results as they count for a change: nothing is hidden but what the change itself is for. */
export function weigh(results: readonly CheckResult[], change: Change): readonly CheckResult[] {
  const { expected, deciding } = weights[change];
  return results.map((one): CheckResult => {
    if (one.result !== 'fail') return one;
    const findings = one.findings
      .filter(({ code }) => !expected.includes(code))
      .map((found) => weighed(found, deciding));
    if (findings.length > 0) return { ...one, findings };
    const { check, unknowns } = one;
    return unknowns.length > 0
      ? { check, result: 'unknown', unknowns, isPartial: true }
      : { check, result: 'skipped', reason: `what was found is what ${change} is for` };
  });
}

const weighed = (found: Finding, deciding: readonly Code[] | undefined): Finding =>
  deciding === undefined || found.severity !== 'error' || deciding.includes(found.code)
    ? found
    : { ...found, severity: 'warning' };

/** Codes whose unknown results do not keep anybody from a change: they could not decide either. */
export function mayBeUnknown(change: Change, codes: readonly Code[]): boolean {
  const { deciding } = weights[change];
  return deciding !== undefined && !codes.some((code) => deciding.includes(code));
}
