import type { Code } from '../knowledge/codes.ts';
import type { Missing } from '../model/Fact.ts';
import type { Finding } from './Finding.ts';

/** It was looked at, and it is as it should be. */
export interface Pass {
  readonly kind: 'pass';
}
export const pass: Pass = { kind: 'pass' };

/** There is nothing here that the rule is about. */
export interface NotApplicable {
  readonly kind: 'notApplicable';
  readonly reason: string;
}
export const notApplicable = (reason: string): NotApplicable => ({ kind: 'notApplicable', reason });

/** What was read does not tell: on one node, or (node undefined) at all. */
export interface Inconclusive {
  readonly kind: 'inconclusive';
  readonly node: string | undefined;
  readonly why: Missing;
}
export const inconclusive = (why: Missing, node?: string): Inconclusive => ({ kind: 'inconclusive', node, why });

/** What keeps something from being a pass. */
export type Objection<C extends Code = Code> = Finding<C> | Inconclusive;

/** What a rule says of that to which it applies. Nothing said is no judgement: an empty list has no such type. */
export type Judgement<C extends Code = Code> = Pass | Objection<C> | readonly [Objection<C>, ...Objection<C>[]];

/** What a rule says: of a node, or of the cluster. */
export type Outcome<C extends Code = Code> = Judgement<C> | NotApplicable;

/** A pass, unless there are objections to it. */
export function passUnless<C extends Code>(objections: readonly Objection<C>[]): Judgement<C> {
  const [first, ...others] = objections;
  return first === undefined ? pass : [first, ...others];
}

export function objectionsIn<C extends Code>(outcome: Outcome<C>): readonly Objection<C>[] {
  if (isSeveral(outcome)) return outcome;
  return outcome.kind === 'pass' || outcome.kind === 'notApplicable' ? [] : [outcome];
}

export const isSeveral = <C extends Code>(outcome: Outcome<C>): outcome is readonly [Objection<C>, ...Objection<C>[]] =>
  Array.isArray(outcome);

/**
 * Judges nodes one by one. The rule as a whole is not applicable where it applies to none of them; what is inconclusive
 * is so on the node of which it was said.
 */
export function forEachNode<N extends { readonly name: string }, C extends Code>(
  nodes: readonly N[],
  judge: (node: N) => Outcome<C>,
): Outcome<C> {
  const reasons = new Set<string>();
  const objections: Objection<C>[] = [];
  let judged = 0;
  for (const node of nodes) {
    const outcome = judge(node);
    if (!isSeveral(outcome) && outcome.kind === 'notApplicable') {
      reasons.add(outcome.reason);
      continue;
    }
    judged += 1;
    for (const one of objectionsIn(outcome))
      objections.push(one.kind === 'inconclusive' ? { ...one, node: one.node ?? node.name } : one);
  }
  return judged === 0 ? notApplicable([...reasons].join('; ') || 'no node to examine') : passUnless(objections);
}
