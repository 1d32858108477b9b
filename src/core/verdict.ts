import type { Finding } from './Finding.ts';
import type { Phase } from './Phase.ts';
import type { Severity } from './Problem.ts';
import type { CheckResult, Unknown } from './runChecks.ts';

export type FailOn = Severity | 'never';
/** What a run can end with. `error`: nothing could be read, so that it counts as none. */
export type Verdict = 'pass' | 'fail' | 'unknown' | 'interrupted' | 'error';

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
  /** The run was interrupted by the user. */
  readonly interrupted: boolean;
  /** false: not one of the nodes that were to be examined could be read. */
  readonly isAnyNodeRead: boolean;
  /** Only a sample of the nodes was looked at, or shards left nothing: who knows what is there. */
  readonly isPart?: boolean;
  /** Which findings lead to exit code 1, if they are bad enough; undefined: all. */
  readonly counts?: ((finding: Finding) => boolean) | undefined;
  /** What a comparison with an earlier time found; undefined: there was none. */
  readonly against?: AgainstResult | undefined;
}

export interface AgainstResult {
  readonly severities: readonly Severity[];
  readonly isUnknown: boolean;
  /** At least one Service was compared on at least one node. */
  readonly isJudged: boolean;
}

/** How `--allow-unknown` names the comparison with an earlier time, which is no check. */
export const againstId = 'against';

const rank: Readonly<Record<Severity, number>> = { info: 0, warning: 1, error: 2 };

export const atLeast = (severity: Severity, failOn: FailOn): boolean =>
  failOn !== 'never' && rank[severity] >= rank[failOn];

/**
 * What the results mean, and the exit code. Where no node was read nothing was examined, whatever the API's objects
 * tell. A finding is certain, so it outweighs what is unknown; and what is unknown is never a pass: `doctor` exits with
 * 0 then (people read it), but its verdict says so; the gates exit with 3, as everything does where nothing was judged.
 */
export function verdictOf(
  results: readonly CheckResult[],
  options: VerdictOptions,
): { readonly verdict: Verdict; readonly exitCode: ExitCode } {
  const { allowUnknown, against, failOn, isPart = false, counts = () => true } = options;
  if (options.interrupted) return { verdict: 'interrupted', exitCode: exitCodes.interrupted };
  if (!options.isAnyNodeRead) return { verdict: 'error', exitCode: exitCodes.couldNotRun };
  const severities = results.flatMap((one) =>
    one.result === 'fail' ? one.findings.filter(counts).map(({ severity }) => severity) : [],
  );
  if ([...severities, ...(against?.severities ?? [])].some((severity) => atLeast(severity, failOn)))
    return { verdict: 'fail', exitCode: exitCodes.findings };
  if (!results.some(judgesSomething) && against?.isJudged !== true)
    return { verdict: 'unknown', exitCode: exitCodes.couldNotVerify };
  const isAgainstUnknown = against?.isUnknown === true && allowUnknown !== 'all' && !allowUnknown.has(againstId);
  const isLacking = isPart && allowUnknown !== 'all';
  if (
    !isLacking &&
    !isAgainstUnknown &&
    !results.some((one) => unknownsOf(one).length > 0 && !isAllowed(one, allowUnknown))
  ) {
    return { verdict: 'pass', exitCode: exitCodes.ok };
  }
  return { verdict: 'unknown', exitCode: countsUnknown(options) ? exitCodes.couldNotVerify : exitCodes.ok };
}

/** Whether what is unknown makes a run fail: people read what `doctor` says, the gates are read by programs. */
export const countsUnknown = ({ strict, phase }: Pick<VerdictOptions, 'strict' | 'phase'>): boolean =>
  strict || phase !== 'doctor';

function judgesSomething(one: CheckResult): boolean {
  switch (one.result) {
    case 'pass':
    case 'fail':
      return true;
    case 'skipped':
      return false;
    case 'unknown':
      return one.isPartial;
  }
}

export const unknownsOf = (one: CheckResult): readonly Unknown[] =>
  one.result === 'fail' || one.result === 'unknown' ? one.unknowns : [];

const isAllowed = ({ check }: CheckResult, allowed: 'all' | ReadonlySet<string>): boolean =>
  allowed === 'all' || allowed.has(check.id) || check.codes.some((code) => allowed.has(code));
