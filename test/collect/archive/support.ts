import type { RawCapture } from '../../support/RawCapture.ts';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { CollectPlan, RawSource } from '../../../src/collect/RawSource.ts';
import { KprError } from '../../../src/core/KprError.ts';
import { answerNames, documentNames, type RawDocuments, type RawNode } from '../../../src/model/raw.ts';

export const everything: CollectPlan = {
  documents: new Set(documentNames),
  answers: new Set(answerNames),
  nodes: undefined,
  ciliumNamespace: undefined,
  nodeTimeoutMs: 1000,
  runTimeoutMs: 1000,
  concurrency: 1,
};

export const silent = { nodes: (): void => {}, nodeStarted: (): void => {}, nodeDone: (): void => {} };

/** All that a source gives. */
export async function collect(source: RawSource, plan: CollectPlan = everything): Promise<RawCapture> {
  let documents: RawDocuments | undefined;
  const nodes: RawNode[] = [];
  await source.read(
    plan,
    {
      documents: (all) => {
        documents = all;
      },
      node: (node) => {
        if (documents === undefined) throw new Error('a node came before the documents');
        nodes.push(node);
      },
    },
    silent,
  );
  await source.close();
  if (documents === undefined) throw new Error('no documents came');
  return { origin: source.origin, takenAt: source.takenAt, documents, nodes };
}

/** A folder of its own, removed after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'kpr-archive-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function writeTemporary(name: string, content: string | Uint8Array): string {
  const file = join(temporaryFolder(), name);
  writeFileSync(file, content);
  return file;
}

/** The message and the hint of the KprError that it ends in; anything else fails the test. */
export async function kprErrorOf(run: () => Promise<unknown>): Promise<KprError> {
  try {
    await run();
  } catch (error) {
    if (error instanceof KprError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

const fixtures = join(import.meta.dirname, '../../fixtures/archive');
const read = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(join(fixtures, folder)).map((name) => [name, readFileSync(join(fixtures, folder, name), 'utf8')]),
  );

/** Files that collectors wrote on a real cluster, shortened: by name. */
export const sysdumpFiles = (): Record<string, string> => read('sysdump');
export const bugtoolFiles = (): Record<string, string> => read('bugtool');

export const agentPods = { n1: 'cilium-86l67', n2: 'cilium-nh2l5' } as const;
export const timestamp = '20261121-101900';

/** A sysdump as cilium-cli packs it: by path. Changes replace files; undefined removes one. */
export function sysdump(changes: Readonly<Record<string, string | undefined>> = {}): Record<string, string> {
  const root = `cilium-sysdump-${timestamp}`;
  const files: Record<string, string | undefined> = {};
  for (const [name, text] of Object.entries(sysdumpFiles())) files[`${root}/${name}`] = text;
  for (const pod of Object.values(agentPods)) {
    for (const [name, text] of Object.entries(bugtoolFiles())) {
      files[`${root}/cilium-bugtool-${pod}-${timestamp}/cmd/${name}`] = text;
    }
  }
  for (const [path, text] of Object.entries(changes)) files[`${root}/${path}`] = text;
  return Object.fromEntries(Object.entries(files).filter((file): file is [string, string] => file[1] !== undefined));
}

export const inBugtool = (node: keyof typeof agentPods, name: string): string =>
  `cilium-bugtool-${agentPods[node]}-${timestamp}/cmd/${name}`;

export const entriesOf = (files: Readonly<Record<string, string>>): { name: string; content: string }[] =>
  Object.entries(files).map(([name, content]) => ({ name, content }));

export function writeFolder(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder();
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}
