import type { CollectPlan, RawSink } from '../collect/RawSource.ts';
import { runTimeFor } from '../collect/runTime.ts';
import { InterruptedError } from '../core/KprError.ts';
import { type ExitCode, exitCodes } from '../core/verdict.ts';
import { answerNames, documentNames, type RawAnswer } from '../model/raw.ts';
import { DocumentReader } from '../parse/DocumentReader.ts';
import { refuseUnknownNodes } from '../parse/refuseUnknownNodes.ts';
import { createProgress } from '../terminal/createProgress.ts';
import { type Fact, isKnown, valueOf } from '../model/Fact.ts';
import type { ClusterFacts } from '../model/Snapshot.ts';
import { toolVersion } from '../terminal/tool.ts';
import { durationText } from '../text/durationText.ts';
import { byName, listNames } from '../text/names.ts';
import { count } from '../text/plural.ts';
import { visible } from '../text/visible.ts';
import { captureSize } from './captureSize.ts';
import type { Context } from './Context.ts';
import type { CaptureSink, Redaction } from './Loaders.ts';
import { closeSource, openSource } from './openSource.ts';
import type { SpeechOptions } from './print.ts';
import { readSource } from './readSource.ts';
import { redactKey } from './redactKey.ts';
import type { ReadOptions } from './takeSnapshot.ts';
import { withoutOwn } from '../text/withoutOwn.ts';

export interface CaptureOptions extends ReadOptions, SpeechOptions {
  /** `-`: standard output, and nothing else is written there. */
  readonly file: string;
  /** Whether a file that is there may be replaced. */
  readonly overwrite: boolean;
  readonly maxBytes: number;
  /** undefined: everything as it is. */
  readonly redact: { readonly keyFile: string | undefined } | undefined;
}

/** Writes all that the checks of any command could want to know into one file. Gives the exit code; throws KprError. */
export async function writeCapture(options: CaptureOptions, context: Context): Promise<number> {
  if (options.file !== '-') return captureInto(options.file, options, context);
  const { toStandardOutput } = await import('./toStandardOutput.ts');
  return toStandardOutput(context.io, async (file) => captureInto(file, options, context));
}

async function captureInto(target: string, options: CaptureOptions, context: Context): Promise<number> {
  const { io, loaders } = context;
  const { file, overwrite, maxBytes, redact, verbosity } = options;
  const said = file === '-' ? { stream: io.stderr, name: 'standard output' } : { stream: io.stdout, name: file };
  const fileOptions = {
    toolVersion,
    overwrite,
    maxBytes,
    redact: redact && { key: redactKey(redact.keyFile, io) },
  };
  const plan = planOf(options);
  const source = await openSource(options.source, plan.runTimeoutMs, context);
  const progress = await createProgress(io, { verbosity, forPeople: true });
  let sink: CaptureSink | undefined;
  try {
    sink = await loaders.captureSink(target, source, fileOptions);
    const nodes: Seen = new Map();
    let unlisted: string | undefined;
    const seeing = watching(sink, nodes, options, (facts) => {
      unlisted = whyUnlisted(facts);
      if (source.origin.kind === 'live') tellSize(facts, plan, options, context);
    });
    const { interrupted, hasDocuments } = await readSource(source, plan, seeing, progress, { io });
    if (interrupted && !hasDocuments) {
      throw new InterruptedError('Interrupted before the cluster had answered', 'No file was written');
    }
    const bytes = await sink.finish();
    progress.stop();
    const note = interrupted ? '; interrupted, so the rest is missing in it' : '';
    const redacted = sink.redaction === undefined ? '' : redactedText(sink.redaction);
    const { length: without } = sink.leftOut;
    const held = `${without === 0 ? '' : `${nodes.size - without} of `}${count(nodes.size, 'node')}`;
    said.stream.write(`${visible(said.name)}: ${held}, ${sizeText(bytes)}${redacted}${note}\n`);
    if (sink.redaction?.key === 'random') io.stderr.write(randomKey);
    const lacking = lacksOf(sink, nodes, unlisted);
    for (const { text } of lacking) io.stderr.write(`Not everything is in it: ${visible(text)}.\n`);
    return interrupted ? exitCodes.interrupted : (lacking[0]?.exitCode ?? exitCodes.ok);
  } finally {
    progress.stop();
    await sink?.discard();
    await closeSource(source, io);
  }
}

function planOf({ limits: { probe, readsOnce: _once, ...limits } }: CaptureOptions): CollectPlan {
  return {
    ...limits,
    wholeTables: true,
    documents: new Set(documentNames),
    answers: new Set(answerNames.filter((name) => probe || !probes.has(name))),
  };
}

/** Why nothing came of a node, by its name; undefined: something did. */
type Seen = Map<string, string | undefined>;

/** Passes on, and notes what came. Throws KprError for a node that is named and not there. */
const watching = (
  sink: RawSink,
  seen: Seen,
  { limits }: CaptureOptions,
  onFacts: (facts: ClusterFacts) => void,
): RawSink => ({
  documents: async (documents) => {
    const facts = new DocumentReader().read(documents);
    refuseUnknownNodes(facts, limits.nodes);
    onFacts(facts);
    await sink.documents(documents);
  },
  node: async (node) => {
    await sink.node(node);
    seen.set(node.name, whyUnread(Object.values(node.answers)));
  },
});

/** Before anything is written: who has no room for it, or no use, ends it now. */
function tellSize(
  facts: ClusterFacts,
  plan: CollectPlan,
  { maxBytes, verbosity }: CaptureOptions,
  { io }: Context,
): void {
  const nodes = plan.nodes?.size ?? valueOf(facts.nodes)?.length ?? 0;
  const bytes = captureSize(facts, nodes);
  if (bytes === undefined || verbosity === 'quiet') return;
  const room =
    bytes > maxBytes ? `; --max-size ${sizeText(maxBytes)} has no room for all: give more, or name nodes (--node)` : '';
  const within = durationText(runTimeFor(plan, nodes));
  io.stderr.write(`About ${sizeText(bytes)} will be written, of ${count(nodes, 'node')}, within ${within}${room}\n`);
}

/** Why nobody knows which nodes have an agent. */
const whyUnlisted = ({ daemonSets, systemPods, nodes }: ClusterFacts): string | undefined =>
  [daemonSets, systemPods, nodes].flatMap((list: Fact<unknown>) => (isKnown(list) ? [] : [list.detail]))[0];

interface Lack {
  readonly text: string;
  readonly exitCode: ExitCode;
}

/** What is not in the file although it should be; the worst first. */
function lacksOf({ leftOut }: CaptureSink, seen: Seen, unlisted = 'nobody was asked'): readonly Lack[] {
  const lost = [...seen].flatMap(([name, why]) => (why === undefined ? [] : [{ name, why }]));
  const unread = lost.map(({ name }) => name);
  const whys = [...new Set(lost.map(({ name, why }) => withoutOwn(why, lost.length === 1 ? [] : [name])))];
  const because = `${whys[0] ?? unlisted}${whys.length > 1 ? `; and ${count(whys.length - 1, 'other reason')}` : ''}`;
  if (unread.length === seen.size)
    return [{ text: `no node could be read (${because})`, exitCode: exitCodes.couldNotRun }];
  const lacks: Lack[] = [];
  const exitCode = exitCodes.couldNotVerify;
  if (unread.length > 0) lacks.push({ text: `${listNames(unread)} could not be read (${because})`, exitCode });
  if (leftOut.length > 0)
    lacks.push({ text: `${listNames(leftOut.toSorted(byName))} had no room; give more with --max-size`, exitCode });
  return lacks;
}

function whyUnread(answers: readonly RawAnswer[]): string | undefined {
  if (answers.some((answer) => 'text' in answer)) return undefined;
  const lacking = answers.flatMap((answer) => ('missing' in answer ? [answer] : []));
  return (lacking.find(({ missing }) => missing !== 'absent') ?? lacking[0])?.detail ?? 'nothing was asked';
}

const probes: ReadonlySet<string> = new Set(['apiProbe', 'dnsProbe', 'serversProbe', 'proxyHealth']);

const redactedText = ({ names, addresses }: Redaction): string =>
  `; redacted: ${count(names, 'name')}, ${count(addresses, 'public address')}`;

const randomKey =
  'No other capture will have the same pseudonyms: the cluster told nothing to make a key of; --redact-key gives one.\n';

function sizeText(bytes: number): string {
  if (bytes < 1e6) return `${Math.ceil(bytes / 1000)} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
