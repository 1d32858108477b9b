import { problems } from '../../checks/problems.ts';
import type { Problem } from '../../src/core/Problem.ts';

/** By its code, for tests that go through tables of codes. Throws for one that no check raises. */
export function problemOf(code: string): Problem {
  const problem = [...problems.values()].find((one) => one.code === code);
  if (problem === undefined) throw new Error(`no check raises ${code}`);
  return problem;
}
