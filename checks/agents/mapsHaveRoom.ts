import { defineCheck } from '../../src/core/Check.ts';
import { type Finding, finding } from '../../src/core/Finding.ts';
import { forEachNode, inconclusive, passUnless } from '../../src/core/Outcome.ts';
import type { NodeView } from '../../src/core/View.ts';
import { isKnown, valueOf } from '../../src/model/Fact.ts';
import { kpr1010 } from './problems/KPR1010.ts';

interface Fill {
  /** e.g. `lb4_services_v2` */
  readonly map: string;
  /** Entries by capacity. */
  readonly ratio: number;
  readonly seen: string;
  readonly fact: 'mapSizes' | 'metrics';
}

const warnAt = 0.9;
/** Hash maps of load balancing: a full one refuses new entries, and Services or backends are missing from it. */
const isTable = (map: string): boolean =>
  /^lb[46]_(services|backends|reverse_nat|source_range|maglev|health)|^lb_affinity_match/.test(map);
/** Maps that drop their oldest entry when they are full (LRU): flows in progress lose their translation. */
const isTracking = (map: string): boolean =>
  /^(lb[46]_(affinity|reverse_sk)|snat_v[46]_|ct_?(any)?[46]_|nodeport_neigh)/.test(map);

export const mapsHaveRoom = defineCheck({
  id: 'maps-have-room',
  title: 'Load-balancing maps are filled to less than 90 %',
  phases: ['doctor', 'verify'],
  raises: [kpr1010],
  // Counted entries and the agent's metric are two witnesses; one is enough, so neither is needed.
  optional: { node: ['mapSizes', 'metrics'] },
  run: ({ nodes }) =>
    forEachNode(nodes, (node) => {
      const { mapSizes, metrics } = node.facts;
      if (!isKnown(mapSizes) && !isKnown(metrics)) return inconclusive(mapSizes);
      const fills = fillsOf(node);
      const findings = fills.flatMap((fill) => findingOf(fill, node));
      // The metric names only maps that it has sampled: without any of load balancing it is no witness for them.
      const isWitnessed = isKnown(mapSizes) || fills.some(({ map }) => isTable(map));
      return findings.length > 0 || isWitnessed ? passUnless(findings) : inconclusive(mapSizes);
    }),
});

type View = NodeView<never, 'mapSizes' | 'metrics'>;

/** The fuller of both witnesses for each map; the metric is sampled every five minutes only. */
function fillsOf({ facts }: View): Fill[] {
  const counted = (valueOf(facts.mapSizes) ?? []).filter(({ maxEntries }) => maxEntries > 0);
  const fills: Fill[] = [
    ...counted.map(({ map, entries, maxEntries }): Fill => ({
      map: short(map),
      ratio: entries / maxEntries,
      seen: `${map}: ${entries} of ${maxEntries} entries`,
      fact: 'mapSizes',
    })),
    ...[...(valueOf(facts.metrics)?.mapPressure ?? [])].map(([map, ratio]): Fill => ({
      map: short(map),
      ratio,
      seen: `cilium_bpf_map_pressure{map_name="${map}"} ${ratio}`,
      fact: 'metrics',
    })),
  ];
  return [...Map.groupBy(fills, ({ map }) => map).values()].flatMap((same) =>
    same.toSorted((a, b) => b.ratio - a.ratio).slice(0, 1),
  );
}

function findingOf({ map, ratio, seen, fact }: Fill, node: View): Finding<'KPR1010'>[] {
  if (ratio < warnAt) return [];
  const about = { nodes: [node.name], evidence: [node.evidence(fact, seen)] };
  if (isTracking(map)) return [finding(kpr1010, 'tracking', { map: `cilium_${map}` }, about)];
  if (!isTable(map)) return [];
  return [
    finding(
      kpr1010,
      ratio >= 1 ? 'full' : 'nearlyFull',
      { map: `cilium_${map}`, key: keyOf(map) },
      { ...about, found: `${Math.floor(ratio * 100)} %` },
    ),
  ];
}

const short = (map: string): string => map.replace(/^cilium_/, '');

/** The option that sizes a map; all of them default to bpf-lb-map-max. */
const keyOf = (map: string): string => (map.includes('maglev') ? 'bpf-lb-maglev-map-max' : 'bpf-lb-map-max');
