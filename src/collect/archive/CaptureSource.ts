import { parseJson } from '../../text/parseJson.ts';
import { missing, type Missing } from '../../model/Fact.ts';
import {
  answerNames,
  documentNames,
  type AnswerName,
  type DocumentName,
  type Origin,
  type RawAnswer,
  type RawDocument,
  type RawDocuments,
  type RawNode,
} from '../../model/raw.ts';
import { visibleName } from '../../text/visible.ts';
import type { CollectPlan, CollectProgress, RawSink, RawSource } from '../RawSource.ts';
import { whyLeft } from '../runEnd.ts';
import { damaged, notAnArchive, tooLarge } from './archiveErrors.ts';
import { capturedCommand, capturedSource } from './capturedCommand.ts';
import { ByteBudget } from './ByteBudget.ts';
import { manifestName, parseManifest, type CaptureManifest, type CaptureNode } from './captureManifest.ts';
import { archiveLimits, type ArchiveLimits } from './limits.ts';
import { readTar, type TarEntry } from './readTar.ts';
import { failureText } from '../../text/failureText.ts';

/** A capture file: gives back what went in. One pass over the file, one node in memory at a time. */
export class CaptureSource implements RawSource {
  readonly origin: Origin;
  readonly takenAt: string;
  readonly #file: string;
  readonly #manifest: CaptureManifest;
  readonly #limits: ArchiveLimits;
  readonly #fd: number | undefined;

  private constructor(file: string, manifest: CaptureManifest, limits: ArchiveLimits, fd: number | undefined) {
    this.#file = file;
    this.#fd = fd;
    this.#manifest = manifest;
    this.#limits = limits;
    this.takenAt = manifest.takenAt;
    const { context, server } = manifest.origin;
    this.origin = { kind: 'capture', file, context, server, ...(manifest.redacted === true && { redacted: true }) };
  }

  /** Throws KprError when the file is no capture that this version can read. */
  static async open(file: string, limits: ArchiveLimits = archiveLimits): Promise<CaptureSource> {
    const source = await CaptureSource.probe(file, limits);
    if (source === undefined) throw notAnArchive(file, 'no capture of kubectl-kpr');
    return source;
  }

  /**
   * undefined: a tar.gz of another kind. Throws KprError for anything else, or for a capture that can't be read.
   *
   * @param fd where it came by a pipe
   */
  static async probe(
    file: string,
    limits: ArchiveLimits = archiveLimits,
    fd?: number,
  ): Promise<CaptureSource | undefined> {
    for await (const entry of readTar({ file, fd, gzip: true }, new ByteBudget(file, limits))) {
      if (entry.name !== manifestName) return undefined;
      if (entry.size > limits.maxManifestBytes) throw tooLarge(file, 'its manifest.json is too large');
      const manifest = parseManifest((await entry.read()).toString('utf8'), file);
      return manifest === undefined ? undefined : new CaptureSource(file, manifest, limits, fd);
    }
    return undefined;
  }

  async read(plan: CollectPlan, sink: RawSink, progress: CollectProgress): Promise<void> {
    const nodes = this.#manifest.nodes.filter(({ name }) => plan.nodes === undefined || plan.nodes.has(name));
    progress.nodes(nodes.length);
    const documents = new DocumentsInProgress(this.#manifest, plan, this.#file);
    const waiting = new Map(nodes.map((node) => [node.name, new NodeInProgress(node, plan)]));
    const nodeOf = new Map([...waiting.values()].flatMap((node) => node.files.map((file) => [file, node] as const)));

    const emit = async (node: NodeInProgress): Promise<void> => {
      waiting.delete(node.name);
      progress.nodeStarted(node.name);
      await sink.node(node.build());
      progress.nodeDone(node.name);
    };
    let givenDocuments = false;
    const emitDocuments = async (): Promise<void> => {
      if (givenDocuments) return;
      givenDocuments = true;
      await sink.documents(documents.build());
    };

    if (documents.isComplete) await emitDocuments();
    const budget = new ByteBudget(this.#file, this.#limits);
    for await (const entry of readTar({ file: this.#file, fd: this.#fd, gzip: true }, budget)) {
      budget.countEntry();
      if (plan.signal?.aborted) {
        // They stand in the file: it must not be said to hold nothing of them.
        const why = whyLeft(plan.signal);
        if (givenDocuments) for (const node of waiting.values()) await sink.node(node.without(why));
        return;
      }
      if (await documents.take(entry)) {
        if (documents.isComplete) await emitDocuments();
        continue;
      }
      const node = nodeOf.get(entry.name);
      if (node === undefined) continue;
      if (!givenDocuments)
        throw damaged(this.#file, new Error(`${visibleName(entry.name)} stands before the documents of the cluster`));
      // What is complete is released: its texts are megabytes.
      nodeOf.delete(entry.name);
      await node.take(entry);
      if (node.isComplete && waiting.has(node.name)) await emit(node);
      if (waiting.size === 0) return;
    }
    await emitDocuments();
    for (const node of waiting.values()) {
      const lacking = node.firstLacking();
      if (lacking !== undefined) throw damaged(this.#file, new Error(`it ends before ${visibleName(lacking)}`));
      await emit(node);
    }
  }

  async close(): Promise<void> {
    // The file is open during `read` only.
  }
}

/** The documents of a plan, while their files come by. */
class DocumentsInProgress {
  readonly #documents: Partial<Record<DocumentName, RawDocument>> = {};
  readonly #wanted = new Map<
    string,
    { readonly name: DocumentName; readonly source: string; readonly bytes: number | undefined }
  >();
  readonly #file: string;

  constructor({ documents }: CaptureManifest, plan: CollectPlan, file: string) {
    this.#file = file;
    for (const name of documentNames) {
      const entry = documents[name];
      if (!plan.documents.has(name)) this.#documents[name] = notAsked;
      else if (entry === undefined)
        this.#documents[name] = missing('notCollected', `the capture has no cluster/${name}.json`);
      else if ('missing' in entry) this.#documents[name] = entry;
      else this.#wanted.set(entry.file, { name, source: capturedSource(name, entry.source), bytes: entry.bytes });
    }
  }

  get isComplete(): boolean {
    return this.#wanted.size === 0;
  }

  async take(entry: TarEntry): Promise<boolean> {
    const document = this.#wanted.get(entry.name);
    if (document === undefined) return false;
    this.#wanted.delete(entry.name);
    const text = (await entry.read()).toString('utf8');
    const changed = changedSince(entry, document.bytes);
    if (changed !== undefined) {
      this.#documents[document.name] = changed;
      return true;
    }
    try {
      this.#documents[document.name] = { value: parseJson(text), source: document.source };
    } catch (error) {
      this.#documents[document.name] = missing(
        'unparsed',
        `${visibleName(entry.name)} in the capture: ${failureText(error)}`,
      );
    }
    return true;
  }

  build(): RawDocuments {
    const [lacking] = this.#wanted.keys();
    if (lacking !== undefined) throw damaged(this.#file, new Error(`it ends before ${visibleName(lacking)}`));
    return Object.fromEntries(documentNames.map((name) => [name, this.#documents[name] ?? notAsked])) as RawDocuments;
  }
}

/** A node of a plan, while its files come by. */
class NodeInProgress {
  readonly name: string;
  readonly files: readonly string[];
  readonly #answers: Partial<Record<AnswerName, RawAnswer>> = {};
  readonly #wanted = new Map<string, (got: Got | Missing) => void>();

  constructor({ name, answers }: CaptureNode, plan: CollectPlan) {
    this.name = name;
    for (const answer of answerNames) {
      const entry = answers[answer];
      if (entry === undefined || !plan.answers.has(answer)) continue;
      if ('missing' in entry) {
        const { command, ...why } = entry;
        this.#answers[answer] = command === undefined ? why : { ...why, command: capturedCommand(answer, command) };
      } else {
        const { file, bytes, ...others } = entry;
        const command = capturedCommand(answer, entry.command);
        this.#wanted.set(file, (got) => {
          const found = 'missing' in got ? got : (changedSince(got.entry, bytes) ?? { text: got.text, ...others });
          this.#answers[answer] = { ...found, command };
        });
      }
    }
    this.files = [...this.#wanted.keys()];
  }

  get isComplete(): boolean {
    return this.#wanted.size === 0;
  }

  firstLacking(): string | undefined {
    return this.#wanted.keys().next().value;
  }

  async take(entry: TarEntry): Promise<void> {
    const set = this.#wanted.get(entry.name);
    this.#wanted.delete(entry.name);
    set?.({ text: (await entry.read()).toString('utf8'), entry });
  }

  build(): RawNode {
    return { name: this.name, answers: this.#answers };
  }

  /** What of it has not come by yet is missing. */
  without(why: Missing): RawNode {
    for (const set of this.#wanted.values()) set(why);
    return this.build();
  }
}

interface Got {
  readonly text: string;
  readonly entry: TarEntry;
}

/** What was cut between two lines looks as if it were whole. */
const changedSince = ({ name, size }: TarEntry, bytes: number | undefined): Missing | undefined =>
  bytes === undefined || bytes === size
    ? undefined
    : missing('unparsed', `${visibleName(name)} in the capture has ${size} bytes, of ${bytes} that were captured`);

const notAsked: Missing = missing('notCollected', 'no check of this run needs it');
