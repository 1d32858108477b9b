import type { CollectPlan, RawSink } from '../../collect/RawSource.ts';
import { KprError } from '../../core/KprError.ts';
import { answerNames, documentNames } from '../../model/raw.ts';
import { count } from '../../report/listNames.ts';
import { visible } from '../../report/visible.ts';
import { type Args, isSet, stringOf } from '../args.ts';
import { createProgress } from '../createProgress.ts';
import { InterruptedError } from '../InterruptedError.ts';
import type { Io } from '../Io.ts';
import type { CaptureSink, Modules } from '../Modules.ts';
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
  let sink: CaptureSink | undefined;
  try {
    sink = await modules.captureSink(file, source, version);
    const nodes = new Set<string>();
    const { interrupted, hasDocuments } = await readSource(source, plan, noting(sink, nodes), progress, { io });
    if (interrupted && !hasDocuments) {
      throw new InterruptedError('Interrupted before the cluster had answered', 'No file was written');
    }
    const bytes = await sink.finish();
    const note = interrupted ? '; interrupted, so the rest is missing in it' : '';
    progress.stop();
    io.stdout.write(`${visible(file)}: ${count(nodes.size, 'node')}, ${sizeText(bytes)}${note}\n`);
    return interrupted ? 130 : 0;
  } finally {
    progress.stop();
    await sink?.discard();
    await closeSource(source, io);
  }
}

/** Passes on, and notes which nodes came. */
const noting = (sink: RawSink, nodes: Set<string>): RawSink => ({
  documents: (documents) => sink.documents(documents),
  node: async (node) => {
    await sink.node(node);
    nodes.add(node.name);
  },
});

const probes: ReadonlySet<string> = new Set(['apiProbe', 'dnsProbe', 'proxyHealth']);

const sizeText = (bytes: number): string =>
  bytes < 1e6 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
