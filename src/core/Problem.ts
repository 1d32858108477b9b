import type { Code } from '../knowledge/codes.ts';
import type { RunnablePhase } from './Phase.ts';

/**
 * The prose of a finding, as data. Texts may hold `{{names}}`, filled from a finding's params or by the report
 * (see Builtin).
 */
export interface Problem {
  readonly code: Code;
  readonly severity: Severity;
  readonly harm: Harm;
  /** Where it lies, if that is the same for every finding of it; a check may say it of one finding. */
  readonly layer?: Layer;
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
  readonly explainsUnknown?: 'node' | 'permission';
  /** One text for each way in which the finding shows; a check names the one it saw. */
  readonly variants: Readonly<Record<string, Variant>>;
}

/**
 * `now`: connections are lost, or what was asked for is not served; `trap`: nothing is lost yet, and a restart, an
 * upgrade or the next change of a Service may do it, or hides behind what could not be read; `note`: nothing to act on.
 */
export type Harm = 'now' | 'trap' | 'note';

/**
 * The first thing on the way from a wish to a packet that is wrong: the objects in the API (or the settings of Cilium,
 * which stand there, too), the agent and its own table, the eBPF maps, the programs that read them, other rules and
 * settings of the host, the network between nodes.
 */
export type Layer = 'api' | 'agent' | 'map' | 'program' | 'host' | 'network';

/** With a finding of this code in the same report, tied to it as said, this one is shown as its effect. */
export interface Cause {
  readonly code: Code;
  /**
   * `node`: they share a node, or one of them is about the cluster as a whole; `object`: they name the same object, and
   * so for their nodes; `cluster`: wherever either was found.
   */
  readonly by: 'node' | 'object' | 'cluster';
}

/** A problem and when it is looked for: the phases of the checks that raise it. */
export interface RaisedProblem extends Problem {
  readonly phases: readonly RunnablePhase[];
}

export type Severity = 'error' | 'warning' | 'info';

export interface Variant {
  /** Overrides the problem's severity where this way of showing is better or worse. */
  readonly severity?: Severity;
  /** Overrides the problem's. */
  readonly harm?: Harm;
  /** What is wrong, without the node's name (equal findings of many nodes are one finding). */
  readonly message: string;
  /** What to do first; absent: there is nothing to do. */
  readonly remedy?: Remedy;
  /** Other ways to the same end, the best first. */
  readonly alternatives?: readonly Alternative[];
}

export interface Remedy {
  /** All of them, in this order. */
  readonly steps: readonly RemedyStep[];
  /** A command that shows whether it is repaired. */
  readonly check?: string;
  /** A command that takes the remedy back. */
  readonly undo?: string;
}

export interface Alternative extends Remedy {
  /** The way in a few words that go on from “or”: `let kube-proxy take its own rules away`. */
  readonly title: string;
}

/** A step that can be followed as it is printed, or one in which a person has to decide or to fill in something. */
export type RemedyStep = CommandStep | DecisionStep;

interface Step {
  /** What the step does, as a short sentence without a period. */
  readonly text: string;
  readonly where: 'workstation' | 'node' | 'controlPlane';
  /** What may go wrong or be interrupted. */
  readonly risk?: string;
  /** What must hold first, or the step does harm. */
  readonly precondition?: Precondition;
}

export interface Precondition {
  /** As a part of a sentence that goes on from “only if”. */
  readonly text: string;
  /** Fails as long as it does not hold, or while that is not known. */
  readonly command: string;
}

interface CommandStep extends Step {
  readonly decision?: never;
  /** What to paste. Commands that start with `kubectl ` get the user's context flags. */
  readonly command: string;
}

interface DecisionStep extends Step {
  readonly decision: true;
  /** What to paste when words in capitals are replaced, or when that is what was decided. */
  readonly command?: string;
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

type Text<T, Key extends string> = Key extends unknown
  ? T extends { readonly [K in Key]: infer S extends string }
    ? S
    : never
  : never;
type StepText<S> =
  | Text<S, 'text' | 'command' | 'risk'>
  | (S extends { readonly precondition: infer P } ? Text<P, 'text' | 'command'> : never);
type RemedyText<R> = R extends Remedy ? StepText<R['steps'][number]> | Text<R, 'check' | 'undo' | 'title'> : never;
type Texts<V extends Variant> =
  | V['message']
  | RemedyText<V['remedy']>
  | (V extends { readonly alternatives: readonly (infer A)[] } ? RemedyText<A> : never);

type Placeholders<S extends string> = S extends `${string}{{${infer Name}}}${infer Rest}`
  ? Name | Placeholders<Rest>
  : never;

/** The params that a finding of this variant must bring along: the placeholders of its texts that are no builtins. */
export type ParamsOf<V extends Variant> = Exclude<Placeholders<Texts<V>>, Builtin>;

export type VariantName<P extends Problem> = keyof P['variants'] & string;
/** The params that a finding of this problem and variant needs, no more and no less: the placeholders of its texts. */
export type FindingParams<P extends Problem, V extends VariantName<P>> = Params<
  ParamsOf<P['variants'][V] extends infer X extends Variant ? X : never>
>;
// Without names Record would be `{}`, which takes everything.
type Params<Name extends string> = Readonly<Record<[Name] extends [never] ? string : Name, ParamOf<Name>>>;
type ParamOf<Name extends string> = [Name] extends [never] ? never : string | number;

/** Takes every key away that the shape does not know: a literal whose type is kept would pass with a mistyped one. */
type Only<T, Shape> = { readonly [K in Exclude<keyof T, keyof Shape>]: never };
type Exact<P extends Problem> = Only<P, Problem> & {
  readonly variants: { readonly [V in keyof P['variants']]: ExactVariant<P['variants'][V]> };
};
type ExactVariant<V extends Variant> = Only<V, Variant> & {
  readonly remedy?: Only<V['remedy'], Remedy> & { readonly steps?: readonly Only<StepsOf<V>, DecisionStep>[] };
};
type StepsOf<V extends Variant> = V['remedy'] extends { readonly steps: readonly (infer S)[] } ? S : never;

/** Keeps the literal types of the texts, so that `finding()` can ask for exactly the params that they need. */
export const defineProblem = <const P extends Problem>(problem: P & Exact<P>): P => problem;
