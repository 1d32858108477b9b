import type { AnyCheck } from '../core/Check.ts';
import { usageError } from '../core/KprError.ts';
import type { RaisedProblem } from '../core/Problem.ts';
import type { ExplainFormat } from '../report/formats.ts';
import { suggest } from '../text/suggest.ts';
import type { Context } from './Context.ts';
import { print, type SpeechOptions, viewOf } from './print.ts';

export interface ExplainOptions extends SpeechOptions {
  /** Codes and ids of checks, as they were typed; none: the list of all. */
  readonly names: readonly string[];
  readonly format: ExplainFormat;
}

/**
 * What codes mean, from the program's own knowledge, or all codes that checks may raise; without a name the list of
 * all. Throws KprError for an unknown one.
 */
export async function explainCode(options: ExplainOptions, { io, loaders }: Context): Promise<number> {
  const { names, format } = options;
  const problems = await loaders.problems();
  if (names.length === 0) {
    await print(Object.fromEntries(problems), format.all, viewOf(options, io), io);
    return 0;
  }
  const known = new Map<string, RaisedProblem>(problems);
  const checks = names.every((name) => known.has(codeOf(name))) ? [] : await loaders.checks();
  const codes = new Set(names.flatMap((name) => codesOf(name, known, checks)));
  const chosen = [...codes].flatMap((code) => known.get(code) ?? []);
  const [only, ...others] = chosen;
  if (only !== undefined && (others.length === 0 || format.one.kind === 'screen')) {
    for (const [i, problem] of chosen.entries()) {
      if (i > 0) io.stdout.write('\n');
      await print(problem, format.one, viewOf(options, io), io);
    }
    return 0;
  }
  // One document: by code, as the list of all.
  await print(Object.fromEntries(chosen.map((one) => [one.code, one])), format.all, viewOf(options, io), io);
  return 0;
}

const codeOf = (typed: string): string => (/^\d{4}$/.test(typed) ? `KPR${typed}` : typed.toUpperCase());

function codesOf(
  typed: string,
  known: ReadonlyMap<string, RaisedProblem>,
  checks: readonly AnyCheck[],
): readonly string[] {
  const code = codeOf(typed);
  if (known.has(code)) return [code];
  const check = checks.find(({ id }) => id === typed);
  if (check !== undefined) return check.codes;
  const meant =
    suggest(code, [...known.keys()]) ??
    suggest(
      typed,
      checks.map(({ id }) => id),
    );
  throw usageError(
    `${typed} is no code and no check of this version${meant === undefined ? '' : `; did you mean ${meant}?`}`,
    'kubectl kpr explain lists all codes, kubectl kpr checks all checks',
  );
}
