import { parseJson } from '../../text/parseJson.ts';
import * as v from 'valibot';
import { KprError } from '../../core/KprError.ts';
import { visibleName } from '../../text/visible.ts';
import { missingAnswer, missingEntries } from '../missingEntries.ts';
import { damaged } from './archiveErrors.ts';

/**
 * A capture is a tar.gz: `manifest.json` first, then `cluster/DOCUMENT.json`, then `nodes/NODE/ANSWER.txt`, nodes in
 * the order of their names. The manifest says what each file is, and why the files that are not there are not.
 */
export const manifestName = 'manifest.json';
export const captureFormat = 'kubectl-kpr capture';
/** MAJOR.MINOR. A reader takes every minor version of its major; it passes over what it does not know. */
export const captureSchemaVersion = '1.0';
const knownMajor = 1;

/** Of a file: `bytes` is how long it was when it was captured. Captures of older versions do not say so. */
const fileEntries = { file: v.string(), bytes: v.optional(v.number()) };

const documentSchema = v.union([v.object(missingEntries), v.object({ ...fileEntries, source: v.string() })]);

const answerSchema = v.union([
  missingAnswer,
  v.object({ ...fileEntries, command: v.string(), exitCode: v.number(), stderr: v.string() }),
]);

const nodeSchema = v.object({ name: v.string(), answers: v.record(v.string(), answerSchema) });

const manifestSchema = v.object({
  format: v.literal(captureFormat),
  schemaVersion: v.string(),
  tool: v.object({ name: v.string(), version: v.string() }),
  takenAt: v.string(),
  /** Whether pseudonyms stand in it in place of names. */
  redacted: v.optional(v.boolean()),
  origin: v.object({ context: v.string(), server: v.string() }),
  documents: v.record(v.string(), documentSchema),
  nodes: v.array(nodeSchema),
});

export type CaptureManifest = v.InferOutput<typeof manifestSchema>;
export type CaptureDocument = v.InferOutput<typeof documentSchema>;
export type CaptureAnswer = v.InferOutput<typeof answerSchema>;
export type CaptureNode = v.InferOutput<typeof nodeSchema>;

/** Whether JSON text is the manifest of a capture, of whatever version; undefined when it is something else. */
export function parseManifest(text: string, file: string): CaptureManifest | undefined {
  let json: unknown;
  try {
    json = parseJson(text);
  } catch {
    return undefined;
  }
  const head = v.safeParse(v.object({ format: v.literal(captureFormat), schemaVersion: v.string() }), json);
  if (!head.success) return undefined;
  const { schemaVersion } = head.output;
  const major = /^(\d{1,6})\.\d+$/.exec(schemaVersion)?.[1];
  if (major === undefined || Number(major) === 0) {
    throw damaged(file, new Error(`its manifest.json has no known schema version (${visibleName(schemaVersion)})`));
  }
  if (Number(major) > knownMajor) {
    throw new KprError(
      `${visibleName(file)} was written by a newer kubectl-kpr (schema ${visibleName(schemaVersion)}, known is ${captureSchemaVersion})`,
      'Upgrade kubectl-kpr and read it again',
    );
  }
  const manifest = v.safeParse(manifestSchema, json);
  if (manifest.success) return manifest.output;
  const issue = manifest.issues[0];
  throw damaged(
    file,
    new Error(`its manifest.json is not as expected at ${visibleName(v.getDotPath(issue) ?? 'the top')}`),
  );
}
