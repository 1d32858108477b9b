import { nodeNamed } from '../nodeNamed.ts';
import { type Missing, isKnown, missing } from '../../model/Fact.ts';
import type { CiliumNodeConfig } from '../../model/kubernetes.ts';
import type { ClusterFacts } from '../../model/Snapshot.ts';
import { replacementMode } from './replacementMode.ts';
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

/**
 * The label (`key=value`) by which a CiliumNodeConfig turns the replacement on, as Cilium's documents say for going
 * over node by node; undefined: none does by one label alone.
 */
export function replacementByLabel(
  nodeConfigs: readonly CiliumNodeConfig[],
): { readonly config: string; readonly label: string } | undefined {
  const [first] = nodeConfigs.flatMap(({ metadata, spec }) => {
    const [label, ...others] = Object.entries(spec?.nodeSelector?.matchLabels ?? {});
    const isOnly = others.length === 0 && (spec?.nodeSelector?.matchExpressions ?? []).length === 0;
    const isOn = replacementMode(spec?.defaults?.['kube-proxy-replacement'] ?? '') === 'on';
    if (label === undefined || !isOnly || !isOn || label[0] === 'kubernetes.io/hostname') return [];
    return [{ config: `${metadata.namespace ?? ''}/${metadata.name}`, label: label.join('=') }];
  });
  return first;
}
