import { defineNodeDerived } from '../../core/Derived.ts';
import { valueOf } from '../../model/Fact.ts';
import { truncate } from '../../text/truncate.ts';

/** An agent whose calls of the API server fail now, by its own word. */
export interface LostApiServer {
  readonly by: 'status' | 'failedCalls';
  readonly detail: string;
}

/** One call fails now and then. */
const fewCalls = 2;

/** undefined: they do not fail, or nobody tells. */
export const lostApiServer = defineNodeDerived({
  name: 'lostApiServer',
  optional: { node: ['status', 'failedCalls'] },
  compute:
    () =>
    ({ facts }): LostApiServer | undefined => {
      // An agent asks the API server for its version whenever its status is read (pkg/status).
      const kubernetes = valueOf(facts.status)?.kubernetes;
      if (kubernetes?.state === 'Failure') return { by: 'status', detail: truncate(kubernetes.message, 200) };
      const calls = valueOf(facts.failedCalls);
      return calls !== undefined && calls.count >= fewCalls ? { by: 'failedCalls', detail: calls.last } : undefined;
    },
});
