import { isKnown } from '../model/Fact.ts';
import type { Snapshot } from '../model/Snapshot.ts';
import type { ReachTotals } from './ReportDocument.ts';

/** What nodes tried of each other; undefined: nothing. */
export function reportReach({ nodes }: Snapshot): ReachTotals | undefined {
  const probes = nodes.flatMap(({ facts: { reachProbe } }) => (isKnown(reachProbe) ? [reachProbe.value.tries] : []));
  const tries = probes.flat();
  if (tries.length === 0) return undefined;
  const answered = tries.filter(({ outcome }) => outcome === 'open' || outcome === 'refused').length;
  return {
    nodes: probes.length,
    tried: tries.length,
    answered,
    failed: tries.length - answered,
    mostFromOne: Math.max(...probes.map(({ length }) => length)),
  };
}
