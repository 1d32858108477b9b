import { setImmediate } from 'node:timers/promises';
import { notComparable } from '../changes/notComparable.ts';
import { planFor, type PlanOptions } from '../collect/planFor.ts';
import type { Derivations } from '../core/Derivations.ts';
import type { Inputs } from '../core/View.ts';
import { InterruptedError, KprError } from '../core/KprError.ts';
import { BaselineComparer } from '../expect/against/BaselineComparer.ts';
import { lbConfigOnNode } from '../expect/lb/lbConfigOnNode.ts';
import { tableParity } from '../expect/parity/tableParity.ts';
import type { BaselineComparison } from '../expect/against/BaselineComparison.ts';
import type { Baseline } from '../model/Baseline.ts';
import { BaselineBuilder } from '../parse/BaselineBuilder.ts';
import { createProgress, type ProgressOptions } from '../terminal/createProgress.ts';
import type { Context } from './Context.ts';
import { closeSource, openSource } from './openSource.ts';
import { readSource } from './readSource.ts';

const objects = ['nodes', 'services', 'endpointSlices', 'pods', 'localRedirectPolicies'] as const;

/** What tells how kube-proxy served. */
const ofBaseline = { requires: { cluster: objects, node: ['proxyTable', 'proxyHealth'] } } as const;
/** What tells how eBPF serves. */
const ofNow = {
  requires: { cluster: objects, node: ['status', 'nodeAddresses', 'interfaces'] },
  uses: [tableParity, lbConfigOnNode],
} as const;

/** A cluster as it was while kube-proxy served it, to compare the present one with. */
export interface OpenBaseline {
  /** What is to be read of the present cluster, beyond what checks need. */
  readonly wanted: Inputs;
  readonly facts: Baseline['facts'];
  readonly baseline: Baseline;
  /** Throws KprError where the two can't be compared. */
  compare(derivations: Derivations): Promise<BaselineComparison>;
}

export interface BaselineOptions {
  readonly file: string;
  /** Only Services of this namespace; undefined: all. */
  readonly namespace: string | undefined;
  readonly limits: PlanOptions;
  readonly progress: ProgressOptions;
}

/**
 * Reads the capture of `--against`, before a cluster is asked anything. Throws KprError for what can't be
 * compared with.
 */
export async function openBaseline(options: BaselineOptions, context: Context): Promise<OpenBaseline> {
  const { file } = options;
  const baseline = await readBaseline(options, context);
  return {
    wanted: ofNow,
    facts: baseline.facts,
    baseline,
    compare: async (derivations) => {
      const objection = notComparable(baseline, derivations.snapshot, file);
      if (objection !== undefined) throw new KprError(objection.message, objection.hint);
      const comparer = new BaselineComparer(baseline, derivations, options);
      for (const node of comparer.nodes) {
        comparer.compare(node);
        // Rows that were looked at stay in memory until the turn ends.
        await setImmediate();
      }
      return comparer.result();
    },
  };
}

async function readBaseline({ file, limits, progress: shown }: BaselineOptions, context: Context): Promise<Baseline> {
  const plan = planFor([ofBaseline], { ...limits, nodes: undefined, ciliumNamespace: undefined, probe: true });
  const source = await openSource({ kind: 'archive', file }, plan.runTimeoutMs, context);
  const { io } = context;
  const progress = await createProgress(io, shown);
  try {
    const builder = new BaselineBuilder(source);
    const { interrupted } = await readSource(source, plan, builder, progress, { io });
    if (interrupted) throw new InterruptedError(`Interrupted while ${file} was read`, 'Nothing was compared');
    return builder.build();
  } finally {
    progress.stop();
    await closeSource(source, io);
  }
}
