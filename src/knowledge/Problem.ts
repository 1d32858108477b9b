/** The prose of a finding, as data. Texts may hold `{{names}}`, filled from a finding's params or by the report (see Builtin). */
export interface Problem {
  readonly severity: Severity;
  /** One line, for lists: what is wrong, in the field's words. */
  readonly title: string;
  readonly phases: readonly Phase[];
  /** What a user notices. */
  readonly symptom: string;
  readonly cause: string;
  /** How to confirm it by hand, without this tool. */
  readonly confirm: string;
  /** One text for each way in which the finding shows; a check names the one it saw. */
  readonly variants: Readonly<Record<string, Variant>>;
}

export type Severity = 'error' | 'warning' | 'info';
export type Phase = 'doctor' | 'verify' | 'preflight';

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

/** Keeps the literal types of the texts, so that `finding()` can ask for exactly the params that they need. */
export const defineProblems = <const T extends Readonly<Record<string, Problem>>>(problems: T): T => problems;
