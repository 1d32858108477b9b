import { hash } from 'node:crypto';
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import * as v from 'valibot';
import { missing } from '../../model/Fact.ts';
import { answerNames, documentNames, type RawDocuments, type RawNode } from '../../model/raw.ts';
import { parseJson } from '../../text/parseJson.ts';
import { expectGarbageOf } from '../tuneEngine.ts';
import { missingAnswer, missingEntries } from '../missingEntries.ts';
import { isRecord } from '../../text/isRecord.ts';
import { capturedCommand, capturedSource } from '../archive/capturedCommand.ts';
import { redactDocument, redactOutput } from '../archive/redactForFile.ts';
import type { Look, ShardHead, ShardReading } from './ShardReading.ts';

/*
 * A reading as the log of a pod: one JSON document of few lines. The first line is its head; the reading itself is
 * compressed, in base64, in lines that no log breaks. Its length and digest tell whether all of it is there.
 */

const format = 'kubectl-kpr shard';
const schemaVersion = 1;
const beginning = `{"format":${JSON.stringify(format)},`;
const ending = '"]}';
/** Runtimes split lines of 16 KiB. */
const lineLength = 8000;
/** Kubelets keep 10 MiB of a container’s log, unless they are told otherwise; what is older is gone. */
export const maxTextBytes = 9 * 1024 * 1024;
/** Of the longest log; whatever else was printed into it may be in shorter ones, which nobody holds. */
const mostLines = 2 + Math.ceil((4 * maxTextBytes) / lineLength);
/** What a log may hold when it is unpacked. */
const maxUnpackedBytes = 256 * 1024 * 1024;
/** Tables of nodes are alike: a window of 64 MiB sees the one of the node before. */
const windowLog = 26;

/** Without what a file must not hold, as in a capture. */
export function renderShard({ head, ...reading }: ShardReading): string {
  const packed = zstdCompressSync(JSON.stringify({ ...reading, looks: reading.looks.map(redacted) }), {
    params: {
      [constants.ZSTD_c_compressionLevel]: 6,
      [constants.ZSTD_c_enableLongDistanceMatching]: 1,
      [constants.ZSTD_c_windowLog]: windowLog,
    },
  });
  const lines = packed.toString('base64').match(new RegExp(`.{1,${lineLength}}`, 'g')) ?? [];
  const about = { ...head, bytes: packed.length, sha256: sha256(packed) };
  const first = `${beginning}"schemaVersion":${schemaVersion},${JSON.stringify(about).slice(1, -1)},"data":[`;
  return `${first}\n"${lines.join('",\n"')}${ending}\n`;
}

const redacted = ({ documents, nodes, ...look }: Look): Look => ({
  ...look,
  ...(documents !== undefined && { documents: redactedDocuments(documents) }),
  nodes: nodes.map(({ answers, ...node }) => ({ ...node, answers: redactedAnswers(answers) })),
});

const redactedDocuments = (documents: RawDocuments): RawDocuments =>
  Object.fromEntries(
    documentNames.map((name) => {
      const document = documents[name];
      return [name, 'missing' in document ? document : { ...document, value: redactDocument(name, document.value) }];
    }),
  ) as RawDocuments;

const redactedAnswers = (answers: RawNode['answers']): RawNode['answers'] =>
  Object.fromEntries(
    answerNames.flatMap((name) => {
      const answer = answers[name];
      if (answer === undefined) return [];
      return [[name, 'missing' in answer ? answer : { ...answer, text: redactOutput(name, answer.text) }]];
    }),
  );

export type ParsedShard =
  | { readonly ok: true; readonly reading: ShardReading }
  /** @property head undefined: it is not even known whose it is */
  | { readonly ok: false; readonly why: string; readonly head: ShardHead | undefined };

/** The logs of several pods one after the other, as `kubectl logs -l` prints them, each for itself. */
export function logsIn(text: string): readonly string[] {
  const lines = text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');
  const begins: number[] = [];
  for (let at = beginIn(lines, 0); at !== -1; at = beginIn(lines, at + 1)) begins.push(at);
  if (begins.length < 2) return [lines];
  return begins.map((begin, at) => lines.slice(begin, begins[at + 1]));
}

/** Where a line begins that is the first one of a reading; -1: none does. */
function beginIn(text: string, from: number): number {
  if (from === 0 && text.startsWith(beginning)) return 0;
  const at = text.indexOf(`\n${beginning}`, Math.max(0, from - 1));
  return at === -1 ? -1 : at + 1;
}

/** A log, or a file of one; what else was printed before or behind it does not matter. Never throws. */
export function parseShard(text: string): ParsedShard {
  const begin = beginIn(text, 0);
  const lines = begin === -1 ? [] : text.slice(begin).split('\n', mostLines);
  const [first] = lines;
  if (first === undefined) return { ok: false, why: 'it holds no reading of a shard', head: undefined };
  const about = v.safeParse(aboutSchema, jsonOf(first.replace(/"data":\[$/, '"data":[]}')));
  if (!about.success) return { ok: false, why: 'its first line is cut, or of another version', head: undefined };
  const { bytes, sha256: digest, schemaVersion: version, ...head } = about.output;
  const not = (why: string): ParsedShard => ({ ok: false, why, head });
  if (version !== schemaVersion) return not(`it is of version ${version}, and ${schemaVersion} is known here`);
  const end = lines.findIndex((line, at) => at > 0 && line.endsWith(ending));
  const data = lines.slice(1, end + 1).map((line) => /^"([A-Za-z0-9+/=]*)"(?:,|\]\})$/.exec(line)?.[1]);
  if (end === -1 || data.includes(undefined)) return not('its log is cut, or something else was printed in between');
  const packed = Buffer.from(data.join(''), 'base64');
  if (packed.length !== bytes || sha256(packed) !== digest)
    return not('its log is not what was printed: the digest does not fit');
  const unpacked = unpack(packed);
  if (unpacked === undefined) return not('it cannot be unpacked');
  expectGarbageOf(unpacked.length);
  const reading = v.safeParse(readingSchema, jsonOf(unpacked));
  if (!reading.success) return not(`it is not as expected at ${v.getDotPath(reading.issues[0]) ?? 'the top'}`);
  const { takenAt, origin, looks } = reading.output;
  return { ok: true, reading: { head, takenAt, origin, looks: looks.map(lookOf) } };
}

function unpack(packed: Buffer): string | undefined {
  try {
    return zstdDecompressSync(packed, {
      maxOutputLength: maxUnpackedBytes,
      params: { [constants.ZSTD_d_windowLogMax]: windowLog },
    }).toString('utf8');
  } catch {
    return undefined;
  }
}

function jsonOf(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

const sha256 = (bytes: Uint8Array): string => hash('sha256', bytes, 'hex');

const number = v.pipe(v.number(), v.integer(), v.minValue(0));
const aboutSchema = v.object({
  schemaVersion: v.number(),
  tool: v.string(),
  run: v.string(),
  index: v.pipe(number, v.maxValue(100_000)),
  of: v.pipe(number, v.minValue(1), v.maxValue(100_000)),
  bytes: number,
  sha256: v.string(),
});
const answerSchema = v.union([
  missingAnswer,
  v.object({
    text: v.string(),
    stderr: v.string(),
    exitCode: v.number(),
    command: v.string(),
    doubt: v.exactOptional(v.string()),
  }),
]);
const lookSchema = v.object({
  documents: v.exactOptional(
    v.record(v.string(), v.union([v.object(missingEntries), v.object({ value: v.unknown(), source: v.string() })])),
  ),
  nodes: v.array(
    v.object({
      name: v.string(),
      answers: v.record(v.string(), answerSchema),
      heard: v.exactOptional(v.object({ nonce: v.string(), turn: number })),
    }),
  ),
  secondsLater: v.exactOptional(v.number()),
});
const readingSchema = v.object({
  takenAt: v.string(),
  origin: v.object({ context: v.string(), server: v.string() }),
  looks: v.pipe(v.array(lookSchema), v.minLength(1)),
});

/** Whoever wrote it may have put in any command, and people paste what is shown: as with captures. */
function lookOf({ documents, nodes, ...look }: v.InferOutput<typeof lookSchema>): Look {
  return {
    ...look,
    ...(documents !== undefined && { documents: documentsOf(documents) }),
    nodes: nodes.map(({ name, answers, ...node }) => ({
      ...node,
      name,
      answers: Object.fromEntries(
        answerNames.flatMap((answer) => {
          const said = answers[answer];
          if (said === undefined) return [];
          const { command } = said;
          return [[answer, command === undefined ? said : { ...said, command: capturedCommand(answer, command) }]];
        }),
      ),
    })),
  };
}

const documentsOf = (documents: NonNullable<v.InferOutput<typeof lookSchema>['documents']>): RawDocuments =>
  Object.fromEntries(
    documentNames.map((name) => {
      const document = Object.hasOwn(documents, name) ? documents[name] : undefined;
      if (document === undefined) return [name, missing('notCollected', 'the shard did not read it')];
      if (!isRecord(document) || 'missing' in document) return [name, document];
      return [name, { ...document, source: capturedSource(name, document.source) }];
    }),
  ) as RawDocuments;
