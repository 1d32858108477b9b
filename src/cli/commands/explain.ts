import type { Problem } from '../../knowledge/Problem.ts';
import { problems } from '../../knowledge/problems/index.ts';
import { renderCodeList } from '../../report/renderCheckList.ts';
import { renderExplain } from '../../report/renderExplain.ts';
import { renderJson } from '../../report/renderJson.ts';
import { type Args, stringOf } from '../args.ts';
import { colorOf } from '../colorOf.ts';
import type { Io } from '../../terminal/Io.ts';
import { streamStyle } from '../../terminal/streamStyle.ts';
import { suggest } from '../suggest.ts';
import { usageError } from '../usageError.ts';

/** What a code means, from the program's own knowledge; without a code the list of all. Throws KprError for an unknown one. */
export function explain(args: Args, io: Io): number {
  const all: Readonly<Record<string, Problem>> = problems;
  const asked = stringOf(args, 'code');
  const style = streamStyle(io.stdout, io, colorOf(args));
  const isJson = stringOf(args, 'output') === 'json';
  if (asked === undefined) {
    io.stdout.write(isJson ? renderJson(all) : renderCodeList(all, style));
    return 0;
  }
  const code = /^\d{4}$/.test(asked) ? `KPR${asked}` : asked.toUpperCase();
  const problem = Object.hasOwn(all, code) ? all[code] : undefined;
  if (problem === undefined) {
    const meant = suggest(code, Object.keys(all));
    throw usageError(
      `${asked} is no code of this version${meant === undefined ? '' : `; did you mean ${meant}?`}`,
      'kubectl kpr explain lists all codes',
    );
  }
  io.stdout.write(isJson ? renderJson({ code, ...problem }) : renderExplain(code, problem, style));
  return 0;
}
