import type { RawDocuments, RawNode } from '../../../model/raw.ts';
import type { RawSink } from '../../RawSource.ts';
import { type CaptureWriterOptions, CaptureWriter } from '../CaptureWriter.ts';
import { redactedOrigin, RedactingSink } from './RedactingSink.ts';

/** A capture file with pseudonyms in place of what identifies its owner. */
export class RedactedCapture implements RawSink {
  readonly #writer: CaptureWriter;
  readonly #redacting: RedactingSink;

  /** @param key undefined: one of the cluster's own. Throws KprError as CaptureWriter does. */
  constructor(file: string, options: CaptureWriterOptions, key: string | undefined) {
    this.#writer = new CaptureWriter(file, { ...options, origin: redactedOrigin });
    this.#redacting = new RedactingSink(this.#writer, key);
  }

  get leftOut(): readonly string[] {
    return this.#writer.leftOut;
  }

  get redaction(): {
    readonly names: number;
    readonly addresses: number;
    readonly key: 'given' | 'cluster' | 'random';
  } {
    return { ...this.#redacting.replaced, key: this.#redacting.keyOrigin };
  }

  async documents(documents: RawDocuments): Promise<void> {
    await this.#redacting.documents(documents);
  }

  async node(node: RawNode): Promise<void> {
    await this.#redacting.node(node);
  }

  async finish(): Promise<number> {
    return this.#writer.finish();
  }

  async discard(): Promise<void> {
    await this.#writer.discard();
  }
}
