import { valueOf } from '../model/Fact.ts';
import type { NodeSample, Snapshot } from '../model/Snapshot.ts';
import { byName } from '../text/names.ts';

/**
 * Nodes that are to be examined, drawn by lot. Each zone and each image of an agent (while an upgrade is on its way
 * there are two) has its share, at least one node as long as the sample is large enough, the largest first. The same
 * seed draws the same nodes of the same cluster.
 */
export function sampleNodes(
  snapshot: Pick<Snapshot, 'nodes' | 'facts'>,
  { size, seed }: NodeSample,
): ReadonlySet<string> {
  const random = randomOf(seed);
  const strata = [...strataOf(snapshot).values()].map((names) => ({
    left: shuffled(names, random),
    of: names.length,
    taken: 0,
  }));
  const drawn = new Set<string>();
  while (drawn.size < size) {
    const [next] = strata
      .filter(({ left }) => left.length > 0)
      .toSorted((a, b) => a.taken / a.of - b.taken / b.of || b.of - a.of);
    const name = next?.left.pop();
    if (next === undefined || name === undefined) break;
    next.taken += 1;
    drawn.add(name);
  }
  return drawn;
}

function strataOf({ nodes, facts }: Pick<Snapshot, 'nodes' | 'facts'>): ReadonlyMap<string, readonly string[]> {
  const labels = new Map(valueOf(facts.nodes)?.map(({ metadata }) => [metadata.name, metadata.labels]));
  const images = new Map(
    valueOf(facts.systemPods)?.map(({ metadata, spec }) => [
      `${metadata.namespace ?? ''}/${metadata.name}`,
      spec?.containers?.map(({ name, image = '' }) => `${name}=${image}`).join(' '),
    ]),
  );
  const covered = nodes.filter(({ coverage }) => coverage.kind === 'covered');
  const groups = Map.groupBy(covered, ({ name, agent }) => {
    const zone = labels.get(name)?.['topology.kubernetes.io/zone'] ?? '';
    return `${zone} ${agent === undefined ? '' : (images.get(`${agent.namespace}/${agent.name}`) ?? '')}`;
  });
  const sorted = [...groups].toSorted(([a], [b]) => byName(a, b));
  return new Map(sorted.map(([key, members]) => [key, members.map(({ name }) => name).toSorted(byName)]));
}

/** Fisher and Yates. */
function shuffled(names: readonly string[], random: () => number): string[] {
  const order = [...names];
  for (let last = order.length - 1; last > 0; last--) {
    const at = Math.floor(random() * (last + 1));
    [order[last], order[at]] = [order[at] ?? '', order[last] ?? ''];
  }
  return order;
}

/** Numbers from 0 up to 1, the same for the same seed (mulberry32); for lots, not for secrets. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
