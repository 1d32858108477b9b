import { nodeNamed } from '../nodeNamed.ts';
import { type Missing, isKnown, missing } from '../../model/Fact.ts';
import type { CiliumNodeConfig } from '../../model/kubernetes.ts';
import type { ClusterFacts } from '../../model/Snapshot.ts';
import { matchesSelector } from '../lb/labelSelectors.ts';

/**
 * The CiliumNodeConfigs that select a node, the strongest first: by their names, backwards. One without a selector
 * selects nothing (cilium: pkg/option/resolver/resolver.go).
 */
export function nodeConfigsOn(
  node: string,
  { ciliumNodeConfigs, nodes }: Pick<ClusterFacts, 'ciliumNodeConfigs' | 'nodes'>,
): readonly CiliumNodeConfig[] | Missing {
  if (!isKnown(ciliumNodeConfigs)) return ciliumNodeConfigs;
  if (ciliumNodeConfigs.value.length === 0) return [];
  if (!isKnown(nodes)) return nodes;
  const object = nodeNamed(nodes.value, node);
  if (object === undefined) return missing('absent', `the API has no node ${node} whose labels would select it`);
  return ciliumNodeConfigs.value
    .filter(({ spec }) => matchesSelector(spec?.nodeSelector, object.metadata.labels ?? {}))
    .toSorted((a, b) => (a.metadata.name > b.metadata.name ? -1 : 1));
}
