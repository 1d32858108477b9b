import { runnableAmong, type RunnablePhase } from '../src/core/Phase.ts';
import type { RaisedProblem } from '../src/core/Problem.ts';
import type { Code } from '../src/knowledge/codes.ts';
import { checks } from './index.ts';

const raised = new Map(checks.flatMap(({ raises }) => raises).map((problem) => [problem.code, problem]));

/** Every problem that a check may find, by its code, in ascending order. */
export const problems: ReadonlyMap<Code, RaisedProblem> = new Map(
  [...raised]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([code, problem]) => [code, { ...problem, phases: phasesOf(code) }]),
);

function phasesOf(code: Code): readonly RunnablePhase[] {
  return runnableAmong(checks.filter(({ codes }) => codes.includes(code)).flatMap(({ phases }) => phases));
}
