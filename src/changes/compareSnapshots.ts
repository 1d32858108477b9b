import { isKnown } from '../model/Fact.ts';
import type { NodeSnapshot, Snapshot } from '../model/Snapshot.ts';
import type { NodeChanges, Unread } from './Changes.ts';
import { clusterStates, type StateChanges } from './compareStates.ts';
import { compareNode, hashesOf, withServices } from './compareNode.ts';

export interface ClusterChanges {
  /** Of the nodes that both readings have, in the order of their names. */
  readonly nodes: readonly NodeChanges[];
  readonly onlyBefore: readonly string[];
  readonly onlyAfter: readonly string[];
  /** Of the cluster as a whole. */
  readonly cluster: StateChanges;
}

/**
 * Two readings of one cluster. Nodes that are not examined (left out by --node, without an agent by intention)
 * are in neither.
 */
export function compareSnapshots(before: Snapshot, after: Snapshot): ClusterChanges {
  const readings = { before: withServices(before), after: withServices(after) };
  const hashes = hashesOf(before, after);
  const [earlier, later] = [nodesOf(before), nodesOf(after)];
  const nodes: NodeChanges[] = [];
  for (const [name, node] of later) {
    const old = earlier.get(name);
    if (old !== undefined) nodes.push(compareNode({ before: old, after: node }, readings, hashes));
  }
  return {
    nodes,
    onlyBefore: [...earlier.keys()].filter((name) => !later.has(name)),
    onlyAfter: [...later.keys()].filter((name) => !earlier.has(name)),
    cluster: clusterStates({ before, after }),
  };
}

const nodesOf = ({ nodes }: Snapshot): ReadonlyMap<string, Snapshot['nodes'][number]> =>
  new Map(nodes.filter(isRead).map((node) => [node.name, node]));

/** Before there is Cilium, kube-proxy's pods alone tell of their nodes. */
const isRead = ({ coverage, facts }: NodeSnapshot): boolean =>
  coverage.kind === 'covered' || (coverage.kind === 'excluded' && isKnown(facts.proxyRules));

/** Whether anything is different at all. */
export const hasDifferences = ({ nodes, onlyBefore, onlyAfter, cluster }: ClusterChanges): boolean =>
  onlyBefore.length + onlyAfter.length + cluster.changes.length > 0 ||
  nodes.some(
    ({ dumps, objects, services, states }) =>
      states.length > 0 ||
      dumps.some(({ chains }) => chains.length > 0) ||
      objects.length > 0 ||
      (services?.changes.length ?? 0) > 0,
  );

/** What keeps an answer of "the same" from being one. */
export const doubts = ({ nodes, cluster }: ClusterChanges): readonly Unread[] =>
  [...cluster.unread, ...nodes.flatMap(({ unread }) => unread)].filter(({ harmless }) => !harmless);
