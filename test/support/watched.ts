import { everything } from '../../src/core/everything.ts';
import type { AnyNodeView, AnyView, Derived, FactNames, Inputs } from '../../src/core/View.ts';

/** What of its declaration a rule looked at. */
export interface Looks {
  /** `cluster services`, `node lbTable`, `reread node iptables`, `uses tableParity` */
  readonly seen: Set<string>;
  /** The same for what it was not handed. */
  readonly undeclared: Set<string>;
}

export const noLooks = (): Looks => ({ seen: new Set(), undeclared: new Set() });

/** The same view, on which every look is noted. */
export function watched(view: AnyView, looks: Looks): AnyView {
  return {
    ...view,
    cluster: watchedFacts(view.cluster, 'cluster', looks),
    secondReading: watchedFacts(view.secondReading, 'reread cluster', looks),
    derived: watchedDerived(view, looks),
    evidence: (name, lines) => {
      looks.seen.add(`cluster ${name}`);
      return view.evidence(name, lines);
    },
    nodes: view.nodes.map((node) => watchedNode(node, looks)),
  };
}

export const watchedNode = (node: AnyNodeView, looks: Looks): AnyNodeView => ({
  ...node,
  facts: watchedFacts(node.facts, 'node', looks),
  secondReading: watchedFacts(node.secondReading, 'reread node', looks),
  derived: watchedDerived(node, looks),
  evidence: (name, lines) => {
    looks.seen.add(`node ${name}`);
    return node.evidence(name, lines);
  },
});

const watchedDerived =
  ({ derived }: Pick<AnyView, 'derived'>, { seen }: Looks) =>
  (one: Derived): never => {
    seen.add(`uses ${one.name}`);
    return derived(one);
  };

function watchedFacts(facts: object | undefined, kind: string, { seen, undeclared }: Looks): never {
  if (facts === undefined) return undefined as never;
  return new Proxy(facts, {
    get: (target, name) => {
      if (typeof name === 'string') (name in target ? seen : undeclared).add(`${kind} ${name}`);
      return Reflect.get(target, name) as unknown;
    },
  }) as never;
}

/** What of a declaration nobody looked at. */
export function unseenOf(inputs: Inputs, { seen }: Looks): string[] {
  const { requires, optional, reread, uses = [] } = inputs;
  return [
    ...namesOf(requires),
    ...(optional === everything ? [] : namesOf(optional)),
    ...namesOf(reread).map((one) => `reread ${one}`),
    ...uses.map(({ name }) => `uses ${name}`),
  ].filter((one) => !seen.has(one));
}

/** With all that it is made of. */
export const closureOf = (derived: Derived): readonly Derived[] => [
  derived,
  ...(derived.uses ?? []).flatMap(closureOf),
];

const namesOf = (names: FactNames = {}): readonly string[] => [
  ...(names.cluster ?? []).map((name) => `cluster ${name}`),
  ...(names.node ?? []).map((name) => `node ${name}`),
];
