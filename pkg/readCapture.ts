import { openArchive } from '../src/collect/archive/openArchive.ts';
import { answerNames, documentNames, type RawDocuments, type RawNode } from '../src/model/raw.ts';

/** All that a capture holds. Throws Error for one without documents, KprError for what is no capture. */
export async function readCapture(file: string): Promise<{ documents: RawDocuments; nodes: readonly RawNode[] }> {
  const source = await openArchive(file);
  const nodes: RawNode[] = [];
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
    { documents: (all) => void (documents = all), node: (node) => void nodes.push(node) },
    { nodes: () => {}, nodeStarted: () => {}, nodeDone: () => {} },
  );
  await source.close();
  if (documents === undefined) throw new Error(`${file} holds no documents`);
  return { documents, nodes };
}
