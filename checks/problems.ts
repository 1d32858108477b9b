import { runnableAmong, type RunnablePhase } from '../src/core/Phase.ts';
import type { Problem, RaisedProblem } from '../src/core/Problem.ts';
import type { Code } from '../src/knowledge/codes.ts';
import { kpr7001 } from './configuration/problems/KPR7001.ts';
import { kpr7002 } from './configuration/problems/KPR7002.ts';
import { kpr7003 } from './configuration/problems/KPR7003.ts';
import { kpr7004 } from './configuration/problems/KPR7004.ts';
import { checks } from './index.ts';

/** What `preflight` says of files with values, which no check sees. */
export const valueProblems: readonly Problem[] = [kpr7001, kpr7002, kpr7003, kpr7004];

const raised = new Map(
  [...checks.flatMap(({ raises }) => raises), ...valueProblems].map((problem): [Code, Problem] => [
    problem.code,
    problem,
  ]),
);

/** Every problem that may be found, by its code, in ascending order. */
export const problems: ReadonlyMap<Code, RaisedProblem> = new Map(
  [...raised]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([code, problem]) => [code, { ...problem, phases: phasesOf(code) }]),
);

function phasesOf(code: Code): readonly RunnablePhase[] {
  if (valueProblems.some((problem) => problem.code === code)) return ['preflight'];
  return runnableAmong(checks.filter(({ codes }) => codes.includes(code)).flatMap(({ phases }) => phases));
}
