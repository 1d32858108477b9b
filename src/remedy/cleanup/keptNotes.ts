import { listNames } from '../../text/names.ts';
import { placeName } from './NodeCleanup.ts';
import type { DividedTable } from './tableObstacles.ts';

/**
 * What of kube-proxy stays and why, a sentence for each reason: one rule of somebody else may hold hundreds of chains
 * in each table.
 */
export function keptNotes(tables: readonly DividedTable[]): readonly string[] {
  const inOne = tables.flatMap(({ place, division }) =>
    [...Map.groupBy(division.kept, ({ why }) => why)].map(([why, kept]) => ({
      place: placeName(place),
      chains: listNames(kept.map(({ chain }) => chain)),
      end: `${kept.length === 1 ? 'stays' : 'stay'}: ${why}`,
    })),
  );
  const places = Map.groupBy(inOne, ({ chains, end }) => JSON.stringify([chains, end]));
  return [...places.values()].flatMap((all) => {
    const [first] = all;
    const where = listNames(
      all.map(({ place }) => place),
      true,
    );
    return first === undefined ? [] : [`${first.chains} in ${where} ${first.end}`];
  });
}
