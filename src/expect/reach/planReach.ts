import type { ReachPlace } from '../../model/NodeFacts.ts';
import type { NodePlaces } from './reachPlaces.ts';

/** Up to so many nodes each asks all others: 240 pairs. */
export const allPairsUpTo = 16;
/** Above that, how many others each node asks, and by how many it is asked. */
export const othersAsked = 3;

/** Which places a node tries; the same for the same nodes and seed. */
export type ReachPlan = (asker: string) => readonly ReachPlace[];

/**
 * Who asks whom. In a large cluster the nodes stand in a circle, zone by zone, in an order that the seed shuffles, and
 * each asks those at three distances from it: so each is asked three times, too. One of the distances is half of the
 * circle, which leads out of every zone that has no more than half of the nodes. What a node tries grows neither with
 * nodes nor with pods. Pods of its own every node tries, for comparison; itself it reaches in any case.
 * @param seed chooses other pairs in a large cluster: what one run did not try, the next may
 */
export function planReach(nodes: readonly NodePlaces[], seed: string): ReachPlan {
  const circle = inCircle(nodes, seed);
  const at = new Map(circle.map(({ node }, i) => [node, i]));
  const distances = distancesIn(circle.length, seed);
  return (asker) => {
    const place = at.get(asker);
    // Who is not among them (not ready, say) may well ask.
    const peers =
      place === undefined
        ? circle.slice(0, circle.length <= allPairsUpTo ? allPairsUpTo : othersAsked)
        : distances.flatMap((distance) => circle[(place + distance) % circle.length] ?? []);
    const own = place === undefined ? [] : (circle[place]?.places ?? []);
    return [...own.filter(({ kind }) => kind !== 'node'), ...peers.flatMap(({ places }) => places)];
  };
}

function distancesIn(count: number, seed: string): readonly number[] {
  const others = Array.from({ length: Math.max(0, count - 1) }, (_, i) => i + 1);
  if (count <= allPairsUpTo) return others;
  const half = Math.floor(count / 2);
  const shuffled = others
    .filter((distance) => distance !== half)
    .map((distance) => ({ distance, order: hashOf(`${seed} ${distance}`) }))
    .sort((a, b) => a.order - b.order);
  return [half, ...shuffled.map(({ distance }) => distance)].slice(0, othersAsked);
}

const inCircle = (nodes: readonly NodePlaces[], seed: string): readonly NodePlaces[] =>
  nodes
    .map((one) => ({ one, zone: one.zone ?? '', order: hashOf(`${seed} ${one.node}`) }))
    .sort((a, b) =>
      a.zone < b.zone ? -1 : a.zone > b.zone ? 1 : a.order - b.order || (a.one.node < b.one.node ? -1 : 1),
    )
    .map(({ one }) => one);

/** FNV-1a, with the last step of MurmurHash3, so that texts that differ in a letter are far from each other. */
function hashOf(text: string): number {
  let hash = 0x81_1c_9d_c5;
  for (const letter of text) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01_00_01_93);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85_eb_ca_6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2_b2_ae_35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
