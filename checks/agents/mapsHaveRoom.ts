import { defineCheck } from '../../src/core/Check.ts';
import type { Evidence } from '../../src/core/Evidence.ts';
import { type Finding, finding } from '../../src/core/Finding.ts';
import { forEachNode, inconclusive, passUnless } from '../../src/core/Outcome.ts';
import type { NodeView } from '../../src/core/View.ts';
import { optionsOnNode } from '../../src/expect/agent/optionsOnNode.ts';
import { isKnown, valueOf } from '../../src/model/Fact.ts';
import { listNames } from '../../src/text/names.ts';
import { type MapSizeOption, mapSizeOf } from './mapSizeOptions.ts';
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
  phases: ['doctor', 'verify', 'preflight'],
  raises: [kpr1010],
  // Counted entries and the agent's metric are two witnesses; one is enough, so neither is needed.
  optional: { node: ['mapSizes', 'metrics'] },
  uses: [optionsOnNode],
  run: ({ nodes }) =>
    forEachNode(nodes, (node) => {
      const { mapSizes, metrics } = node.facts;
      if (!isKnown(mapSizes) && !isKnown(metrics)) return inconclusive(mapSizes);
      const fills = fillsOf(node);
      const findings = findingsOf(
        fills.filter(({ ratio }) => ratio >= warnAt),
        node,
      );
      // The metric names only maps that it has sampled: without any of load balancing it is no witness for them.
      const isWitnessed = isKnown(mapSizes) || fills.some(({ map }) => isTable(map));
      return findings.length > 0 || isWitnessed ? passUnless(findings) : inconclusive(mapSizes);
    }),
});

type View = NodeView<never, 'mapSizes' | 'metrics', never, typeof optionsOnNode>;

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

/** Tables that are as full, and get their size by the same option, are one finding. */
function findingsOf(fills: readonly Fill[], node: View): Finding<'KPR1010'>[] {
  const option = node.derived(optionsOnNode);
  const sized = fills.map((fill) => ({ ...fill, size: mapSizeOf(fill.map, 'missing' in option ? undefined : option) }));
  const tables = Map.groupBy(
    sized.filter(({ map }) => isTable(map) && !isTracking(map)),
    ({ ratio, size }) => `${variantOf(ratio)} ${size.kind === 'share' ? '' : size.key}`,
  );
  return [
    ...[...tables.values()].flatMap((alike) => tableFinding(alike, node)),
    ...sized
      .filter(({ map }) => isTracking(map))
      .map(({ map, size, seen, fact }) =>
        trackingFinding(`cilium_${map}`, size, { nodes: [node.name], evidence: [node.evidence(fact, seen)] }),
      ),
  ];
}

interface Sized extends Fill {
  readonly size: MapSizeOption;
}

const variantOf = (ratio: number): 'full' | 'nearlyFull' => (ratio >= 1 ? 'full' : 'nearlyFull');

function tableFinding(alike: readonly Sized[], node: View): Finding<'KPR1010'>[] {
  const [first] = alike;
  if (first === undefined || first.size.kind === 'share') return [];
  const { ratio, fact, size } = first;
  const names = alike.map(({ map }) => `cilium_${map}`);
  const variant = variantOf(ratio);
  const maps = listNames(names, true);
  return [
    finding(
      kpr1010,
      variant,
      { maps, key: size.key, helm: size.helm, size: doubled(size.size) },
      {
        nodes: [node.name],
        evidence: [counted(node.evidence(fact, alike.map(({ seen }) => seen).join('\n')), `cilium_${first.map}`)],
      },
    ),
  ];
}

/** Who lists rows has not counted them: bpftool says of the first map how many fit, and how many it holds. */
function counted(evidence: Evidence, map: string): Evidence {
  const command = `sh -c 'cd /sys/fs/bpf/tc/globals; bpftool map show pinned ${map}; bpftool map dump pinned ${map} | tail -n 1'`;
  return { ...evidence, command: evidence.command.replace(/cilium-dbg bpf lb list$/, () => command) };
}

function trackingFinding(
  map: string,
  size: MapSizeOption,
  about: { readonly nodes: readonly string[]; readonly evidence: readonly Evidence[] },
): Finding<'KPR1010'> {
  if (size.kind === 'share')
    return finding(kpr1010, 'tracking', { map, ratio: Math.min(1, size.ratio * 2), now: size.ratio }, about);
  const { key, helm } = size;
  if (/snat/.test(map)) return finding(kpr1010, 'trackingNat', { map, key, helm, now: size.size }, about);
  return finding(kpr1010, 'trackingFixed', { map, key, helm, now: size.size, size: doubled(size.size) }, about);
}

/** No table of Cilium takes more entries (cilium: pkg/option/config.go, LimitTableMax). */
const doubled = (size: number): number => Math.min(size * 2, 16_777_216);

const short = (map: string): string => map.replace(/^cilium_/, '');
