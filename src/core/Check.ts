import { type Area, type Code, codes } from '../knowledge/codes.ts';
import type { Outcome } from './Outcome.ts';
import type { Phase } from './Phase.ts';
import type { Problem } from './Problem.ts';
import type { AnyView, ClusterView, Derived, FactNames, Inputs, NoFacts } from './View.ts';

interface About {
  /** Stable, kebab-case; users name it in --check and --skip. */
  readonly id: string;
  /** What holds when the check passes, as a sentence without a period. */
  readonly title: string;
  readonly phases: readonly Phase[];
}

type Problems = readonly [Problem, ...Problem[]];

/** A rule: what it may see, and what follows. Pure and synchronous. */
export interface Check<
  R extends FactNames,
  O extends FactNames,
  A extends FactNames,
  U extends readonly Derived[],
  P extends Problems,
> extends About {
  /** What it may find, of one area: `run` can give findings of no other problem. */
  readonly raises: P;
  readonly requires?: R;
  readonly optional?: O;
  readonly reread?: A;
  readonly uses?: U;
  run(view: ClusterView<R, O, A, U[number]>): Outcome<P[number]['code']>;
}

/** A check whose declarations' types are forgotten, as the registry and the runner hold it. */
export interface AnyCheck<P extends Problem = Problem> extends About, Inputs {
  /** That of the codes that it may raise. */
  readonly area: Area;
  readonly raises: readonly P[];
  /** Those of `raises`. */
  readonly codes: readonly Code[];
  run(view: AnyView): Outcome<P['code']>;
}

export const defineCheck = <
  const P extends Problems,
  const R extends FactNames = NoFacts,
  const O extends FactNames = NoFacts,
  const A extends FactNames = NoFacts,
  const U extends readonly Derived[] = readonly [],
>(
  check: Check<R, O, A, U, P>,
): AnyCheck<P[number]> => ({
  ...check,
  area: codes[check.raises[0].code].area,
  codes: check.raises.map(({ code }) => code),
  run: (view) => check.run(view),
});
