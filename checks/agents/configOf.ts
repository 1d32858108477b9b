import { matchesSelector } from '../../src/expect/lb/labelSelectors.ts';
import { isKnown } from '../../src/model/Fact.ts';
import type { CiliumNodeConfig } from '../../src/model/kubernetes.ts';
import type { Snapshot } from '../../src/model/Snapshot.ts';

/**
 * The configuration that an agent would start with now: cilium-config, overridden by the CiliumNodeConfigs that
 * select the node in the order of their names (cilium: pkg/option/resolver/resolver.go). What could not be
 * read, overrides nothing.
 */
export function configOf(node: string, { facts }: Snapshot): ReadonlyMap<string, string> {
  const base = isKnown(facts.ciliumConfig) ? facts.ciliumConfig.value : new Map<string, string>();
  return new Map([
    ...base,
    ...nodeConfigsOf(node, { facts }).flatMap(({ spec }) => Object.entries(spec?.defaults ?? {})),
  ]);
}

/** The CiliumNodeConfigs that select a node, the strongest last. One without a selector selects nothing. */
export function nodeConfigsOf(node: string, { facts }: Pick<Snapshot, 'facts'>): CiliumNodeConfig[] {
  if (!isKnown(facts.ciliumNodeConfigs)) return [];
  const object = isKnown(facts.nodes) ? facts.nodes.value.find(({ metadata }) => metadata.name === node) : undefined;
  const labels = object?.metadata.labels ?? {};
  return facts.ciliumNodeConfigs.value
    .filter(({ spec }) => matchesSelector(spec?.nodeSelector, labels))
    .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}
