import { type Fact, valueOf } from '../../model/Fact.ts';
import type { AgentMetrics } from '../../model/NodeFacts.ts';

/** An agent that starts before its role is there is refused now and then; one that lacks a right asks on and on. */
const manyRefusals = 3;

/** How many calls the API server refused (403) since the agent started; undefined: few, or nobody tells. */
export function refusedCalls(metrics: Fact<AgentMetrics>): number | undefined {
  const refused = valueOf(metrics)?.apiCalls.get('403') ?? 0;
  return refused < manyRefusals ? undefined : refused;
}
