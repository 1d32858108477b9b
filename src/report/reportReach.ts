import { planReach } from '../expect/reach/planReach.ts';
import { reachPlaces } from '../expect/reach/reachPlaces.ts';
import { isKnown } from '../model/Fact.ts';
import type { Snapshot } from '../model/Snapshot.ts';
import type { ReachTotals } from './ReportDocument.ts';

/** What nodes tried of each other; undefined: nothing. */
export function reportReach(snapshot: Snapshot): ReachTotals | undefined {
  const probes = snapshot.nodes.flatMap(({ facts: { reachProbe } }) =>
    isKnown(reachProbe) ? [reachProbe.value.tries] : [],
  );
  const tries = probes.flat();
  if (tries.length === 0) return undefined;
  const answered = tries.filter(({ outcome }) => outcome === 'open' || outcome === 'refused').length;
  return {
    planned: plannedIn(snapshot),
    nodes: probes.length,
    tried: tries.length,
    answered,
    failed: tries.length - answered,
    mostFromOne: Math.max(...probes.map(({ length }) => length)),
  };
}

/** As it was planned when the lists were read: of them and the time follows the same plan again. */
function plannedIn({ facts, nodes, takenAt }: Snapshot): number {
  const agents = new Set(nodes.flatMap(({ name, agent }) => (agent === undefined ? [] : [name])));
  const plan = planReach(reachPlaces(facts, agents), takenAt);
  const asking = nodes.filter(({ name, coverage }) => coverage.kind === 'covered' && agents.has(name));
  return asking.reduce((sum, { name }) => sum + plan(name).length, 0);
}
