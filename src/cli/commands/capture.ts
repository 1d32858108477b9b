import type { CollectPlan } from '../../collect/RawSource.ts';
import { KprError } from '../../core/KprError.ts';
import { answerNames, documentNames } from '../../model/raw.ts';
import { count } from '../../report/listNames.ts';
import { visible } from '../../report/visible.ts';
import { type Args, isSet, stringOf } from '../args.ts';
import { createProgress } from '../createProgress.ts';
import { InterruptedError } from '../InterruptedError.ts';
import type { Io } from '../Io.ts';
import type { Modules } from '../Modules.ts';
import { closeSource, openSource } from '../openSource.ts';
import { planOptions } from '../planOptions.ts';
import { readSource } from '../readSource.ts';
import { version } from '../version.ts';

/** Writes all that the checks of any command could want to know into one file. Gives the exit code; throws KprError. */
export async function capture(args: Args, io: Io, modules: Modules): Promise<number> {
  const file = stringOf(args, 'output');
  if (file === undefined)
    throw new KprError('capture needs a file to write', 'For example: kubectl kpr capture -o before.kpr');
  const { probe, ...options } = planOptions(args);
  const plan: CollectPlan = {
    ...options,
    documents: new Set(documentNames),
    answers: new Set(answerNames.filter((name) => probe || !probes.has(name))),
  };
  const source = await openSource(args, io, modules);
  const progress = await createProgress(io, {
    quiet: isSet(args, 'quiet'),
    verbose: isSet(args, 'verbose'),
    forPeople: true,
  });
  try {
    let nodes = 0;
    const sink = await modules.captureSink(file, source, version);
    const counting = {
      documents: sink.documents.bind(sink),
      node: async (node: Parameters<typeof sink.node>[0]): Promise<void> => {
        await sink.node(node);
        nodes += 1;
      },
    };
    const { interrupted, hasDocuments } = await readSource(source, plan, counting, progress, { io });
    if (interrupted && !hasDocuments)
      throw new InterruptedError('Interrupted before the cluster had answered', 'No file was written');
    const bytes = await sink.finish();
    progress.stop();
    const note = interrupted ? '; interrupted, so the rest is missing in it' : '';
    io.stdout.write(`${visible(file)}: ${count(nodes, 'node')}, ${(bytes / 1e6).toFixed(1)} MB${note}\n`);
    return interrupted ? 130 : 0;
  } finally {
    progress.stop();
    await closeSource(source, io);
  }
}

const probes: ReadonlySet<string> = new Set(['apiProbe', 'dnsProbe', 'proxyHealth']);
