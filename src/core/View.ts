import type { Known } from '../model/Fact.ts';
import type { NodeFactName, NodeFacts } from '../model/NodeFacts.ts';
import type { AgentPod, ClusterFactName, ClusterFacts, Frame, MalformedObject } from '../model/Snapshot.ts';
import type { Evidence, Seen } from './Evidence.ts';

/** Names of facts: of the cluster, and of its nodes. */
export interface FactNames {
  readonly cluster?: readonly ClusterFactName[];
  readonly node?: readonly NodeFactName[];
}

/** What a rule or a derived fact may see. It is handed this and nothing else, and a run asks a cluster for no more. */
export interface Inputs {
  /** Handed as values. Without one of these nothing is judged: at all (cluster), or on that node (node). */
  readonly requires?: FactNames;
  /** Handed as a `Fact`: read when it is there; that it is missing decides nothing by itself. */
  readonly optional?: FactNames;
  /** Of these also what a second reading saw, where there was one. */
  readonly reread?: FactNames;
  readonly uses?: readonly Derived[];
}

/** Computed of facts, once for a snapshot, whoever uses it. What it lacks for an answer, its value says itself. */
export type Derived = ClusterDerived<unknown> | NodeDerived<unknown>;

export interface ClusterDerived<T> extends Omit<Inputs, 'requires'> {
  readonly of: 'cluster';
  readonly name: string;
  compute(view: AnyView): T;
}

export interface NodeDerived<T> extends Omit<Inputs, 'requires'> {
  readonly of: 'node';
  readonly name: string;
  /** What all nodes have in common is done here, once; the answer does the rest for one node. */
  compute(view: AnyView): (node: AnyNodeView) => T;
}

/** What a derived fact is, by its type. */
export type DerivedValue<D extends Derived> =
  D extends ClusterDerived<infer T> ? T : D extends NodeDerived<infer T> ? T : never;

/** Gives the value of a derived fact that is declared. */
export interface DerivedValues<U extends Derived> {
  <D extends U>(derived: D): DerivedValue<D>;
  /** For the compiler alone: of a type parameter that nothing names it would take a view of less for one of more. */
  readonly declared?: (derived: U) => void;
}

export interface ClusterView<
  R extends FactNames = NoFacts,
  O extends FactNames = NoFacts,
  A extends FactNames = NoFacts,
  U extends Derived = never,
> {
  readonly frame: Frame;
  readonly cluster: ClusterPart<ClusterNames<R>, ClusterNames<O>>;
  /** Covered nodes with all required facts; the others are reported as unknown by the runner. */
  readonly nodes: readonly NodeView<NodeNames<R>, NodeNames<O>, NodeNames<A>, U>[];
  /** Objects that are left out of these facts because they are not shaped as the API defines them. */
  readonly malformed: readonly MalformedObject[];
  /** undefined: nothing was read a second time. */
  readonly secondReading: Pick<ClusterFacts, ClusterNames<A>> | undefined;
  readonly derived: DerivedValues<Extract<U, { readonly of: 'cluster' }>>;
  /** The command behind a fact, with the lines that decide. */
  readonly evidence: (fact: ClusterNames<R> | ClusterNames<O>, seen: Seen) => Evidence;
}

/** Cluster facts as a view hands them out: required ones as values. */
export type ClusterPart<R extends ClusterFactName, O extends ClusterFactName = never> = Values<ClusterFacts, R> &
  Pick<ClusterFacts, O>;

/**
 * One covered node, as far as its facts are declared.
 * @template R required facts, @template O optional ones, @template A those that may have been read again, @template U
 *   what is derived
 */
export interface NodeView<
  R extends NodeFactName = never,
  O extends NodeFactName = never,
  A extends NodeFactName = never,
  U extends Derived = never,
> {
  readonly name: string;
  readonly agent: AgentPod | undefined;
  readonly facts: Values<NodeFacts, R> & Pick<NodeFacts, O>;
  /** undefined: this node was not read a second time. */
  readonly secondReading: Pick<NodeFacts, A> | undefined;
  readonly derived: DerivedValues<Extract<U, { readonly of: 'node' }>>;
  /** The command behind a fact, with the lines that decide. */
  readonly evidence: (fact: R | O, seen: Seen) => Evidence;
}

/** A view whose declaration is forgotten, as the registry and the runner hold it: it fits every declaration. */
export interface AnyView {
  readonly frame: Frame;
  readonly cluster: never;
  readonly nodes: readonly AnyNodeView[];
  readonly malformed: readonly MalformedObject[];
  readonly secondReading: never;
  readonly derived: (derived: Derived) => never;
  readonly evidence: (fact: ClusterFactName, seen: Seen) => Evidence;
}

export interface AnyNodeView {
  readonly name: string;
  readonly agent: AgentPod | undefined;
  readonly facts: never;
  readonly secondReading: never;
  readonly derived: (derived: Derived) => never;
  readonly evidence: (fact: NodeFactName, seen: Seen) => Evidence;
}

export interface NoFacts {
  readonly cluster?: readonly never[];
  readonly node?: readonly never[];
}

type ClusterNames<F extends FactNames> = Exclude<F['cluster'], undefined>[number];
type NodeNames<F extends FactNames> = Exclude<F['node'], undefined>[number];

type ValueOf<F> = F extends Known<infer T> ? T : never;
type Values<Facts, Name extends keyof Facts> = { readonly [K in Name]: ValueOf<Facts[K]> };
