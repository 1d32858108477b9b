import { usageError } from '../core/KprError.ts';
import type { RaisedProblem } from '../core/Problem.ts';
import type { ExplainFormat } from '../report/formats.ts';
import { suggest } from '../text/suggest.ts';
import type { Context } from './Context.ts';
import { print, type SpeechOptions, viewOf } from './print.ts';

export interface ExplainOptions extends SpeechOptions {
  /** As it was typed; undefined: the list of all. */
  readonly code: string | undefined;
  readonly format: ExplainFormat;
}

/**
 * What a code means, from the program's own knowledge; without a code the list of all. Throws KprError
 * for an unknown one.
 */
export async function explainCode(options: ExplainOptions, { io, loaders }: Context): Promise<number> {
  const { code: typed, format } = options;
  const problems = await loaders.problems();
  if (typed === undefined) {
    await print(Object.fromEntries(problems), format.all, viewOf(options, io), io);
    return 0;
  }
  const code = /^\d{4}$/.test(typed) ? `KPR${typed}` : typed.toUpperCase();
  const problem = new Map<string, RaisedProblem>(problems).get(code);
  if (problem === undefined) {
    const meant = suggest(code, [...problems.keys()]);
    throw usageError(
      `${typed} is no code of this version${meant === undefined ? '' : `; did you mean ${meant}?`}`,
      'kubectl kpr explain lists all codes',
    );
  }
  await print(problem, format.one, viewOf(options, io), io);
  return 0;
}
