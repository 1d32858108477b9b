import { defineNodeDerived } from '../../core/Derived.ts';
import { type Fact, valueOf } from '../../model/Fact.ts';
import type { AgentMetrics } from '../../model/NodeFacts.ts';
import { quoted } from '../../text/truncate.ts';

/** An agent whose calls of the API server fail now, according to itself. */
export interface LostApiServer {
  readonly by: 'status' | 'failedCalls' | 'metrics';
  readonly detail: string;
}

/** One call fails now and then. */
const fewCalls = 2;

/** undefined: they do not fail, or nobody tells. */
export const lostApiServer = defineNodeDerived({
  name: 'lostApiServer',
  optional: { node: ['status', 'failedCalls', 'metrics'] },
  reread: { node: ['metrics'] },
  compute:
    ({ frame: { secondsLater = 0 } }) =>
    ({ facts, secondReading }): LostApiServer | undefined => {
      // An agent asks the API server for its version whenever its status is read (pkg/status).
      const kubernetes = valueOf(facts.status)?.kubernetes;
      if (kubernetes?.state === 'Failure') return { by: 'status', detail: quoted(kubernetes.message) };
      const calls = valueOf(facts.failedCalls);
      if (calls !== undefined && calls.count >= fewCalls) return { by: 'failedCalls', detail: calls.last };
      // Of a whole life some calls have failed; those that failed between two readings fail now.
      const failed = secondReading === undefined ? 0 : unanswered(secondReading.metrics) - unanswered(facts.metrics);
      return failed > 0
        ? { by: 'metrics', detail: `no answer to ${failed} calls within ${Math.round(secondsLater)} s` }
        : undefined;
    },
});

/** What client-go counts where no answer came (rest/request.go). */
const unanswered = (metrics: Fact<AgentMetrics>): number => valueOf(metrics)?.apiCalls.get('<error>') ?? 0;
