import { join } from 'node:path';
import { openArchive } from '../../../src/collect/archive/openArchive.ts';
import type { RawSource } from '../../../src/collect/RawSource.ts';
import type { RawDocuments, RawNode } from '../../../src/model/raw.ts';
import { aPlan } from '../aPlan.ts';
import type { RawCapture } from '../RawCapture.ts';

const root = join(import.meta.dirname, '../../..');

/** @param file from the top of the project */
export async function recordingOf(file: string): Promise<RawCapture> {
  const source = await openArchive(join(root, file));
  const nodes: RawNode[] = [];
  let documents: RawDocuments | undefined;
  await source.read(
    aPlan(),
    { documents: (all) => void (documents = all), node: (node) => void nodes.push(node) },
    { nodes: () => {}, nodeStarted: () => {}, nodeDone: () => {} },
  );
  if (documents === undefined) throw new Error(`${file} has no documents`);
  return { origin: source.origin, takenAt: source.takenAt, documents, nodes };
}

/** What was recorded, as an archive gives it. */
export const sourceOf = ({ origin, takenAt, documents, nodes }: RawCapture): RawSource => ({
  origin,
  takenAt,
  close: async () => {},
  read: async (plan, sink, progress) => {
    await sink.documents(documents);
    const read = nodes.filter(({ name }) => plan.nodes === undefined || plan.nodes.has(name));
    progress.nodes(read.length);
    for (const node of read) {
      progress.nodeStarted(node.name);
      await sink.node(node);
      progress.nodeDone(node.name);
    }
  },
});
