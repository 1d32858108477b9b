import { type Fact, isKnown } from '../model/Fact.ts';
import type { Connections } from '../model/Connections.ts';
import { evidenceOf } from './Evidence.ts';
import type { Frame, NodeSnapshot, SecondReading, Snapshot } from '../model/Snapshot.ts';
import type { AnyNodeView, AnyView, ClusterDerived, Derived, Inputs, NodeDerived } from './View.ts';

/** A derived fact of nodes: what they have in common, and the nodes that were asked for. */
interface Prepared {
  readonly compute: (node: AnyNodeView) => unknown;
  readonly values: Map<string, unknown>;
}

/** A fact of nodes, and by their names the snapshots of which it is derived. */
export interface JudgedBefore {
  readonly derived: NodeDerived<unknown>;
  readonly of: ReadonlyMap<string, Derivations>;
}

/**
 * A snapshot and what is derived of it: each fact once, when it is first asked for. There is one for each snapshot,
 * which is handed to all who want to know something of it.
 */
export class Derivations {
  readonly snapshot: Snapshot;
  readonly #frame: Frame;
  readonly #ofCluster = new Map<Derived, unknown>();
  readonly #ofNodes = new Map<Derived, Prepared>();
  readonly #judged: JudgedBefore | undefined;
  readonly #covered: ReadonlyMap<string, NodeSnapshot>;

  /** @param judged what was derived of some nodes by what others knew, which stays as it is */
  constructor(snapshot: Snapshot, judged?: JudgedBefore) {
    this.snapshot = snapshot;
    this.#judged = judged;
    this.#frame = frameOf(snapshot);
    this.#covered = new Map(coveredNodes(snapshot).map((node) => [node.name, node]));
  }

  /** Throws what the computation throws, which has a bug then. */
  of<T>(derived: ClusterDerived<T>): T {
    if (!this.#ofCluster.has(derived)) this.#ofCluster.set(derived, derived.compute(this.view(derived)));
    return asTyped(this.#ofCluster.get(derived));
  }

  /** @param node name of a covered node. Throws for any other, and what the computation throws. */
  on<T>(derived: NodeDerived<T>, node: string): T {
    const judge = this.#judged?.derived === derived ? this.#judged.of.get(node) : undefined;
    if (judge !== undefined) return judge.on(derived, node);
    const { compute, values } = this.#prepared(derived);
    if (!values.has(node)) values.set(node, compute(this.#nodeView(derived, this.#coveredNode(derived, node))));
    return asTyped(values.get(node));
  }

  /** The same snapshot with a second reading: what does not look at that stays as it is computed. */
  withSecond(secondReading: SecondReading): Derivations {
    const next = new Derivations({ ...this.snapshot, secondReading }, this.#judged);
    for (const [derived, value] of this.#ofCluster) if (!looksAgain(derived)) next.#ofCluster.set(derived, value);
    for (const [derived, value] of this.#ofNodes) if (!looksAgain(derived)) next.#ofNodes.set(derived, value);
    return next;
  }

  /** The same snapshot with what was tried since: nothing is derived of that. */
  withConnections(connections: Connections): Derivations {
    const next = new Derivations({ ...this.snapshot, connections }, this.#judged);
    for (const [derived, value] of this.#ofCluster) next.#ofCluster.set(derived, value);
    for (const [derived, value] of this.#ofNodes) next.#ofNodes.set(derived, value);
    return next;
  }

  /** What is declared, and nothing else. @param nodes to be seen; all covered ones unless said */
  view(inputs: Inputs, nodes: readonly NodeSnapshot[] = [...this.#covered.values()]): AnyView {
    const { requires, optional, reread } = inputs;
    const { facts, malformed, secondReading } = this.snapshot;
    const documents = new Set<string>([...(requires?.cluster ?? []), ...(optional?.cluster ?? [])]);
    const viewOf = (node: NodeSnapshot): AnyNodeView => this.#nodeView(inputs, node);
    let views: readonly AnyNodeView[] | undefined;
    return {
      frame: this.#frame,
      cluster: asTyped({ ...values(requires?.cluster, facts), ...picked(optional?.cluster, facts) }),
      // What looks at one node alone needs no view of a thousand others.
      get nodes() {
        return (views ??= nodes.map(viewOf));
      },
      malformed: malformed.filter(({ document }) => documents.has(document)),
      secondReading: asTyped(secondReading && picked(reread?.cluster, secondReading.facts)),
      derived: (derived) => {
        refuseUndeclared(inputs, derived);
        return asTyped(derived.of === 'cluster' ? this.of(derived) : undefined);
      },
      evidence: (name, seen) => evidenceOf(name, facts[name].source ?? '', seen),
    };
  }

  #nodeView(inputs: Inputs, { name, agent, facts }: NodeSnapshot): AnyNodeView {
    const { requires, optional, reread } = inputs;
    const again = this.snapshot.secondReading?.nodes.get(name);
    return {
      name,
      agent,
      facts: asTyped({ ...values(requires?.node, facts), ...picked(optional?.node, facts) }),
      secondReading: asTyped(again && picked(reread?.node, again)),
      derived: (derived) => {
        refuseUndeclared(inputs, derived);
        return asTyped(derived.of === 'node' ? this.on(derived, name) : undefined);
      },
      evidence: (fact, seen) => evidenceOf(fact, facts[fact].source ?? '', seen, name),
    };
  }

  #coveredNode({ name }: Derived, node: string): NodeSnapshot {
    const covered = this.#covered.get(node);
    if (covered === undefined) throw new Error(`${name} is asked for ${node}, which is no node to examine`);
    return covered;
  }

  #prepared(derived: NodeDerived<unknown>): Prepared {
    const known = this.#ofNodes.get(derived);
    if (known !== undefined) return known;
    const prepared = { compute: derived.compute(this.view(derived)), values: new Map<string, unknown>() };
    this.#ofNodes.set(derived, prepared);
    return prepared;
  }
}

export const coveredNodes = ({ nodes }: Snapshot): readonly NodeSnapshot[] =>
  nodes.filter(({ coverage }) => coverage.kind === 'covered');

const frameOf = ({
  origin,
  takenAt,
  secondReading,
  cilium,
  distribution,
  nodes,
  connections,
  intent,
}: Snapshot): Frame => ({
  origin: origin.kind,
  takenAt,
  secondsLater: secondReading?.secondsLater,
  cilium,
  distribution,
  intent,
  nodes: nodes.map(({ name, coverage, agent }) => ({ name, coverage, agent })),
  connections,
});

/** Also by what it is made of. */
const looksAgain = ({ reread, uses = [] }: Inputs): boolean => reread !== undefined || uses.some(looksAgain);

function refuseUndeclared({ uses = [] }: Inputs, derived: Derived): void {
  if (!uses.includes(derived)) throw new Error(`${derived.name} is used, and not declared`);
}

type Facts<Name extends string> = Readonly<Record<Name, Fact<unknown>>>;

function values<Name extends string>(names: readonly Name[] = [], facts: Facts<Name>): object {
  return Object.fromEntries(
    names.flatMap((name) => {
      const fact = facts[name];
      return isKnown(fact) ? [[name, fact.value]] : [];
    }),
  );
}

function picked<Name extends string>(names: readonly Name[] = [], facts: Facts<Name>): object {
  return Object.fromEntries(names.map((name) => [name, facts[name]]));
}

/**
 * The one place where the types of views and derived facts are taken on trust: what is handed out bears the names that
 * were declared, and what is remembered of a derived fact is what its own computation gave.
 */
const asTyped = (value: unknown): never => value as never;
