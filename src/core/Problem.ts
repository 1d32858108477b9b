import type { Code } from '../knowledge/codes.ts';
import type { Distribution } from '../model/Snapshot.ts';
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
  /** The same in a few words, for a headline that goes on with where it is: `the agent does not answer`. */
  readonly brief: string;
  /** What a user notices. */
  readonly symptom: string;
  readonly cause: string;
  /** How to confirm it by hand, without this tool. */
  readonly confirm: string;
  /** Only what follows of necessity or nearly always; that two things are wrong at once is no cause. */
  readonly mayFollowFrom?: readonly Cause[];
  /** What is unknown elsewhere because of this: all of the finding's nodes, or whatever the user may not read. */
  readonly explainsUnknown?: 'node' | 'permission';
  /** What must not be done to its nodes while it is found; steps that do it are not offered then. */
  readonly endangers?: Danger;
  /**
   * Nobody but the finding's objects and their clients has the harm of it, so that whoever owns the only one of them
   * may suppress it there. Absent: it may be others' harm, or a sign of what is, and only the user may.
   */
  readonly harmsOnlyItsObjects?: true;
  /** Where it is found nobody is served, or no name resolves: it is told before what harms some Services. */
  readonly outage?: boolean;
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
  /** Only where the two have the same value for this param. */
  readonly sharing?: string;
  /** Only where it shows in one of these ways; absent: in any. */
  readonly variants?: readonly string[];
}

/** What a step does to what runs, so that it can be held back where something else that was found makes it harmful. */
export type Deed =
  /** Of the finding's nodes. */
  | 'restartAgent'
  /** Of all nodes, sooner or later: the DaemonSet is changed or rolled out. */
  | 'restartAllAgents'
  | 'rebootNode'
  /** kube-proxy goes from all of its nodes. */
  | 'endKubeProxy';

export interface Danger {
  readonly deeds: readonly Deed[];
  /** What would happen, as a part of a sentence that goes on from “not now:”. */
  readonly why: string;
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
  /** Beside the problem's. */
  readonly endangers?: Danger;
  /** Beside the problem's. */
  readonly mayFollowFrom?: readonly Cause[];
  /** Overrides the problem's. */
  readonly outage?: boolean;
  /** Overrides the problem's. */
  readonly brief?: string;
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

/**
 * A step that can be followed as it is printed, or one in which a person has to decide or to fill in something. What
 * restarts agents or sets an option of theirs says so, and the report makes the command: how a DaemonSet is updated,
 * and who owns a value, is not the same everywhere.
 */
export type RemedyStep = CommandStep | DecisionStep | RestartStep | SettingStep;

interface Step {
  /** What the step does, as a short sentence without a period. */
  readonly text: string;
  readonly where: 'workstation' | 'node' | 'controlPlane';
  /** What may go wrong or be interrupted. */
  readonly risk?: string;
  /** What must hold first, or the step does harm. */
  readonly precondition?: Precondition;
  readonly does?: Deed;
  /**
   * Only if some nodes have it, or only if all have it and their agents know no better: then they decided so, or share
   * a defect, and would do the same again. Absent: in either case.
   */
  readonly when?: 'some' | 'all';
  /** Only in clusters that were made so; absent: in all. */
  readonly on?: readonly Distribution[];
  /** Codes of findings that make such a step harmful or useless, and that this very step repairs. */
  readonly repairs?: readonly Code[];
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
  readonly restart?: never;
  readonly sets?: never;
}

interface DecisionStep extends Step {
  readonly decision: true;
  /** What to paste when words in capitals are replaced, or when that is what was decided. */
  readonly command?: string;
  readonly restart?: never;
  readonly sets?: never;
}

/** Agents start again, each by the end of its pod. What must hold first is the same for all such steps. */
export interface RestartStep extends Step {
  readonly where: 'workstation';
  /** `agent`: that of each of the finding's nodes; `hung`: so, without waiting for it to end by itself; `all`. */
  readonly restart: 'agent' | 'hung' | 'all';
  /** The only node that is meant, where that is not the finding's. */
  readonly onNode?: string;
  /** Only where the DaemonSet is updated by hand (OnDelete): elsewhere the step before has the same effect. */
  readonly onlyByHand?: true;
  readonly does?: never;
  readonly precondition?: never;
  readonly decision?: never;
  readonly command?: never;
  readonly sets?: never;
}

/** An option of the agents gets a value, or goes, wherever it is set for the finding's nodes. */
export interface SettingStep extends Step {
  readonly where: 'workstation';
  readonly sets: {
    readonly key: string;
    /** null: the option goes, so that the next source or the default counts. */
    readonly value: string | null;
    /** Its name among the values of Cilium’s chart, for those who use that. */
    readonly helm?: string;
  };
  /** The only node that is meant, where that is not the finding's. */
  readonly onNode?: string;
  /** The value has words in capitals to replace. */
  readonly decision?: true;
  readonly command?: never;
  readonly restart?: never;
}

/** Names that the report itself fills. */
export type Builtin =
  /** Cilium's namespace, its Helm release, the agents' (first) DaemonSet, the operator's Deployment. */
  | 'namespace'
  | 'helmRelease'
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
  | Text<S, 'text' | 'command' | 'risk' | 'onNode'>
  | (S extends { readonly sets: infer O } ? Text<O, 'key' | 'value' | 'helm'> : never)
  | (S extends { readonly precondition: infer P } ? Text<P, 'text' | 'command'> : never);
type RemedyText<R> = R extends Remedy ? StepText<R['steps'][number]> | Text<R, 'check' | 'undo' | 'title'> : never;
type Texts<V extends Variant> =
  | V['message']
  | Text<V, 'brief'>
  | Text<V['endangers'], 'why'>
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
  readonly remedy?: Only<V['remedy'], Remedy> & { readonly steps?: readonly Only<StepsOf<V>, AnyStep>[] };
};
/** Every key that a step of some kind may have. */
type AnyStep = CommandStep & Pick<RestartStep, 'onNode' | 'onlyByHand'>;
type StepsOf<V extends Variant> = V['remedy'] extends { readonly steps: readonly (infer S)[] } ? S : never;

/** Keeps the literal types of the texts, so that `finding()` can ask for exactly the params that they need. */
export const defineProblem = <const P extends Problem>(problem: P & Exact<P>): P => problem;
