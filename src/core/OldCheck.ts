import type { AnyCheck } from './Check.ts';
import { inconclusive, notApplicable, passUnless } from './Outcome.ts';
import type { Area } from '../knowledge/codes.ts';
import type { Known, Missing } from '../model/Fact.ts';
import type { NodeFactName, NodeFacts } from '../model/NodeFacts.ts';
import type { ClusterFactName, ClusterFacts, NodeSnapshot, Snapshot } from '../model/Snapshot.ts';
import type { Evidence, Seen } from './Evidence.ts';
import type { Finding } from './Finding.ts';
import type { Derived, DerivedValue } from './View.ts';
import type { Phase } from './Phase.ts';
import type { Problem } from './Problem.ts';

/** Not applicable here, with the reason; only when nothing at all was to be judged. */
export interface Skip {
  readonly kind: 'skip';
  readonly reason: string;
}
export const skip = (reason: string): Skip => ({ kind: 'skip', reason });

/** Something that the check itself could not decide although its facts are there. */
export interface Undecided {
  readonly kind: 'undecided';
  readonly node: string | undefined;
  readonly why: Missing;
}
export const undecided = (why: Missing, node?: string): Undecided => ({ kind: 'undecided', node, why });

type ValueOf<F> = F extends Known<infer T> ? T : never;

/** A node whose needed facts are all known. */
export interface OldNodeView<N extends NodeFactName, U extends Derived = never> {
  readonly name: string;
  readonly snapshot: NodeSnapshot;
  readonly facts: { readonly [K in N]: ValueOf<NodeFacts[K]> };
  readonly derived: <D extends Extract<U, { readonly of: 'node' }>>(derived: D) => DerivedValue<D>;
  /** The command behind a fact, with the lines that decide. */
  readonly evidence: (fact: NodeFactName, seen: Seen) => Evidence;
}

export interface CheckInput<C extends ClusterFactName, N extends NodeFactName, U extends Derived = never> {
  readonly snapshot: Snapshot;
  readonly cluster: { readonly [K in C]: ValueOf<ClusterFacts[K]> };
  /** Covered nodes with all needed facts; the others are reported as unknown by the runner. */
  readonly nodes: readonly OldNodeView<N, U>[];
  readonly derived: <D extends Extract<U, { readonly of: 'cluster' }>>(derived: D) => DerivedValue<D>;
  readonly evidence: (fact: ClusterFactName, seen: Seen) => Evidence;
}

/** A rule: what it needs, and what follows. Pure and synchronous. */
export interface OldCheck<
  C extends ClusterFactName = ClusterFactName,
  N extends NodeFactName = NodeFactName,
  P extends Problem = Problem,
  U extends readonly Derived[] = readonly [],
> {
  /** Stable, kebab-case; users name it in --check and --skip. */
  readonly id: string;
  /** What holds when the check passes, as a sentence without a period. */
  readonly title: string;
  readonly area: Area;
  readonly phases: readonly Phase[];
  /** What it may find: `run` can give findings of no other problem. */
  readonly raises: readonly P[];
  /** Without one of these the result is unknown: for all (cluster) or for that node (node). */
  readonly needs: { readonly cluster?: readonly C[]; readonly node?: readonly N[] };
  /** Read when there, `Fact` in hand: collected, but its absence decides nothing by itself. */
  readonly wants?: { readonly cluster?: readonly ClusterFactName[]; readonly node?: readonly NodeFactName[] };
  readonly uses?: U;
  run(input: CheckInput<C, N, U[number]>): readonly (Finding<P['code']> | Undecided)[] | Skip;
}

export function defineOldCheck<
  const C extends ClusterFactName = never,
  const N extends NodeFactName = never,
  const P extends Problem = Problem,
  const U extends readonly Derived[] = readonly [],
>({ needs, wants, ...check }: OldCheck<C, N, P, U>): AnyCheck<P> {
  return {
    ...check,
    requires: needs,
    ...(wants && { optional: wants }),
    codes: check.raises.map(({ code }) => code),
    run: (view) => {
      const { snapshot } = view;
      const input = {
        ...view,
        snapshot,
        nodes: view.nodes.map((node) => ({
          ...node,
          snapshot: snapshot.nodes.find(({ name }) => name === node.name) as NodeSnapshot,
        })),
      };
      const outcome = check.run(input);
      if ('kind' in outcome) return notApplicable(outcome.reason);
      return passUnless(outcome.map((one) => (one.kind === 'finding' ? one : inconclusive(one.why, one.node))));
    },
  };
}
