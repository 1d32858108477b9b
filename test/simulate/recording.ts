import { join } from 'node:path';
import { openArchive } from '../../src/collect/archive/openArchive.ts';
import { answerNames, documentNames, type RawDocuments } from '../../src/model/raw.ts';
import { recordedNode } from './ClusterShape.ts';

/** A healthy cluster with Cilium 1.20 as it was recorded. */
const file = join(import.meta.dirname, '../fixtures/recordings/healthy-1.20.kpr');

export interface Recorded {
  readonly documents: RawDocuments;
  /** What the node that others repeat printed, by the name of the answer. */
  readonly texts: ReadonlyMap<string, string>;
}

export async function readRecorded(): Promise<Recorded> {
  const source = await openArchive(file);
  const texts = new Map<string, string>();
  let documents: RawDocuments | undefined;
  await source.read(
    {
      documents: new Set(documentNames),
      answers: new Set(answerNames),
      nodes: undefined,
      ciliumNamespace: undefined,
      nodeTimeoutMs: 10_000,
      runTimeoutMs: 10_000,
      concurrency: 1,
    },
    {
      documents: (all) => void (documents = all),
      node: ({ name, answers }) => {
        if (name !== recordedNode.name) return;
        for (const [answer, raw] of Object.entries(answers)) if ('text' in raw) texts.set(answer, raw.text);
      },
    },
    { nodes: () => {}, nodeStarted: () => {}, nodeDone: () => {} },
  );
  await source.close();
  if (documents === undefined) throw new Error(`${file} holds no documents`);
  return { documents, texts };
}
