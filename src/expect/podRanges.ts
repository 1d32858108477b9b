import { type AddressRange, rangeOfNetwork } from '../model/addressNumber.ts';
import type { CiliumNode } from '../model/kubernetes.ts';
import { type Family, familyOf } from '../model/lb/address.ts';

/** Addresses that a node gives its pods. */
export interface PodRange extends AddressRange {
  readonly node: string;
  /** The CiliumPodIPPool that it is of; undefined: there are no pools, or nobody says which one. */
  readonly pool: string | undefined;
  readonly network: string;
  readonly family: Family;
}

/** Of those nodes; where a cloud gives nodes single addresses there are none. */
export const podRanges = (nodes: readonly CiliumNode[], of: ReadonlySet<string>): readonly PodRange[] =>
  nodes
    .filter(({ metadata }) => of.has(metadata.name))
    .flatMap(({ metadata, spec }) =>
      [{ pool: undefined, cidrs: spec?.ipam?.podCIDRs }, ...(spec?.ipam?.pools?.allocated ?? [])].flatMap(
        ({ pool, cidrs = [] }) =>
          cidrs.flatMap((network): PodRange[] => {
            const family = familyOf(network);
            const range = rangeOfNetwork(network, family);
            return range === undefined ? [] : [{ ...range, node: metadata.name, pool, network, family }];
          }),
      ),
    );

/**
 * Pairs that have addresses in common, of two nodes, or of two pools, each of which gives out an address once: of more
 * than two every one with one before it.
 */
export function rangesInCommon(ranges: readonly PodRange[]): readonly (readonly [PodRange, PodRange])[] {
  const pairs: (readonly [PodRange, PodRange])[] = [];
  for (const some of Map.groupBy(ranges, ({ family }) => family).values()) {
    let widest: PodRange | undefined;
    for (const range of some.toSorted((a, b) => (a.from < b.from || (a.from === b.from && a.to > b.to) ? -1 : 1))) {
      if (widest !== undefined && range.from <= widest.to && !areOfOne(widest, range)) pairs.push([widest, range]);
      if (widest === undefined || range.to > widest.to) widest = range;
    }
  }
  return pairs;
}

const areOfOne = (one: PodRange, other: PodRange): boolean =>
  one.node === other.node && (one.pool === other.pool || one.pool === undefined || other.pool === undefined);
