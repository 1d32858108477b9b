import type { Family } from '../../model/lb/address.ts';
import { type Asker, type PodWay, reachMatrix } from './reachMatrix.ts';

/** What ways that are lost have in common. */
export interface WayPattern {
  readonly kind:
    | 'allApart'
    | 'cutOff'
    | 'unreached'
    | 'reachesNobody'
    | 'apart'
    | 'oneWay'
    /** A node and its own pods. */
    | 'ofItself'
    /** Nobody reaches its pods, not even the node itself. */
    | 'silent';
  /** The nodes that it is about; of `oneWay` the one that asks, then the other. */
  readonly nodes: readonly string[];
  readonly family: Family;
  /** The lost ways of which it is made. */
  readonly ways: readonly PodWay[];
}

/** Each way that is lost is a part of exactly one of them. */
export const wayPatterns = (ways: readonly PodWay[]): readonly WayPattern[] =>
  [...Map.groupBy(ways, ({ family }) => family)].flatMap(([family, all]) => ofFamily(family, all));

/** Nodes that do not reach their own pods, so that their kubelets call none of these ready. */
export const nodesWithoutOwnPods = (askers: readonly Asker[]): ReadonlySet<string> =>
  new Set(
    wayPatterns(reachMatrix(askers)).flatMap(({ kind, nodes }) =>
      kind === 'ofItself' || kind === 'silent' ? nodes : [],
    ),
  );

function ofFamily(family: Family, ways: readonly PodWay[]): readonly WayPattern[] {
  const told = ways.filter(({ state }) => state === 'reached' || state === 'lost' || state === 'silent');
  const [own, between] = [told.filter(isOwn), told.filter((way) => !isOwn(way))];
  const silent = new Set(told.filter(({ state }) => state === 'silent').map(({ to }) => to));
  const judged = between.filter(({ to }) => !silent.has(to));
  const byNode = nodeWays(judged);
  const nodes = [...byNode.keys()];
  const of = (kind: WayPattern['kind'], names: readonly string[], some: readonly PodWay[]): WayPattern[] =>
    some.length === 0 ? [] : [{ kind, nodes: names, family, ways: some }];
  const patterns = [
    ...[...silent].toSorted().flatMap((node) =>
      of(
        'silent',
        [node],
        told.filter(({ to }) => to === node),
      ),
    ),
    ...own.filter(isLost).flatMap((way) => of('ofItself', [way.from], [way])),
  ];
  if (nodes.length > 2 && judged.every(isLost)) return [...patterns, ...of('allApart', nodes.toSorted(), judged)];
  const taken = new Set<PodWay>();
  for (const [node, { out, into }] of [...byNode].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const kind = nodes.length > 2 ? kindOf(out, into) : undefined;
    if (kind === undefined) continue;
    const some = [...(kind === 'unreached' ? [] : out), ...(kind === 'reachesNobody' ? [] : into)];
    patterns.push(
      ...of(
        kind,
        [node],
        some.filter((way) => !taken.has(way)),
      ),
    );
    for (const way of some) taken.add(way);
  }
  return [
    ...patterns,
    ...pairsOf(
      judged.filter((way) => isLost(way) && !taken.has(way)),
      of,
    ),
  ];
}

const isOwn = ({ from, to }: PodWay): boolean => from === to;
const isLost = ({ state }: PodWay): boolean => state === 'lost';

interface NodeWays {
  readonly out: PodWay[];
  readonly into: PodWay[];
}

function nodeWays(ways: readonly PodWay[]): ReadonlyMap<string, NodeWays> {
  const byNode = new Map<string, NodeWays>();
  const at = (node: string): NodeWays => {
    const known = byNode.get(node) ?? { out: [], into: [] };
    byNode.set(node, known);
    return known;
  };
  for (const way of ways) {
    at(way.from).out.push(way);
    at(way.to).into.push(way);
  }
  return byNode;
}

/** A node alone with one other is one of a pair. */
function kindOf(out: readonly PodWay[], into: readonly PodWay[]): 'cutOff' | 'unreached' | 'reachesNobody' | undefined {
  const [reachesNobody, isUnreached] = [out.length > 1 && out.every(isLost), into.length > 1 && into.every(isLost)];
  if (reachesNobody && isUnreached) return 'cutOff';
  return reachesNobody ? 'reachesNobody' : isUnreached ? 'unreached' : undefined;
}

function pairsOf(
  lost: readonly PodWay[],
  of: (kind: WayPattern['kind'], names: readonly string[], some: readonly PodWay[]) => WayPattern[],
): readonly WayPattern[] {
  const byPair = Map.groupBy(lost, ({ from, to }) => [from, to].toSorted().join(' '));
  return [...byPair.values()].flatMap((some) => {
    const [first] = some;
    if (first === undefined) return [];
    const { from, to } = first;
    return some.length > 1 ? of('apart', [from, to].toSorted(), some) : of('oneWay', [from, to], some);
  });
}
