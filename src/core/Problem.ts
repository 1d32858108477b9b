import type { Code } from '../knowledge/codes.ts';
import type { Phase } from './Phase.ts';

/**
 * The prose of a finding, as data. Texts may hold `{{names}}`, filled from a finding's params or by the report
 * (see Builtin).
 */
export interface Problem {
  readonly code: Code;
  readonly severity: Severity;
  /** One line, for lists: what is wrong, in the field's words. */
  readonly title: string;
  /** What a user notices. */
  readonly symptom: string;
  readonly cause: string;
  /** How to confirm it by hand, without this tool. */
  readonly confirm: string;
  /** Only what follows of necessity or nearly always; that two things are wrong at once is no cause. */
  readonly mayFollowFrom?: readonly Cause[];
  /** What is unknown elsewhere because of this: all of the finding's nodes, or whatever the user may not read. */
  readonly explainsUnknown?: readonly ('node' | 'permission')[];
  /** One text for each way in which the finding shows; a check names the one it saw. */
  readonly variants: Readonly<Record<string, Variant>>;
}

/** With a finding of this code in the same report, tied to it as said, this one is shown as its effect. */
export interface Cause {
  readonly code: Code;
  /**
   * `node`: they share a node, or one of them is about the cluster as a whole; `object`: they name the same object;
   * `cluster`: wherever either was found.
   */
  readonly by: 'node' | 'object' | 'cluster';
}

/** A problem and when it is looked for: the phases of the checks that raise it. */
export interface RaisedProblem extends Problem {
  readonly phases: readonly Phase[];
}

export type Severity = 'error' | 'warning' | 'info';

export interface Variant {
  /** Overrides the problem's severity where this way of showing is better or worse. */
  readonly severity?: Severity;
  /** What is wrong, without the node's name (equal findings of many nodes are one finding). */
  readonly message: string;
  readonly steps: readonly RemedyStep[];
  /** A command that shows whether it is repaired. */
  readonly check?: string;
  /** A command that takes the remedy back. */
  readonly undo?: string;
}

export interface RemedyStep {
  /** What the step does, as a short sentence without a period. */
  readonly text: string;
  /** What to paste. Commands that start with `kubectl ` get the user's context flags. */
  readonly command?: string;
  readonly where: 'workstation' | 'node' | 'controlPlane';
  /** What may go wrong or be interrupted. */
  readonly risk?: string;
}

/** Names that the report itself fills. */
export type Builtin =
  /** Cilium's namespace, the agents' (first) DaemonSet, the operator's Deployment. */
  | 'namespace'
  | 'agentDaemonSet'
  | 'operator'
  /** The finding's nodes: all (joined by commas), the first, and the agent pod on the first. */
  | 'nodes'
  | 'node'
  | 'agentPod'
  /** The finding's objects (joined by commas), and namespace and name of the first. */
  | 'objects'
  | 'objectNamespace'
  | 'objectName';

type Texts<V extends Variant> =
  | V['message']
  | V['steps'][number]['text']
  | (V['steps'][number] extends { command: infer C extends string } ? C : CommandsOf<V['steps'][number]>)
  | (V extends { check: infer C extends string } ? C : never)
  | (V extends { undo: infer U extends string } ? U : never);
type CommandsOf<S> = S extends { command: infer C extends string } ? C : never;

type Placeholders<S extends string> = S extends `${string}{{${infer Name}}}${infer Rest}`
  ? Name | Placeholders<Rest>
  : never;

/** The params that a finding of this variant must bring along: the placeholders of its texts that are no builtins. */
export type ParamsOf<V extends Variant> = Exclude<Placeholders<Texts<V>>, Builtin>;

export type VariantName<P extends Problem> = keyof P['variants'] & string;
/** The params that a finding of this problem and variant needs, by the placeholders of its texts. */
export type FindingParams<P extends Problem, V extends VariantName<P>> = ParamsOf<
  P['variants'][V] extends infer X extends Variant ? X : never
>;

/** Keeps the literal types of the texts, so that `finding()` can ask for exactly the params that they need. */
export const defineProblem = <const P extends Problem>(problem: P): P => problem;
