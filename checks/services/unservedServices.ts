import type { ObjectRef } from '../../src/core/Finding.ts';
import { inconclusive, type Inconclusive } from '../../src/core/Outcome.ts';
import { type OwnerRef, ownerName } from '../../src/expect/lb/OwnerRef.ts';
import type { UnservedFrontend, UnservedInCluster } from '../../src/expect/served/unservedFrontends.ts';
import type { WhyUnserved } from '../../src/expect/served/WhyUnserved.ts';
import { listFirst } from '../../src/text/names.ts';

/** Names in a message; all of them are in the finding's objects. */
const shownNames = 5;

/** One that serves nobody for one of these reasons. */
export interface UnservedBy<K extends WhyUnserved['kind']> extends UnservedFrontend {
  readonly why: Extract<WhyUnserved, { readonly kind: K }>;
}

export const unservedBy = <K extends WhyUnserved['kind']>(
  { frontends }: UnservedInCluster,
  kinds: readonly K[],
): readonly UnservedBy<K>[] => frontends.filter((one): one is UnservedBy<K> => isOneOf(kinds, one.why.kind));

const isOneOf = <K extends string>(kinds: readonly K[], kind: string): kind is K => kinds.some((one) => one === kind);

/** What is said in common of several frontends: whose they are, and where. */
export interface Affected {
  readonly owners: string;
  readonly objects: readonly ObjectRef[];
  /** Empty: every node that was judged. */
  readonly nodes: readonly string[];
  /** The first ones, as a list for people: `192.0.2.7:80/TCP, …`. */
  readonly frontends: string;
}

export function affectedBy(list: readonly UnservedFrontend[], { judged }: UnservedInCluster): Affected {
  const owners = new Map(list.map(({ frontend: { owner } }) => [ownerName(owner), owner]));
  const nodes = [...new Set(list.flatMap((one) => one.nodes))];
  return {
    owners: listFirst([...owners.keys()], shownNames),
    objects: [...owners.values()].map(refOf),
    nodes: nodes.length < judged.length ? nodes : [],
    frontends: listFirst([...new Set(list.map(({ frontend }) => frontend.key))], shownNames),
  };
}

export const refOf = ({ kind, namespace, name }: OwnerRef): ObjectRef => ({ kind, namespace, name });

/** Those alike in what `sameness` says, together. */
export const groupsOf = <T>(list: readonly T[], sameness: (one: T) => unknown): readonly (readonly T[])[] => [
  ...Map.groupBy(list, (one) => JSON.stringify(sameness(one))).values(),
];

/** Nodes of which it is not known what they serve. */
export const unknownNodes = ({ unknown }: UnservedInCluster): readonly Inconclusive[] =>
  unknown.map(({ node, why }) => inconclusive(why, node));
