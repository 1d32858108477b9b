import type { Finding, ObjectRef } from '../core/Finding.ts';
import type { CheckResult } from '../core/runChecks.ts';
import type { Cause, Severity } from '../core/Problem.ts';

export interface Ordered {
  readonly finding: Finding;
  readonly check: string;
  /** Codes of findings that are known to bring this one about, where it shows. */
  readonly causes: readonly string[];
  /** Place in this order of the first of them; undefined: it has none. */
  readonly effectOf: number | undefined;
}

const rank: Readonly<Record<Severity, number>> = { error: 0, warning: 1, info: 2 };

/**
 * Findings in the order in which a person should read them: errors before warnings before information, each in the
 * order of the rule book, but what brings another about stands directly before it, or further up.
 */
export function orderFindings(results: readonly CheckResult[]): Ordered[] {
  const all = results.flatMap((one) =>
    one.result === 'fail' ? one.findings.map((finding) => ({ finding, check: one.check.id })) : [],
  );
  // toSorted is stable: within a severity the order of the rule book remains.
  const bySeverity = all
    .toSorted((a, b) => rank[a.finding.severity] - rank[b.finding.severity])
    .map(({ finding, check }, at): Placed => ({ finding, check, at }));

  const causes = new CauseIndex(bySeverity);
  const ordered: Ordered[] = [];
  const places = new Map<Finding, number>();
  const underWay = new Set<Finding>();
  const visit = (one: Placed): void => {
    if (places.has(one.finding) || underWay.has(one.finding)) return;
    underWay.add(one.finding);
    const { next, codes, first } = causes.of(one.finding);
    next.forEach(visit);
    underWay.delete(one.finding);
    places.set(one.finding, ordered.length);
    // What is under way follows from this one itself, so that it has no place yet.
    const effectOf = first && places.get(first.finding);
    ordered.push({ finding: one.finding, check: one.check, causes: codes, effectOf });
  };
  bySeverity.forEach(visit);
  return ordered;
}

/** A finding with its place by severity. */
interface Placed {
  readonly finding: Finding;
  readonly check: string;
  readonly at: number;
}

interface Causes {
  readonly next: readonly Placed[];
  readonly codes: readonly string[];
  readonly first: Placed | undefined;
}

/** Findings of one code that tie in one way, in their order. */
interface Group {
  readonly members: Placed[];
  isGiven: boolean;
}

/**
 * What brings a finding about, by code and by what ties the two. A group is given once: what it holds stands in the
 * report by then, however many findings follow from it.
 */
class CauseIndex {
  readonly #groups = new Map<string, Group>();

  constructor(all: readonly Placed[]) {
    for (const one of all) {
      const { code, nodes, objects } = one.finding;
      const ties = ['all', ...nodesOf(nodes), ...objects.map(nameOf)];
      for (const tie of new Set(ties)) {
        const group = this.#groups.get(`${code} ${tie}`);
        if (group === undefined) this.#groups.set(`${code} ${tie}`, { members: [one], isGiven: false });
        else group.members.push(one);
      }
    }
  }

  /** `next`: those that were not given before, in their order; `first`: the first of all, given or not. */
  of(effect: Finding): Causes {
    const firsts = new Map<string, Placed>();
    const next = new Set<Placed>();
    for (const { code, by, ...only } of causesOf(effect)) {
      for (const group of thoseOf(this.#tied(code, by, effect), only, effect)) {
        const [first] = group.members;
        if (first === undefined) continue;
        const known = firsts.get(code);
        if (known === undefined || first.at < known.at) firsts.set(code, first);
        if (!group.isGiven) for (const one of group.members) next.add(one);
        group.isGiven = true;
      }
    }
    const inOrder = [...firsts.values()].sort((a, b) => a.at - b.at);
    return {
      next: [...next].sort((a, b) => a.at - b.at),
      codes: inOrder.map(({ finding }) => finding.code),
      first: inOrder[0],
    };
  }

  #tied(code: string, by: Cause['by'], effect: Finding): readonly Group[] {
    const groups = (ties: readonly string[]): Group[] =>
      ties.flatMap((tie) => this.#groups.get(`${code} ${tie}`) ?? []);
    switch (by) {
      case 'cluster':
        return groups(['all']);
      case 'node':
        // What is about the cluster as a whole is about each of its nodes.
        return groups(effect.nodes.length === 0 ? ['all'] : ['everywhere', ...effect.nodes.map(onNode)]);
      case 'object':
        return groups(effect.objects.map(nameOf)).flatMap(({ members }) => {
          const tied = members.filter(({ finding }) => shareNode(finding, effect));
          return tied.length === 0 ? [] : [{ members: tied, isGiven: false }];
        });
      default:
        return by satisfies never;
    }
  }
}

const causesOf = ({ problem, variant }: Finding): readonly Cause[] => [
  ...(problem.mayFollowFrom ?? []),
  ...(problem.variants[variant]?.mayFollowFrom ?? []),
];

/** Of each group those that show in one of the named ways, and with the same value for the named param. */
function thoseOf(
  groups: readonly Group[],
  { sharing, variants }: Pick<Cause, 'sharing' | 'variants'>,
  effect: Finding,
): readonly Group[] {
  if (sharing === undefined && variants === undefined) return groups;
  const value = sharing === undefined ? undefined : effect.params[sharing];
  const isMeant = ({ finding: { params, variant } }: Placed): boolean =>
    (sharing === undefined || (value !== undefined && params[sharing] === value)) &&
    variants?.includes(variant) !== false;
  return groups.flatMap(({ members }) => {
    const meant = members.filter(isMeant);
    return meant.length === 0 ? [] : [{ members: meant, isGiven: false }];
  });
}

const onNode = (node: string): string => `on ${node}`;
const nodesOf = (nodes: readonly string[]): readonly string[] =>
  nodes.length === 0 ? ['everywhere'] : nodes.map(onNode);
const nameOf = ({ kind, namespace = '', name }: ObjectRef): string => `about ${kind} ${namespace}/${name}`;

function shareNode({ nodes }: Finding, other: Finding): boolean {
  if (nodes.length === 0 || other.nodes.length === 0) return true;
  const names = new Set(nodes);
  return other.nodes.some((node) => names.has(node));
}
