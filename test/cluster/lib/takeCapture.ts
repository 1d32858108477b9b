import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CaptureWriter } from '../../../src/collect/archive/CaptureWriter.ts';
import { openArchive } from '../../../src/collect/archive/openArchive.ts';
import type { CollectPlan } from '../../../src/collect/RawSource.ts';
import { answerNames, documentNames, type RawAnswer, type RawDocument } from '../../../src/model/raw.ts';
import type { Bed } from './Bed.ts';
import { runKpr } from './kpr.ts';
import { objectWithoutMachine, withoutMachine } from './machineTraces.ts';

const everything: CollectPlan = {
  documents: new Set(documentNames),
  answers: new Set(answerNames),
  nodes: undefined,
  ciliumNamespace: undefined,
  nodeTimeoutMs: 60_000,
  runTimeoutMs: 60_000,
  concurrency: 1,
};

/** `kubectl kpr capture` of the bed, written anew without what it says about this machine. */
export async function takeCapture(bed: Bed, name: string, target: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'kpr-record-'));
  try {
    const raw = join(folder, 'raw.kpr');
    const { exitCode, stderr } = await runKpr(bed, ['capture', '-o', raw]);
    if (exitCode !== 0) throw new Error(`capture ended with ${exitCode}: ${stderr}`);
    const source = await openArchive(raw);
    if (source.origin.kind !== 'capture') throw new Error('capture wrote something else');
    const origin = { ...source.origin, context: name };
    const writer = new CaptureWriter(target, {
      origin,
      takenAt: source.takenAt,
      toolVersion: '0.0.0',
      overwrite: true,
    });
    await source.read(
      everything,
      {
        documents: (documents) => {
          const entries = Object.entries(documents).map(([key, document]) => [key, cleanDocument(document)]);
          return writer.documents(Object.fromEntries(entries) as typeof documents);
        },
        node: ({ name, answers }) => {
          const entries = Object.entries(answers).map(([key, answer]) => [key, cleanAnswer(answer)]);
          return writer.node({ name, answers: Object.fromEntries(entries) as typeof answers });
        },
      },
      { nodes: () => {}, nodeStarted: () => {}, nodeDone: () => {} },
    );
    await source.close();
    await writer.finish();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const cleanDocument = (document: RawDocument): RawDocument =>
  'missing' in document ? document : { ...document, value: objectWithoutMachine(document.value) };

const cleanAnswer = (answer: RawAnswer): RawAnswer =>
  'missing' in answer
    ? { ...answer, detail: withoutMachine(answer.detail) }
    : { ...answer, text: withoutMachine(answer.text), stderr: withoutMachine(answer.stderr) };
