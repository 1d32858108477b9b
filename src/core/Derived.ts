import type { ClusterDerived, ClusterView, Derived, FactNames, NoFacts, NodeDerived } from './View.ts';

interface Declared<O extends FactNames, A extends FactNames, U extends readonly Derived[]> {
  /** Unique; for people. */
  readonly name: string;
  readonly optional?: O;
  readonly reread?: A;
  readonly uses?: U;
}

/** A derived fact about the cluster as a whole. Pure and synchronous, as checks are. */
export const defineDerived = <
  T,
  const O extends FactNames = NoFacts,
  const A extends FactNames = NoFacts,
  const U extends readonly Derived[] = readonly [],
>(
  derived: Declared<O, A, U> & { compute(view: ClusterView<NoFacts, O, A, U[number]>): T },
): ClusterDerived<T> => ({ ...derived, of: 'cluster', compute: (view) => derived.compute(view) });

/** A derived fact about each covered node: what all have in common is prepared once. */
export const defineNodeDerived = <
  T,
  const O extends FactNames = NoFacts,
  const A extends FactNames = NoFacts,
  const U extends readonly Derived[] = readonly [],
>(
  derived: Declared<O, A, U> & {
    compute(
      view: ClusterView<NoFacts, O, A, U[number]>,
    ): (node: ClusterView<NoFacts, O, A, U[number]>['nodes'][number]) => T;
  },
): NodeDerived<T> => ({
  ...derived,
  of: 'node',
  compute: (view) => derived.compute(view),
});
