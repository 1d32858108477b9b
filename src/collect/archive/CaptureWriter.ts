import { randomBytes } from 'node:crypto';
import { existsSync, lstatSync } from 'node:fs';
import { link, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import pLimit from 'p-limit';
import { KprError } from '../../core/KprError.ts';
import { missing } from '../../model/Fact.ts';
import {
  answerNames,
  documentNames,
  type Origin,
  type RawAnswer,
  type RawDocument,
  type RawDocuments,
  type RawNode,
} from '../../model/raw.ts';
import { visibleName } from '../../text/visible.ts';
import type { RawSink } from '../RawSource.ts';
import { redactText } from '../redactText.ts';
import { failureText } from '../../text/failureText.ts';
import {
  captureFormat,
  captureSchemaVersion,
  manifestName,
  type CaptureAnswer,
  type CaptureDocument,
  type CaptureManifest,
  type CaptureNode,
} from './captureManifest.ts';
import { nodeDirectory } from './nodeDirectory.ts';
import { endOfTar, packMember, type PackedFile } from './packTar.ts';
import { redactDocument, redactOutput } from './redactForFile.ts';

const compress = promisify(gzip);

export interface CaptureWriterOptions {
  readonly origin: Origin;
  /** RFC 3339. */
  readonly takenAt: string;
  readonly toolVersion: string;
  /** Whether a file that is there may be replaced. */
  readonly overwrite?: boolean;
  /** Of the file, compressed; what would make it larger is left out, and said to be. undefined: no limit. */
  readonly maxBytes?: number;
}

/** A node's megabytes are there several times while they are packed. */
const packedAtOnce = 3;

/** A compressed piece of the capture, in the spool file. */
interface Piece {
  readonly at: number;
  readonly length: number;
}

/**
 * Writes a capture as answers arrive. Each node is compressed into a gzip member of its own and spooled; at the end the
 * members are put behind the manifest in the order of the nodes' names (a gzip file may have many members), so that the
 * same answers make the same bytes whoever answered first. Nobody sees the target before it is complete.
 */
export class CaptureWriter implements RawSink {
  readonly #file: string;
  readonly #options: CaptureWriterOptions;
  readonly #mtime: Date;
  readonly #turn = pLimit(packedAtOnce);
  readonly #nodes = new Map<string, { readonly piece: Piece; readonly node: CaptureNode }>();
  #documentsPiece: Piece | undefined;
  #manifestDocuments: CaptureManifest['documents'] = allNotCollected();
  #spool: Promise<FileHandle> | undefined;
  #spoolFile: string | undefined;
  #spooled = 0;
  /** Nodes of which nothing was kept because there was no room. */
  readonly leftOut: string[] = [];

  /** Throws KprError when the file is there already, or its folder is not. */
  constructor(file: string, options: CaptureWriterOptions) {
    this.#file = file;
    this.#options = options;
    const taken = new Date(options.takenAt);
    // Before 1980 tools complain, and a time of day that nobody can read must not depend on today.
    this.#mtime = Number.isFinite(taken.getTime())
      ? new Date(Math.floor(taken.getTime() / 1000) * 1000)
      : new Date('2000-01-01T00:00:00Z');
    if (!existsSync(dirname(file))) {
      throw new KprError(
        `The folder of ${visibleName(file)} does not exist`,
        `Create it (mkdir -p) or choose another file`,
      );
    }
    refuseOther(file, options.overwrite === true);
  }

  async documents(documents: RawDocuments): Promise<void> {
    const files: PackedFile[] = [];
    for (const name of documentNames) {
      const { entry, bytes } = toDocument(`cluster/${name}.json`, documents[name], (value) =>
        redactDocument(name, value),
      );
      this.#manifestDocuments[name] = entry;
      if (bytes !== undefined) files.push({ name: `cluster/${name}.json`, bytes });
    }
    this.#documentsPiece = await this.#keep(files);
    if (this.#documentsPiece === undefined) {
      throw new KprError(
        `The objects of the API alone are more than ${inMB(this.#maxBytes)}`,
        'Give more room with --max-size, e.g. --max-size 2G',
      );
    }
  }

  async node(node: RawNode): Promise<void> {
    return this.#turn(async () => this.#pack(node));
  }

  async #pack({ name, answers }: RawNode): Promise<void> {
    const directory = `nodes/${nodeDirectory(name)}`;
    const node: CaptureNode = { name, answers: {} };
    const files: PackedFile[] = [];
    for (const answer of answerNames) {
      const raw = answers[answer];
      if (raw === undefined) continue;
      const file = `${directory}/${answer}.txt`;
      const bytes = Buffer.from('missing' in raw ? '' : redactOutput(answer, raw.text), 'utf8');
      node.answers[answer] = toAnswer(file, raw, bytes.length);
      if (!('missing' in raw)) files.push({ name: file, bytes });
    }
    const piece = await this.#keep(files);
    if (piece !== undefined) this.#nodes.set(name, { piece, node });
    else {
      this.leftOut.push(name);
      this.#nodes.set(name, {
        piece: { at: 0, length: 0 },
        node: { name, answers: withoutRoom(node.answers, this.#maxBytes) },
      });
    }
  }

  /** Puts the file in its place. Gives its size in bytes. Throws KprError when it can't be written. */
  async finish(): Promise<number> {
    const temporary = this.#temporaryName('tmp');
    try {
      const spool = await this.#openSpool();
      const size = await this.#writeAll(temporary, spool);
      refuseOther(this.#file, this.#options.overwrite === true);
      if (this.#options.overwrite === true) await rename(temporary, this.#file);
      else await placeNew(temporary, this.#file);
      return size;
    } catch (error) {
      throw toKprError(this.#file, error);
    } finally {
      await rm(temporary, { force: true }).catch(() => undefined);
      await this.discard();
    }
  }

  /** Lets go of what was spooled; without `finish` before it, nothing was written. */
  async discard(): Promise<void> {
    const spool = this.#spool;
    this.#spool = undefined;
    await spool?.then(async (handle) => handle.close()).catch(() => undefined);
    if (this.#spoolFile !== undefined) await rm(this.#spoolFile, { force: true }).catch(() => undefined);
  }

  async #writeAll(temporary: string, spool: FileHandle): Promise<number> {
    const target = await open(temporary, 'wx', 0o600);
    try {
      const sorted = [...this.#nodes.values()].sort((a, b) => (a.node.name < b.node.name ? -1 : 1));
      const manifest: CaptureManifest = {
        format: captureFormat,
        schemaVersion: captureSchemaVersion,
        tool: { name: 'kubectl-kpr', version: this.#options.toolVersion },
        takenAt: this.#options.takenAt,
        ...(isRedacted(this.#options.origin) && { redacted: true }),
        origin: recordedOrigin(this.#options.origin),
        documents: this.#manifestDocuments,
        nodes: sorted.map(({ node }) => node),
      };
      await target.writeFile(await this.#member([{ name: manifestName, bytes: jsonOf(manifest) }]));
      for (const piece of [this.#documentsPiece, ...sorted.map((node) => node.piece)]) {
        if (piece !== undefined && piece.length > 0) await target.writeFile(await readPiece(spool, piece));
      }
      await target.writeFile(await compress(endOfTar));
      await target.sync();
      return (await target.stat()).size;
    } finally {
      await target.close();
    }
  }

  get #maxBytes(): number {
    return this.#options.maxBytes ?? Number.POSITIVE_INFINITY;
  }

  /** undefined: there is no room for it. */
  async #keep(files: readonly PackedFile[]): Promise<Piece | undefined> {
    if (files.length === 0) return { at: 0, length: 0 };
    const bytes = await this.#member(files);
    if (this.#spooled + bytes.length > this.#maxBytes) return undefined;
    const piece = { at: this.#spooled, length: bytes.length };
    // Several nodes may arrive at a time: each writes to a place of its own.
    this.#spooled += bytes.length;
    try {
      const spool = await this.#openSpool();
      for (let done = 0; done < bytes.length;) {
        const { bytesWritten } = await spool.write(bytes, done, bytes.length - done, piece.at + done);
        done += bytesWritten;
      }
    } catch (error) {
      throw toKprError(this.#file, error);
    }
    return piece;
  }

  async #member(files: readonly PackedFile[]): Promise<Buffer> {
    return packMember(files, this.#mtime);
  }

  async #openSpool(): Promise<FileHandle> {
    this.#spool ??= (async (): Promise<FileHandle> => {
      const file = this.#temporaryName('spool');
      const handle = await open(file, 'wx+', 0o600);
      // Without a name it is gone however this process ends. Windows keeps it until `discard`.
      await rm(file).catch(() => {
        this.#spoolFile = file;
      });
      return handle;
    })();
    return this.#spool;
  }

  #temporaryName(kind: string): string {
    return join(
      dirname(this.#file),
      `.${basename(this.#file).slice(0, 100)}.${randomBytes(6).toString('hex')}.${kind}`,
    );
  }
}

function toDocument(
  file: string,
  document: RawDocument,
  trim: (value: unknown) => unknown,
): { entry: CaptureDocument; bytes?: Uint8Array } {
  if ('missing' in document) return { entry: { missing: document.missing, detail: redactText(document.detail) } };
  const bytes = jsonOf(trim(document.value) ?? null);
  return { entry: { file, bytes: bytes.length, source: redactText(document.source) }, bytes };
}

function toAnswer(file: string, answer: RawAnswer, bytes: number): CaptureAnswer {
  const command = answer.command === undefined ? undefined : redactText(answer.command);
  if ('missing' in answer) {
    const { missing: reason, detail, unheard } = answer;
    return {
      ...missing(reason, redactText(detail)),
      ...(command !== undefined && { command }),
      ...(unheard && { unheard }),
    };
  }
  return { file, bytes, command: command ?? '', exitCode: answer.exitCode, stderr: redactText(answer.stderr) };
}

/** Of a node that had no room: what would have been there. */
const withoutRoom = (answers: CaptureNode['answers'], maxBytes: number): CaptureNode['answers'] =>
  Object.fromEntries(
    Object.entries(answers).map(([name, answer]) => [
      name,
      'missing' in answer
        ? answer
        : {
            ...missing(
              'notCollected',
              `left out: the capture would have been larger than ${inMB(maxBytes)} (--max-size)`,
            ),
            command: answer.command,
          },
    ]),
  );

const inMB = (bytes: number): string => (bytes < 1e6 ? `${bytes} bytes` : `${Math.round(bytes / 1e6)} MB`);

/** What is captured from a redacted capture has its pseudonyms. */
const isRedacted = (origin: Origin): boolean => origin.kind === 'capture' && origin.redacted === true;

/** Which cluster it was, and nothing that opens it. */
function recordedOrigin(origin: Origin): CaptureManifest['origin'] {
  if (origin.kind === 'sysdump') return { context: basename(origin.file), server: '' };
  return { context: origin.context, server: redactText(origin.server) };
}

const allNotCollected = (): CaptureManifest['documents'] =>
  Object.fromEntries(
    documentNames.map((name) => [name, missing('notCollected', 'the capture ended before it was read')]),
  );

const jsonOf = (value: unknown): Buffer => Buffer.from(`${JSON.stringify(value, undefined, 1)}\n`, 'utf8');

async function readPiece(spool: FileHandle, { at, length }: Piece): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  for (let done = 0; done < length;) {
    const { bytesRead } = await spool.read(bytes, done, length - done, at + done);
    if (bytesRead === 0) throw new Error('the temporary file was cut short');
    done += bytesRead;
  }
  return bytes;
}

/** As `rename`, but never over a file that has appeared meanwhile. */
async function placeNew(temporary: string, file: string): Promise<void> {
  try {
    await link(temporary, file);
  } catch (error) {
    if (codeOf(error) === 'EEXIST' || lstatSync(file, { throwIfNoEntry: false }) !== undefined) throw exists(file);
    // Not every file system has hard links.
    await rename(temporary, file);
  }
}

/**
 * Throws KprError when what is there must not be replaced: a device, a pipe or a folder never, a link neither (what it
 * leads to would stay as it was), a file without --overwrite.
 */
function refuseOther(file: string, overwrite: boolean): void {
  const there = lstatSync(file, { throwIfNoEntry: false });
  if (there === undefined) return;
  if (!there.isFile())
    throw new KprError(
      `${visibleName(file)} is ${there.isSymbolicLink() ? 'a link' : 'no regular file'}, so no capture is put in its place`,
      'Choose another name',
    );
  if (!overwrite) throw exists(file);
}

const exists = (file: string): KprError =>
  new KprError(`${visibleName(file)} is there already`, 'Choose another name, or replace it with --overwrite');

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);

const toKprError = (file: string, error: unknown): KprError =>
  error instanceof KprError
    ? error
    : new KprError(
        `${visibleName(file)} can't be written: ${failureText(error)}`,
        'Check the free space and the permissions of its folder, or choose another',
        { cause: error },
      );
