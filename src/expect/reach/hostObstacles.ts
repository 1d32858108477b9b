import type { Evidence } from '../../core/Evidence.ts';
import type { NodeView } from '../../core/View.ts';
import { droppingRules } from '../droppingRules.ts';
import { filterCauses } from '../host/filterCauses.ts';
import { valueOf } from '../../model/Fact.ts';

/** Something on the node itself that keeps it from a place. */
export interface HostObstacle {
  /** As in `it is stopped by …`. */
  readonly what: string;
  readonly evidence: Evidence;
}

/** What was asked and did not answer. */
export interface LostConnection {
  readonly server: string;
  readonly port: number;
}

type Host = NodeView<never, 'iptables', never, typeof filterCauses>;

/**
 * Rules of a node that may explain why these places do not answer, and are for them rather than for pods at all: those
 * are told by themselves (KPR1018), as links that are down (KPR1019) and programs that refuse.
 */
export function hostObstacles({ facts, evidence, derived }: Host, lost: readonly LostConnection[]): HostObstacle[] {
  const host = derived(filterCauses);
  const told = new Set(host.kind === 'judged' ? host.causes.map(({ what }) => what) : []);
  const dumps = valueOf(facts.iptables) ?? [];
  const stopping = [...Map.groupBy(lost, ({ port }) => port)].flatMap(([port, all]) => {
    const servers = [...new Set(all.map(({ server }) => server))];
    return droppingRules(dumps, servers, port);
  });
  return [...new Set(stopping)]
    .map(({ line, packets }) => ({
      what: `the rule ${line}`,
      evidence: evidence('iptables', `${line} (${packets ?? 'many'} packets)`),
    }))
    .filter(({ what }) => !told.has(what))
    .slice(0, 3);
}
