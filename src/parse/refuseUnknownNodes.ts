import { usageError } from '../core/KprError.ts';
import { isKnown } from '../model/Fact.ts';
import type { ClusterFacts } from '../model/Snapshot.ts';
import { byName, listFirst } from '../text/names.ts';
import { suggest } from '../text/suggest.ts';

/** Throws KprError where --node names a node that the cluster does not have; undefined: none is named. */
export function refuseUnknownNodes(
  { nodes }: Pick<ClusterFacts, 'nodes'>,
  selected: ReadonlySet<string> | undefined,
): void {
  if (selected === undefined || !isKnown(nodes)) return;
  const names = nodes.value.map(({ metadata }) => metadata.name).sort(byName);
  const unknown = [...selected].filter((name) => !names.includes(name));
  const [first] = unknown;
  if (first === undefined) return;
  const meant = suggest(first, names);
  throw usageError(
    `There is no node ${unknown.join(', ')}${meant === undefined ? '' : `; did you mean ${meant}?`}`,
    `Nodes of this cluster: ${listFirst(names, 10)}`,
  );
}
