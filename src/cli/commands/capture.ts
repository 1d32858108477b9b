import type { CaptureSink, Loaders } from '../../app/Loaders.ts';
import { closeSource, openSource } from '../../app/openSource.ts';
import { readSource } from '../../app/readSource.ts';
import type { CollectPlan, RawSink } from '../../collect/RawSource.ts';
import { KprError } from '../../core/KprError.ts';
import { answerNames, documentNames } from '../../model/raw.ts';
import { createProgress } from '../../terminal/createProgress.ts';
import type { Io } from '../../terminal/Io.ts';
import { version } from '../../terminal/version.ts';
import { listNames } from '../../text/names.ts';
import { count } from '../../text/plural.ts';
import { visible } from '../../text/visible.ts';
import { type Args, isSet, stringOf } from '../args.ts';
import { InterruptedError } from '../InterruptedError.ts';
import { parseSize } from '../parseSize.ts';
import { planOptions } from '../planOptions.ts';
import { redactKey } from '../redactKey.ts';

/** Writes all that the checks of any command could want to know into one file. Gives the exit code; throws KprError. */
export async function capture(args: Args, io: Io, loaders: Loaders): Promise<number> {
  const file = stringOf(args, 'output');
  if (file === undefined)
    throw new KprError('capture needs a file to write', 'For example: kubectl kpr capture -o before.kpr');
  const { probe, ...options } = planOptions(args);
  const fileOptions = {
    toolVersion: version,
    overwrite: isSet(args, 'overwrite'),
    maxBytes: parseSize(stringOf(args, 'max-size') ?? '1G', 'max-size'),
    redact: isSet(args, 'redact') ? { key: redactKey(args, io) } : undefined,
  };
  const plan: CollectPlan = {
    ...options,
    documents: new Set(documentNames),
    answers: new Set(answerNames.filter((name) => probe || !probes.has(name))),
  };
  const source = await openSource(args, io, loaders);
  const progress = await createProgress(io, {
    quiet: isSet(args, 'quiet'),
    verbose: isSet(args, 'verbose'),
    forPeople: true,
  });
  let sink: CaptureSink | undefined;
  try {
    sink = await loaders.captureSink(file, source, fileOptions);
    const nodes = new Set<string>();
    const { interrupted, hasDocuments } = await readSource(source, plan, noting(sink, nodes), progress, { io });
    if (interrupted && !hasDocuments) {
      throw new InterruptedError('Interrupted before the cluster had answered', 'No file was written');
    }
    const bytes = await sink.finish();
    const note = interrupted ? '; interrupted, so the rest is missing in it' : '';
    progress.stop();
    const { leftOut, redaction } = sink;
    const redacted =
      redaction === undefined
        ? ''
        : `; redacted: ${count(redaction.names, 'name')}, ${count(redaction.addresses, 'public address')}`;
    io.stdout.write(`${visible(file)}: ${count(nodes.size, 'node')}, ${sizeText(bytes)}${redacted}${note}\n`);
    if (redaction?.key === 'random')
      io.stderr.write(
        'No other capture will have the same pseudonyms: the cluster told nothing to make a key of; --redact-key gives one.\n',
      );
    if (leftOut.length > 0)
      io.stderr.write(`Not everything is in it: ${listNames(leftOut)} had no room; give more with --max-size.\n`);
    return interrupted ? 130 : leftOut.length > 0 ? 3 : 0;
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
