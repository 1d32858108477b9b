import type { Loaders } from '../../app/Loaders.ts';
import type { RaisedProblem } from '../../core/Problem.ts';
import { renderCodeList } from '../../report/renderCheckList.ts';
import { renderExplain } from '../../report/renderExplain.ts';
import { renderJson } from '../../report/renderJson.ts';
import type { Io } from '../../terminal/Io.ts';
import { streamStyle } from '../../terminal/streamStyle.ts';
import { suggest } from '../../text/suggest.ts';
import { type Args, stringOf } from '../args.ts';
import { colorOf } from '../colorOf.ts';
import { usageError } from '../usageError.ts';

/** What a code means, from the program's own knowledge; without a code the list of all. Throws KprError for an unknown one. */
export async function explain(args: Args, io: Io, loaders: Loaders): Promise<number> {
  const problems = await loaders.problems();
  const asked = stringOf(args, 'code');
  const style = streamStyle(io.stdout, io, colorOf(args));
  const isJson = stringOf(args, 'output') === 'json';
  if (asked === undefined) {
    io.stdout.write(isJson ? renderJson(Object.fromEntries(problems)) : renderCodeList(problems.values(), style));
    return 0;
  }
  const code = /^\d{4}$/.test(asked) ? `KPR${asked}` : asked.toUpperCase();
  const problem = new Map<string, RaisedProblem>(problems).get(code);
  if (problem === undefined) {
    const meant = suggest(code, [...problems.keys()]);
    throw usageError(
      `${asked} is no code of this version${meant === undefined ? '' : `; did you mean ${meant}?`}`,
      'kubectl kpr explain lists all codes',
    );
  }
  io.stdout.write(isJson ? renderJson(problem) : renderExplain(problem, style));
  return 0;
}
