import { type AddressRange, rangeOfNetwork } from '../model/addressNumber.ts';
import type { CiliumNode } from '../model/kubernetes.ts';
import { type Family, familyOf } from '../model/lb/address.ts';

/** Addresses that a node gives its pods. */
export interface PodRange extends AddressRange {
  readonly node: string;
  readonly network: string;
  readonly family: Family;
}

/** Of those nodes; where a cloud gives nodes single addresses there are none. */
export const podRanges = (nodes: readonly CiliumNode[], of: ReadonlySet<string>): readonly PodRange[] =>
  nodes
    .filter(({ metadata }) => of.has(metadata.name))
    .flatMap(({ metadata, spec }) =>
      [...(spec?.ipam?.podCIDRs ?? []), ...(spec?.ipam?.pools?.allocated ?? []).flatMap(({ cidrs }) => cidrs ?? [])]
        .map((network) => ({ network, family: familyOf(network) }))
        .flatMap(({ network, family }): PodRange[] => {
          const range = rangeOfNetwork(network, family);
          return range === undefined ? [] : [{ ...range, node: metadata.name, network, family }];
        }),
    );

/** Pairs that have addresses in common, of two nodes each: of more than two every one with one before it. */
export function rangesInCommon(ranges: readonly PodRange[]): readonly (readonly [PodRange, PodRange])[] {
  const pairs: (readonly [PodRange, PodRange])[] = [];
  for (const some of Map.groupBy(ranges, ({ family }) => family).values()) {
    let widest: PodRange | undefined;
    for (const range of some.toSorted((a, b) => (a.from < b.from || (a.from === b.from && a.to > b.to) ? -1 : 1))) {
      if (widest !== undefined && range.from <= widest.to && range.node !== widest.node) pairs.push([widest, range]);
      if (widest === undefined || range.to > widest.to) widest = range;
    }
  }
  return pairs;
}
