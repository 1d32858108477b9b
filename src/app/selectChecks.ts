import type { AnyCheck } from '../core/Check.ts';
import type { Finding } from '../core/Finding.ts';
import { objectionsIn, passUnless } from '../core/Outcome.ts';
import { usageError } from '../core/KprError.ts';
import type { Phase } from '../core/Phase.ts';
import type { CheckResult } from '../core/runChecks.ts';
import type { Code } from '../knowledge/codes.ts';
import { suggest } from '../text/suggest.ts';

/** Ids of checks and codes, as they were typed. */
export interface CheckNames {
  /** Only these; empty: all. */
  readonly check: readonly string[];
  readonly skip: readonly string[];
}

export interface CheckSelection {
  readonly run: readonly AnyCheck[];
  /** Left out by the user; they stand in the report all the same. */
  readonly left: ReadonlyMap<string, string>;
}

/**
 * The checks of a phase that `--check` and `--skip` (ids or codes) leave. A check with several codes
 * may be left in part.
 */
export function selectChecks(
  checks: readonly AnyCheck[],
  phase: Phase,
  { check: only, skip }: CheckNames,
): CheckSelection {
  const inPhase = checks.filter((one) => one.phases.includes(phase));
  const wanted = knownNames(only, 'check', inPhase);
  const unwanted = knownNames(skip, 'skip', inPhase);
  const left = new Map<string, string>();
  const run = inPhase.flatMap((one) => {
    const asked = wanted.size === 0 || wanted.has(one.id) ? one.codes : one.codes.filter((code) => wanted.has(code));
    const kept = unwanted.has(one.id) ? [] : asked.filter((code) => !unwanted.has(code));
    if (kept.length === 0) {
      left.set(one.id, asked.length === 0 ? 'not among --check' : 'left out with --skip');
      return [];
    }
    return [kept.length === one.codes.length ? one : narrow(one, kept)];
  });
  if (run.length === 0)
    throw usageError('--check and --skip leave no check to run', 'kubectl kpr checks lists them all');
  return { run, left };
}

/** The results in the order of the rule book, with those that were left out as skipped. */
export const withLeftOut = (
  checks: readonly AnyCheck[],
  results: readonly CheckResult[],
  { left }: CheckSelection,
): CheckResult[] =>
  checks.flatMap((check): CheckResult[] => {
    const reason = left.get(check.id);
    if (reason !== undefined) return [{ check, result: 'skipped', reason }];
    return results.filter((one) => one.check.id === check.id);
  });

const narrow = (check: AnyCheck, codes: readonly Code[]): AnyCheck => ({
  ...check,
  codes,
  run: (view) => {
    const outcome = check.run(view);
    const objections = objectionsIn(outcome);
    // What is left of objections is a pass when these codes alone were asked for.
    return objections.length === 0
      ? outcome
      : passUnless(objections.filter((one) => one.kind !== 'finding' || isOneOf(codes, one)));
  },
});

const isOneOf = (codes: readonly Code[], { code }: Finding): boolean => codes.includes(code);

/** Ids as they are, codes in capitals. Throws KprError for what is neither. */
export function knownNames(names: readonly string[], flag: string, checks: readonly AnyCheck[]): ReadonlySet<string> {
  const all = new Set(checks.flatMap(({ id, codes }) => [id, ...codes]));
  return new Set(
    names.map((name) => {
      const found = [name, name.toUpperCase(), name.toLowerCase()].find((one) => all.has(one));
      if (found !== undefined) return found;
      const meant = suggest(name, [...all]);
      throw usageError(
        `--${flag} ${name} names no check and no code${meant === undefined ? '' : `; did you mean ${meant}?`}`,
        'kubectl kpr checks lists them',
      );
    }),
  );
}
