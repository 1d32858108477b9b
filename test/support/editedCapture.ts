import { join } from 'node:path';
import { CaptureWriter } from '../../src/collect/archive/CaptureWriter.ts';
import { openArchive } from '../../src/collect/archive/openArchive.ts';
import type { RawAnswer, RawDocuments, RawNode } from '../../src/model/raw.ts';
import { aPlan } from './aPlan.ts';

export interface CaptureEdits {
  /** The capture to change; the example's unless said otherwise. */
  readonly of?: string;
  readonly takenAt?: string;
  readonly documents?: (documents: RawDocuments) => RawDocuments;
  /** undefined: the node is not in the capture. */
  readonly node?: (node: RawNode) => RawNode | undefined;
}

/**
 * The example's capture, changed, as another file: two nodes with Cilium 1.19.6, and kube-proxy's rules left on both.
 */
export async function writeEdited(file: string, { of, takenAt, documents, node }: CaptureEdits = {}): Promise<string> {
  const source = await openArchive(of ?? join(import.meta.dirname, '../../examples/captures/broken-cluster.kpr'));
  const writer = new CaptureWriter(file, {
    origin: { kind: 'live', context: 'prod-1', server: 'https://172.30.0.1:6443', kubectl: 'kubectl --context=prod-1' },
    takenAt: takenAt ?? source.takenAt,
    toolVersion: '0.0.0',
  });
  await source.read(
    aPlan(),
    {
      documents: (all) => writer.documents(documents === undefined ? all : documents(all)),
      node: async (one) => {
        const recorded = of === undefined ? withNft(one) : one;
        const edited = node === undefined ? recorded : node(recorded);
        if (edited !== undefined) await writer.node(edited);
      },
    },
    { nodes: () => {}, nodeStarted: () => {}, nodeDone: () => {} },
  );
  await writer.finish();
  return file;
}

const tablesOfIptables = ['2', '10']
  .flatMap((family) => ['raw', 'mangle', 'nat', 'filter'].map((name) => `${family} ${name}\n`))
  .join('');

/** The recording is older than this question. */
const withNft = (node: RawNode): RawNode => withAnswer(node, 'nftTables', () => tablesOfIptables);

/** A node with the text of one answer changed. */
export function withAnswer(node: RawNode, name: keyof RawNode['answers'], change: (text: string) => string): RawNode {
  const was = node.answers[name];
  const text = was === undefined || 'missing' in was ? '' : was.text;
  const answer: RawAnswer = { stderr: '', exitCode: 0, command: `kubectl exec … ${name}`, ...was, text: change(text) };
  return { ...node, answers: { ...node.answers, [name]: answer } };
}

export const dumpNames = ['iptablesNft', 'ip6tablesNft', 'iptablesLegacy', 'ip6tablesLegacy'] as const;

/** Every line of the four dumps that passes. */
export const withRules = (node: RawNode, keep: (line: string) => boolean): RawNode =>
  dumpNames.reduce(
    (one, name) =>
      withAnswer(one, name, (text) =>
        text
          .split('\n')
          .filter((line) => keep(line))
          .join('\n'),
      ),
    node,
  );

/** Whether a line is of the chains that kubelet writes, or has nothing to do with kube-proxy. */
export const isNotKubeProxys = (line: string): boolean => !/KUBE-(?!FIREWALL|IPTABLES-HINT|KUBELET-CANARY)/.test(line);
