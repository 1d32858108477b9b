import type { CollectPlan, RawSink } from '../collect/RawSource.ts';
import { InterruptedError } from '../core/KprError.ts';
import { answerNames, documentNames } from '../model/raw.ts';
import { createProgress } from '../terminal/createProgress.ts';
import type { Io } from '../terminal/Io.ts';
import { toolVersion } from '../terminal/tool.ts';
import { listNames } from '../text/names.ts';
import { count } from '../text/plural.ts';
import { visible } from '../text/visible.ts';
import type { Context } from './Context.ts';
import type { CaptureSink, Redaction } from './Loaders.ts';
import { closeSource, openSource } from './openSource.ts';
import type { SpeechOptions } from './print.ts';
import { readSource } from './readSource.ts';
import { redactKey } from './redactKey.ts';
import type { ReadOptions } from './takeSnapshot.ts';

export interface CaptureOptions extends ReadOptions, SpeechOptions {
  readonly file: string;
  /** Whether a file that is there may be replaced. */
  readonly overwrite: boolean;
  readonly maxBytes: number;
  /** undefined: everything as it is. */
  readonly redact: { readonly keyFile: string | undefined } | undefined;
}

/** Writes all that the checks of any command could want to know into one file. Gives the exit code; throws KprError. */
export async function writeCapture(options: CaptureOptions, context: Context): Promise<number> {
  const { io, loaders } = context;
  const { file, overwrite, maxBytes, redact, verbosity } = options;
  const fileOptions = {
    toolVersion,
    overwrite,
    maxBytes,
    redact: redact && { key: redactKey(redact.keyFile, io) },
  };
  const plan = planOf(options);
  const source = await openSource(options.source, context);
  const progress = await createProgress(io, { verbosity, forPeople: true });
  let sink: CaptureSink | undefined;
  try {
    sink = await loaders.captureSink(file, source, fileOptions);
    const nodes = new Set<string>();
    const { interrupted, hasDocuments } = await readSource(source, plan, noting(sink, nodes), progress, { io });
    if (interrupted && !hasDocuments) {
      throw new InterruptedError('Interrupted before the cluster had answered', 'No file was written');
    }
    const bytes = await sink.finish();
    progress.stop();
    const note = interrupted ? '; interrupted, so the rest is missing in it' : '';
    const redacted = sink.redaction === undefined ? '' : redactedText(sink.redaction);
    io.stdout.write(`${visible(file)}: ${count(nodes.size, 'node')}, ${sizeText(bytes)}${redacted}${note}\n`);
    warn(sink, io);
    return interrupted ? 130 : sink.leftOut.length > 0 ? 3 : 0;
  } finally {
    progress.stop();
    await sink?.discard();
    await closeSource(source, io);
  }
}

function planOf({ limits: { probe, ...limits } }: CaptureOptions): CollectPlan {
  return {
    ...limits,
    documents: new Set(documentNames),
    answers: new Set(answerNames.filter((name) => probe || !probes.has(name))),
  };
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

const redactedText = ({ names, addresses }: Redaction): string =>
  `; redacted: ${count(names, 'name')}, ${count(addresses, 'public address')}`;

function warn({ leftOut, redaction }: CaptureSink, io: Io): void {
  if (redaction?.key === 'random')
    io.stderr.write(
      'No other capture will have the same pseudonyms: the cluster told nothing to make a key of; --redact-key gives one.\n',
    );
  if (leftOut.length > 0)
    io.stderr.write(`Not everything is in it: ${listNames(leftOut)} had no room; give more with --max-size.\n`);
}

const sizeText = (bytes: number): string =>
  bytes < 1e6 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
