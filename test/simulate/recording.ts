import { join } from 'node:path';
import { readCapture } from '../../pkg/readCapture.ts';
import type { RawDocuments } from '../../src/model/raw.ts';
import { recordedNode } from './ClusterShape.ts';

/** A healthy cluster with Cilium 1.20 as it was recorded. */
const file = join(import.meta.dirname, '../fixtures/recordings/healthy-1.20.kpr');

export interface Recorded {
  readonly documents: RawDocuments;
  /** What the node that others repeat printed, by the name of the answer. */
  readonly texts: ReadonlyMap<string, string>;
}

export async function readRecorded(): Promise<Recorded> {
  const { documents, nodes } = await readCapture(file);
  const answers = Object.entries(nodes.find(({ name }) => name === recordedNode.name)?.answers ?? {});
  const texts = new Map(answers.flatMap(([name, answer]) => ('text' in answer ? [[name, answer.text] as const] : [])));
  return { documents, texts };
}
