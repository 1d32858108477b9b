import type { Phase } from './Phase.ts';
import type { Severity } from './Problem.ts';
import type { CheckResult, Unknown } from './runChecks.ts';

export type FailOn = Severity | 'never';
/** What a run can end with. */
export type Verdict = 'pass' | 'fail' | 'unknown' | 'interrupted';

/** The only exit codes there are; the same for every output format. */
export const exitCodes = { ok: 0, findings: 1, couldNotRun: 2, couldNotVerify: 3, interrupted: 130 } as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

export interface VerdictOptions {
  readonly phase: Phase;
  readonly failOn: FailOn;
  /** Makes what is unknown count in `doctor`, too. */
  readonly strict: boolean;
  /** Ids of checks or codes whose unknown results are accepted. */
  readonly allowUnknown: 'all' | ReadonlySet<string>;
  /** The run was broken off by the user. */
  readonly interrupted: boolean;
  /** What a comparison with an earlier time found; undefined: there was none. */
  readonly against?: { readonly severities: readonly Severity[]; readonly isUnknown: boolean } | undefined;
}

/** How `--allow-unknown` names the comparison with an earlier time, which is no check. */
export const againstId = 'against';

const rank: Readonly<Record<Severity, number>> = { info: 0, warning: 1, error: 2 };

export const atLeast = (severity: Severity, failOn: FailOn): boolean =>
  failOn !== 'never' && rank[severity] >= rank[failOn];

/**
 * What the results mean, and the exit code. A finding is certain, so it outweighs what is unknown; and what is unknown
 * is never a pass: `doctor` exits with 0 then (people read it), but its verdict says so; the gates exit with 3.
 */
export function verdictOf(
  results: readonly CheckResult[],
  options: VerdictOptions,
): { readonly verdict: Verdict; readonly exitCode: ExitCode } {
  if (options.interrupted) return { verdict: 'interrupted', exitCode: exitCodes.interrupted };
  const severities = results.flatMap((one) =>
    one.result === 'fail' ? one.findings.map((finding) => finding.severity) : [],
  );
  if ([...severities, ...(options.against?.severities ?? [])].some((severity) => atLeast(severity, options.failOn)))
    return { verdict: 'fail', exitCode: exitCodes.findings };
  const { allowUnknown, against } = options;
  const isAgainstUnknown = against?.isUnknown === true && allowUnknown !== 'all' && !allowUnknown.has(againstId);
  if (!isAgainstUnknown && !results.some((one) => unknownsOf(one).length > 0 && !isAllowed(one, allowUnknown))) {
    return { verdict: 'pass', exitCode: exitCodes.ok };
  }
  const counts = options.strict || options.phase !== 'doctor';
  return { verdict: 'unknown', exitCode: counts ? exitCodes.couldNotVerify : exitCodes.ok };
}

export const unknownsOf = (one: CheckResult): readonly Unknown[] =>
  one.result === 'fail' || one.result === 'unknown' ? one.unknowns : [];

const isAllowed = ({ check }: CheckResult, allowed: 'all' | ReadonlySet<string>): boolean =>
  allowed === 'all' || allowed.has(check.id) || check.codes.some((code) => allowed.has(code));
