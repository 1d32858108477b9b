import { setImmediate } from 'node:timers/promises';
import { notComparable } from '../changes/notComparable.ts';
import { planFor } from '../collect/planFor.ts';
import { KprError } from '../core/KprError.ts';
import { BaselineComparer } from '../expect/against/BaselineComparer.ts';
import type { Baseline } from '../model/Baseline.ts';
import { BaselineBuilder } from '../parse/BaselineBuilder.ts';
import { type Args, isSet, stringOf } from '../cli/args.ts';
import { createProgress } from '../terminal/createProgress.ts';
import type { Comparison } from './examine.ts';
import { InterruptedError } from '../cli/InterruptedError.ts';
import type { Io } from '../terminal/Io.ts';
import type { Loaders } from './Loaders.ts';
import { closeSource } from './openSource.ts';
import { planOptions } from '../cli/planOptions.ts';
import { readSource } from './readSource.ts';

const objects = ['nodes', 'services', 'endpointSlices', 'pods', 'localRedirectPolicies'] as const;

/** What tells how kube-proxy served. */
const ofThen = { needs: { cluster: objects, node: ['proxyTable', 'proxyHealth'] } } as const;
/** What tells how eBPF serves. */
const ofNow = {
  needs: {
    cluster: [...objects, 'ciliumConfig'],
    node: ['status', 'startedConfig', 'nodeAddresses', 'lbTable', 'interfaces'],
  },
} as const;

/** Reads the capture of `--against`, before a cluster is asked anything. Throws KprError for what can't be compared with. */
export async function compareWithBaseline(file: string, args: Args, io: Io, loaders: Loaders): Promise<Comparison> {
  const before = await readBaseline(file, args, io, loaders);
  return {
    needs: ofNow,
    compare: async (derivations) => {
      const objection = notComparable(before, derivations.snapshot, file);
      if (objection !== undefined) throw new KprError(objection.message, objection.hint);
      const comparison = new BaselineComparer(before, derivations, { file, namespace: stringOf(args, 'namespace') });
      for (const node of comparison.nodes) {
        comparison.compare(node);
        // Rows that were looked at stay in memory until the turn ends.
        await setImmediate();
      }
      return comparison.result();
    },
  };
}

async function readBaseline(file: string, args: Args, io: Io, loaders: Loaders): Promise<Baseline> {
  const plan = planFor([ofThen], { ...planOptions(args), nodes: undefined, ciliumNamespace: undefined, probe: true });
  const source = await loaders.openArchive(file);
  const progress = await createProgress(io, {
    quiet: isSet(args, 'quiet'),
    verbose: isSet(args, 'verbose'),
    forPeople: stringOf(args, 'output') !== 'json',
  });
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
