import { randomBytes } from 'node:crypto';
import type { Service } from '../../../model/kubernetes.ts';
import { documentNames, type Origin, type RawDocument, type RawDocuments, type RawNode } from '../../../model/raw.ts';
import { isKnown } from '../../../model/Fact.ts';
import { DocumentReader } from '../../../parse/DocumentReader.ts';
import type { RawSink } from '../../RawSource.ts';
import { redactDocument, redactOutput } from '../redactForFile.ts';
import { keyOf, Pseudonyms } from './Pseudonyms.ts';
import { redactAnswer } from './redactAnswer.ts';
import { redactCommand } from './redactCommand.ts';
import { redactProse } from './redactFreeText.ts';
import { redactObjects } from './redactObjects.ts';

export type KeyOrigin =
  /** The user's own. */
  | 'given'
  /** Of something that stays the same for as long as the cluster lives. */
  | 'cluster'
  /** Nothing of the kind could be read: another capture will have other pseudonyms. */
  | 'random';

/**
 * Passes on what comes, with pseudonyms in place of what identifies its owner, so that comparisons and checks find the
 * same as before. Documents come first; what they name is recognized in all that follows.
 */
export class RedactingSink implements RawSink {
  readonly #sink: RawSink;
  readonly #given: string | undefined;
  #names: Pseudonyms | undefined;
  #services: readonly Service[] = [];
  #keyOrigin: KeyOrigin = 'given';

  constructor(sink: RawSink, key: string | undefined) {
    this.#sink = sink;
    this.#given = key;
  }

  get keyOrigin(): KeyOrigin {
    return this.#keyOrigin;
  }

  /** How much was replaced until now. */
  get replaced(): { readonly names: number; readonly addresses: number } {
    return { names: this.#names?.names ?? 0, addresses: this.#names?.addresses.replaced ?? 0 };
  }

  async documents(documents: RawDocuments): Promise<void> {
    const { services } = new DocumentReader().read(documents);
    this.#services = isKnown(services) ? services.value : [];
    const names = new Pseudonyms(this.#key());
    this.#names = names;
    const redacted = (): RawDocuments =>
      Object.fromEntries(
        documentNames.map((name) => [name, this.#document(name, documents[name], names)]),
      ) as RawDocuments;
    // The first time only makes every name known: messages name objects that stand further down.
    redacted();
    await this.#sink.documents(redacted());
  }

  async node({ name, answers }: RawNode): Promise<void> {
    const names = this.#names ?? new Pseudonyms(this.#key());
    await this.#sink.node({
      name: names.name(name),
      answers: Object.fromEntries(
        Object.entries(answers).map(([answer, raw]) => {
          const key = answer as keyof RawNode['answers'];
          const plain = 'missing' in raw ? raw : { ...raw, text: redactOutput(key, raw.text) };
          return [answer, redactAnswer(key, plain, names, this.#services)];
        }),
      ),
    });
  }

  #document(name: (typeof documentNames)[number], document: RawDocument, names: Pseudonyms): RawDocument {
    if ('missing' in document) return { ...document, detail: redactProse(document.detail, names) };
    return {
      source: redactCommand(document.source, names),
      // Credentials go first, while the text is what it was.
      value: redactObjects(name, redactDocument(name, document.value), names),
    };
  }

  #key(): Buffer {
    if (this.#given !== undefined) return keyOf(this.#given);
    const uid = this.#services.find(
      ({ metadata }) => metadata.namespace === 'default' && metadata.name === 'kubernetes',
    )?.metadata.uid;
    this.#keyOrigin = uid === undefined ? 'random' : 'cluster';
    return uid === undefined ? randomBytes(32) : keyOf(uid);
  }
}

/** Which cluster it was is not to be seen; that two captures were of one is told by what is in them. */
export const redactedOrigin: Origin = {
  kind: 'capture',
  file: 'redacted',
  context: 'redacted',
  server: '',
  redacted: true,
};
