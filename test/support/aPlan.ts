import { checks } from '../../checks/index.ts';
import { planFor } from '../../src/collect/planFor.ts';
import type { CollectPlan } from '../../src/collect/RawSource.ts';

/** What all checks together ask for, with time enough for a test. */
export const aPlan = (changes: Partial<CollectPlan> = {}, readsOnce = false): CollectPlan => ({
  ...planFor(checks, {
    readsOnce,
    nodes: undefined,
    ciliumNamespace: undefined,
    nodeTimeoutMs: 10_000,
    runTimeoutMs: 60_000,
    concurrency: 32,
    probe: true,
  }),
  ...changes,
});
