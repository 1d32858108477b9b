import type { AnyCheck } from '../core/Check.ts';
import { usageError } from '../core/KprError.ts';
import type { RaisedProblem, Severity } from '../core/Problem.ts';
import { schemaVersion, toolName } from '../report/DocumentHead.ts';
import type { ExplainDocument } from '../report/ExplainDocument.ts';
import type { ExplainFormat } from '../report/formats.ts';
import { toolVersion } from '../terminal/tool.ts';
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
  const known = new Map<string, RaisedProblem>(problems);
  const checks = names.every((name) => known.has(codeOf(name))) ? [] : await loaders.checks();
  const codes = new Set(names.flatMap((name) => codesOf(name, known, checks)));
  const chosen = names.length === 0 ? [...known.values()] : [...codes].flatMap((code) => known.get(code) ?? []);
  await print(documentOf(chosen), names.length === 0 ? format.all : format.some, viewOf(options, io), io);
  return 0;
}

function documentOf(problems: readonly RaisedProblem[]): ExplainDocument {
  const countOf = (wanted: Severity): number => problems.filter(({ severity }) => severity === wanted).length;
  return {
    schemaVersion,
    tool: { name: toolName, version: toolVersion },
    command: 'explain',
    summary: {
      problems: problems.length,
      severities: { error: countOf('error'), warning: countOf('warning'), info: countOf('info') },
    },
    problems,
  };
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
