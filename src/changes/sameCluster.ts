import { valueOf } from '../model/Fact.ts';
import type { Snapshot } from '../model/Snapshot.ts';

/** Why two readings may be no before and after of one cluster. */
export type ClusterMismatch =
  /** The reading that was named as the earlier one was taken after the other. */
  | { readonly kind: 'swapped'; readonly before: string; readonly after: string }
  | { readonly kind: 'otherCluster'; readonly why: string }
  /** Only one of them holds pseudonyms, so that not even the cluster can be seen to be the same. */
  | { readonly kind: 'redacted'; readonly which: 'before' | 'after' };

/** What of a reading tells which cluster it is of, and when. */
export type ClusterIdentity = Pick<Snapshot, 'origin' | 'takenAt' | 'facts'> & {
  readonly nodes: readonly { readonly name: string }[];
};

export function clusterMismatches(before: ClusterIdentity, after: ClusterIdentity): readonly ClusterMismatch[] {
  const objections: ClusterMismatch[] = [];
  const why = whyOther(before, after);
  if (why !== undefined) {
    const [earlier, later] = [isRedacted(before), isRedacted(after)];
    if (earlier !== later) objections.push({ kind: 'redacted', which: earlier ? 'before' : 'after' });
    else objections.push({ kind: 'otherCluster', why: earlier ? `${why} (or they were redacted with two keys)` : why });
  }
  const [old, now] = [Date.parse(before.takenAt), Date.parse(after.takenAt)];
  if (old > now) objections.push({ kind: 'swapped', before: before.takenAt, after: after.takenAt });
  return objections;
}

const isRedacted = ({ origin }: ClusterIdentity): boolean => origin.kind === 'capture' && origin.redacted === true;

/**
 * The Service `kubernetes` lives as long as its cluster; without it, nodes tell. Names of contexts
 * differ from user to user.
 */
function whyOther(before: ClusterIdentity, after: ClusterIdentity): string | undefined {
  const [earlier, later] = [clusterId(before), clusterId(after)];
  const [old, now] = [nodeNames(before), nodeNames(after)];
  const shared = [...now].filter((name) => old.has(name)).length;
  if (earlier !== undefined && later !== undefined) {
    if (earlier === later) return undefined;
    // The Service may have been deleted: the API server makes a new one at once. Then the nodes still are the same.
    return haveSameNodes(before, after) ? undefined : 'their Services default/kubernetes have different UIDs';
  }
  if (old.size > 0 && now.size > 0 && shared === 0) return 'they have no node in common';
  return undefined;
}

const clusterId = ({ facts }: ClusterIdentity): string | undefined =>
  valueOf(facts.services)?.find(({ metadata }) => metadata.namespace === 'default' && metadata.name === 'kubernetes')
    ?.metadata.uid;

const nodeNames = ({ nodes }: ClusterIdentity): ReadonlySet<string> => new Set(nodes.map(({ name }) => name));

function haveSameNodes(before: ClusterIdentity, after: ClusterIdentity): boolean {
  const old = new Set(nodeIds(before));
  return nodeIds(after).some((id) => old.has(id));
}

const nodeIds = ({ facts }: ClusterIdentity): readonly string[] =>
  (valueOf(facts.nodes) ?? []).flatMap(({ metadata }) => metadata.uid ?? []);
