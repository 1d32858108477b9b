import { frame, leftOf, planFor } from '../collect/planFor.ts';
import type { CollectPlan, RawSource } from '../collect/RawSource.ts';
import { InterruptedError } from '../core/KprError.ts';
import { sampleNodes } from '../expect/sampleNodes.ts';
import type { Progress } from '../terminal/createProgress.ts';
import type { Context } from './Context.ts';
import { readSource } from './readSource.ts';

/** The same plan; for a sample, with its nodes: which there are is read before. Throws KprError. */
export async function drawn(
  source: RawSource,
  plan: CollectPlan,
  progress: Progress,
  { io, loaders }: Context,
): Promise<CollectPlan> {
  if (plan.sample === undefined) return plan;
  const began = io.now();
  const lists: CollectPlan = {
    ...planFor([], { ...plan, nodes: new Set(), sample: undefined, probe: false }),
    documents: new Set(frame),
    answers: new Set(),
  };
  const sink = await loaders.snapshotSink(source, { ...lists, nodes: undefined });
  const { hasDocuments } = await readSource(
    source,
    lists,
    sink,
    { ...progress, nodes: () => {}, listed: () => {}, probing: () => {} },
    { io },
  );
  if (!hasDocuments)
    throw new InterruptedError(
      'Interrupted before the cluster had answered',
      'Nothing is known, so nothing was judged',
    );
  const nodes = sampleNodes(sink.build(), plan.sample);
  return leftOf({ ...plan, nodes }, io.now() - began);
}
